// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/declared_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace parallax::serve {
namespace fs = std::filesystem;
namespace {

Error failed(std::string_view doing, const fs::path& file, int code) {
  return {Error::Kind::io,
          fmt::format("cannot {}: {}", doing, std::generic_category().message(code)),
          file.string()};
}

/// The names in it survive a crash of the machine.
int sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int code = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return code;
}

}  // namespace

DeclaredLog::DeclaredLog(DeclaredLog&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      broken_(other.broken_) {}

DeclaredLog& DeclaredLog::operator=(DeclaredLog&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(broken_, other.broken_);
  return *this;
}

DeclaredLog::~DeclaredLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<DeclaredLog> DeclaredLog::create(const fs::path& file) {
  std::error_code code;
  fs::create_directories(file.parent_path(), code);
  if (code) return failed("make the folder", file.parent_path(), code.value());
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) return failed("create", file, errno);
  DeclaredLog log(file, descriptor);
  for (const fs::path& folder : {file.parent_path(), file.parent_path().parent_path()})
    if (const int error = sync_folder(folder); error != 0) return failed("sync", folder, error);
  return log;
}

Result<DeclaredLog> DeclaredLog::open(const fs::path& file, std::vector<std::string>& lines) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return failed("read", file, errno);
  std::size_t from = 0;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', from)) {
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) return failed("open", file, errno);
  DeclaredLog log(file, descriptor);
  if (from < text.size() && ::ftruncate(descriptor, static_cast<off_t>(from)) != 0)
    return failed("cut the torn end", file, errno);
  return log;
}

Result<void> DeclaredLog::append(std::string_view line) {
  if (broken_) return Error{Error::Kind::io, "an earlier write failed", file_.string()};
  const std::string whole = std::string(line) + '\n';
  std::string_view rest = whole;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    broken_ = written < 0;
    if (broken_) return failed("write", file_, errno);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  broken_ = ::fdatasync(descriptor_) != 0;
  if (broken_) return failed("sync", file_, errno);
  return {};
}

}  // namespace parallax::serve
