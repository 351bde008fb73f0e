// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/result.h"
#include "sim/core/time.h"

namespace parallax {

/// A command of the user's, run by /bin/sh in a process group of its own, with a pipe to its input
/// or from its output. Every wait is bounded; destroyed while it runs, the whole group is killed.
class Subprocess {
 public:
  enum class Pipe { input, output };
  /// `environment` is added to ours. Errors (io): no process could be started.
  static Result<Subprocess> start(
      const std::string& command, Pipe pipe,
      const std::vector<std::pair<std::string, std::string>>& environment = {});
  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&& other) noexcept;
  ~Subprocess();

  /// Writes all of `bytes`. Errors: io, it reads no more; timeout, it took nothing for so long.
  Result<void> write(std::string_view bytes, Micros timeout);
  /// The next bytes of its output, at most 64 KiB, valid until the next call; empty at the end.
  Result<std::string_view> read(Micros timeout);
  /// Closes the pipe and waits for the end: the exit code, or 128 + the signal. Errors: timeout.
  Result<int> finish(Micros timeout);
  /// The end of what it said on standard error, as one line of at most 300 bytes.
  std::string complaint() const;

 private:
  Subprocess(pid_t pid, int pipe, int errors) : pid_(pid), pipe_(pipe), errors_(errors) {}
  void kill_and_reap();

  pid_t pid_ = -1;  ///< -1: ended and reaped.
  int pipe_ = -1;
  int errors_ = -1;  ///< An unlinked file that takes its standard error.
  std::string buffer_;
};

}  // namespace parallax
