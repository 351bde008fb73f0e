// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace parallax {

/// Compresses bodies as gzip, level 1: a load generator has no time for the last per cent. Keeps
/// its state between calls, so that none is allocated a second time. Not thread-safe.
class Gzip {
 public:
  Gzip();
  /// Replaces `out` by `plain` compressed. Precondition: plain.size() < 2^31.
  void compress(std::string_view plain, std::string& out);

 private:
  struct Deleter {
    void operator()(z_stream_s* stream) const;
  };
  std::unique_ptr<z_stream_s, Deleter> stream_;
};

}  // namespace parallax
