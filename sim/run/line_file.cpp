// SPDX-License-Identifier: Apache-2.0
#include "sim/run/line_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace parallax {
namespace {

Error io_error(int code, const char* doing, const std::filesystem::path& file) {
  return {Error::Kind::io,
          std::string("cannot ") + doing + ": " + std::generic_category().message(code),
          file == "-" ? "standard output" : file.string()};
}

std::filesystem::path part_of(const std::filesystem::path& file) { return file.string() + ".part"; }

}  // namespace

Result<ByteFile> ByteFile::open(const std::filesystem::path& file) {
  if (file == "-") return ByteFile(file, STDOUT_FILENO);
  const int descriptor =
      ::open(part_of(file).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return io_error(errno, "create", file);
  return ByteFile(file, descriptor);
}

ByteFile::ByteFile(ByteFile&& other) noexcept
    : file_(std::move(other.file_)), at_(std::exchange(other.at_, -1)), bytes_(other.bytes_) {}

ByteFile::~ByteFile() {
  if (at_ > STDERR_FILENO) ::close(at_);
}

Result<void> ByteFile::write(std::string_view bytes) {
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const ssize_t written = ::write(at_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error(errno, "write", file_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> ByteFile::close() {
  if (file_ == "-") return {};
  if (::close(std::exchange(at_, -1)) != 0) return io_error(errno, "close", file_);
  std::error_code code;
  std::filesystem::rename(part_of(file_), file_, code);
  if (code) return io_error(code.value(), "rename", file_);
  return {};
}

}  // namespace parallax
