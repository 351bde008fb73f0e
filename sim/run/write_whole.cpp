// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sim/run/report.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

Error failed(const char* doing, const fs::path& file, int code) {
  return {Error::Kind::io,
          fmt::format("cannot {}: {}", doing, std::generic_category().message(code)),
          file.string()};
}

int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// Writes, syncs where the file can be synced, and closes. 0 or the first errno.
int fill(int descriptor, std::string_view text, bool sync) {
  int code = write_all(descriptor, text);
  if (code == 0 && sync && ::fsync(descriptor) != 0) code = errno;
  if (::close(descriptor) != 0 && code == 0) code = errno;
  return code;
}

/// A pipe, a terminal or /dev/null: no place for a rename, and nothing to keep whole.
Result<void> write_through(const fs::path& file, const std::string& text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return failed("open", file, errno);
  if (const int code = fill(descriptor, text, false); code != 0) return failed("write", file, code);
  return {};
}

/// After this the new name itself survives a crash of the machine. A file system that cannot sync a
/// folder leaves the file whole all the same.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

Result<void> write_whole(const fs::path& file, const std::string& text) {
  std::error_code ignored;
  const fs::file_status status = fs::status(file, ignored);
  if (fs::is_directory(status)) return failed("write", file, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) return write_through(file, text);
  // A link keeps pointing where it points: what is replaced is the file behind it.
  const fs::path target = fs::exists(status) ? fs::canonical(file, ignored) : file;
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const fs::path draft = folder / fmt::format(".{}.{}", target.filename().string(), ::getpid());
  const int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return failed("create", file, errno);
  int code = fill(descriptor, text, true);
  if (code == 0 && ::rename(draft.c_str(), target.c_str()) != 0) code = errno;
  if (code != 0) {
    ::unlink(draft.c_str());
    return failed("write", file, code);
  }
  sync_folder(folder);
  return {};
}

}  // namespace parallax
