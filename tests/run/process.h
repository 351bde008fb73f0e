// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

/// Helpers for tests that use the built program as people do.
namespace parallax::test {

struct Output {
  int code = -1;    ///< Exit code, or 128 + signal.
  std::string out;  ///< Standard output.
  std::string err;  ///< Standard error.
};

/// Runs the built `parallax` with `words` (no shell), in the folder `cwd`. Bounded by 5 minutes.
Output parallax(const std::vector<std::string>& words, const std::filesystem::path& cwd = ".");
/// Runs a shell command line in `cwd`; $PARALLAX is the program.
Output shell(const std::string& command, const std::filesystem::path& cwd = ".");

/// A folder below the system's temporary one, removed at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);
/// A file of the repository.
std::filesystem::path source(const std::string& path);

}  // namespace parallax::test
