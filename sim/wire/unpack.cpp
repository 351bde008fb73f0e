// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/unpack.h"

#include <zlib.h>

#include <array>

namespace parallax {
namespace {

constexpr int gzip_window = 15 + 16;

/// zlib's state, ended with its scope.
class Inflation {
 public:
  Inflation() { ready_ = ::inflateInit2(&stream_, gzip_window) == Z_OK; }
  ~Inflation() {
    if (ready_) ::inflateEnd(&stream_);
  }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

bool looks_packed(const std::string& body) { return body.starts_with("\x1f\x8b\x08"); }

Result<void> unpack(std::string& body, std::size_t bytes_max) {
  Inflation inflation;
  if (!inflation.ready()) return Error{Error::Kind::io, "zlib has no memory", {}};
  z_stream& stream = inflation.stream();
  stream.next_in = reinterpret_cast<Bytef*>(body.data());
  stream.avail_in = static_cast<uInt>(body.size());
  std::string plain;
  std::array<char, 1U << 14> page;
  int code = Z_OK;
  while (code == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(page.data());
    stream.avail_out = static_cast<uInt>(page.size());
    code = ::inflate(&stream, Z_NO_FLUSH);
    plain.append(page.data(), page.size() - stream.avail_out);
    if (plain.size() > bytes_max)
      return Error{Error::Kind::invalid_input, "the unpacked body is too long", {}};
  }
  if (code != Z_STREAM_END || stream.avail_in != 0)
    return Error{Error::Kind::protocol, "the body is broken gzip", {}};
  body = std::move(plain);
  return {};
}

}  // namespace parallax
