// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "sim/core/result.h"

namespace parallax {

/// Bytes kept by part until they are wanted part by part: in memory up to a budget, in one file
/// beyond it. The file is unlinked as soon as it is open, so that nothing is left behind however
/// the process ends.
class SpillStore {
 public:
  /// `folder`: where the file is made once the budget is used up. `memory_max` in bytes.
  SpillStore(std::size_t parts, std::filesystem::path folder, std::size_t memory_max);
  SpillStore(SpillStore&&) noexcept;
  SpillStore& operator=(SpillStore&&) noexcept;
  ~SpillStore();

  /// Keeps a copy of the chunk for the part. A part's chunks come back by `order`, those of equal
  /// order as they were added. Safe from several threads. Errors: the disk is full.
  Result<void> add(std::size_t part, std::uint32_t order, std::string_view chunk);
  /// Hands each chunk of the part to `use`. Safe from several threads once all is added. Errors:
  /// the file cannot be read; what `use` returns.
  Result<void> read(std::size_t part,
                    const std::function<Result<void>(std::string_view chunk)>& use) const;
  std::uint64_t spilled() const;  ///< Bytes in the file.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace parallax
