// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"

namespace parallax::serve {

/// A file of lines, each on the disk before `append` returns: what a test was told to be declared
/// survives a crash of this process and of the machine. Not thread-safe.
class DeclaredLog {
 public:
  /// A new file and its folder. Errors: it exists, or cannot be written.
  static Result<DeclaredLog> create(const std::filesystem::path& file);
  /// An existing one, whose whole lines go to `lines`. A last line without an end was never
  /// acknowledged, and is cut off.
  static Result<DeclaredLog> open(const std::filesystem::path& file,
                                  std::vector<std::string>& lines);
  DeclaredLog(DeclaredLog&& other) noexcept;
  DeclaredLog& operator=(DeclaredLog&& other) noexcept;
  ~DeclaredLog();

  /// `line` without its end. Errors are sticky: after one nothing more is appended, since the file
  /// may end in half a line.
  Result<void> append(std::string_view line);

 private:
  DeclaredLog(std::filesystem::path file, int descriptor)
      : file_(std::move(file)), descriptor_(descriptor) {}
  std::filesystem::path file_;
  int descriptor_ = -1;
  bool broken_ = false;
};

}  // namespace parallax::serve
