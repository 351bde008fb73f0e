// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "sim/core/result.h"

namespace parallax {

/// A folder below the system's temporary one, for this user alone, removed with everything in it.
class ScratchFolder {
 public:
  /// Errors: the system's temporary folder takes none.
  static Result<ScratchFolder> make();
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&& other) = delete;
  ~ScratchFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace parallax
