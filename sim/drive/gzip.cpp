// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/gzip.h"

#include <zlib.h>

#include <cassert>

namespace parallax {
namespace {

constexpr int level = 1;
constexpr int gzip_window = 15 + 16;  // zlib: 16 more than the window asks for the gzip wrapper
constexpr int memory_level = 8;
constexpr std::size_t plain_max = std::size_t{1} << 31U;

}  // namespace

void Gzip::Deleter::operator()(z_stream_s* stream) const {
  deflateEnd(stream);
  delete stream;  // NOLINT: made by the unique_ptr's own make below
}

Gzip::Gzip() : stream_(new z_stream_s{}) {
  const int made =
      deflateInit2(stream_.get(), level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY);
  assert(made == Z_OK);
  static_cast<void>(made);
}

void Gzip::compress(std::string_view plain, std::string& out) {
  assert(plain.size() < plain_max);
  deflateReset(stream_.get());
  out.resize(deflateBound(stream_.get(), plain.size()));
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream_->avail_in = static_cast<uInt>(plain.size());
  stream_->next_out = reinterpret_cast<Bytef*>(out.data());
  stream_->avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(stream_.get(), Z_FINISH);
  assert(ended == Z_STREAM_END);
  static_cast<void>(ended);
  out.resize(stream_->total_out);
}

}  // namespace parallax
