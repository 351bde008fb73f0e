// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "sim/drive/lines_target.h"

namespace parallax {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

Error io_error(const std::string& what, const std::string& path) {
  return {Error::Kind::io, what + ": " + std::generic_category().message(errno), path};
}

class FileTarget final : public LinesTarget {
 public:
  FileTarget(std::string path, File file) : path_(std::move(path)), file_(std::move(file)) {}

  Result<void> close() override {
    const bool closed = !file_ || std::fclose(file_.release()) == 0;
    if (Result<void> written = so_far(); !written) return written;
    return closed ? Result<void>() : io_error("cannot write", path_);
  }

 private:
  Result<void> put(std::string_view lines) override {
    assert(file_);  // not after close
    if (std::fwrite(lines.data(), 1, lines.size(), file_.get()) == lines.size()) return {};
    return io_error("cannot write", path_);
  }

  const std::string path_;
  File file_;
};

}  // namespace

Result<std::unique_ptr<Target>> make_file_target(const std::string& path) {
  File file(std::fopen(path.c_str(), "ab"));
  if (!file) return io_error("cannot open for writing", path);
  return std::unique_ptr<Target>(std::make_unique<FileTarget>(path, std::move(file)));
}

}  // namespace parallax
