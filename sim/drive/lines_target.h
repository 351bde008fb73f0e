// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "sim/drive/target.h"

namespace parallax {

/// A target that takes events as NDJSON lines and answers nothing: what is written is accepted, a
/// strike has the outcome it would have on a wire. A batch cut in the middle leaves no line,
/// because a collector that cannot parse a body keeps nothing of it. Capacity 1.
class LinesTarget : public Target {
 public:
  void start(SendRequest request) final;
  SendResult wait() final;
  std::size_t in_flight() const final { return done_ ? 1 : 0; }
  std::size_t capacity() const final { return 1; }

 protected:
  /// Writes whole lines. The first Error stands for all that comes after it.
  virtual Result<void> put(std::string_view lines) = 0;
  /// That Error, or success so far.
  Result<void> so_far() const { return failed_ ? Result<void>(*failed_) : Result<void>(); }

 private:
  void write(std::string_view body, SendResult& result);

  std::optional<Error> failed_;
  std::optional<SendResult> done_;
  std::string lines_;  ///< Reused.
};

}  // namespace parallax
