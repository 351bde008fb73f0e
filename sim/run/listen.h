// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "sim/core/result.h"

namespace parallax {

/// Where a server of ours listens.
struct ListenAddress {
  std::string host;  ///< An IPv6 address without its brackets.
  std::uint16_t port = 0;
};

/// "127.0.0.1:8100", "[::1]:8100". Errors (invalid_input): no HOST:PORT; not loopback, without
/// `allow_remote`.
Result<ListenAddress> parse_listen(const std::string& text, bool allow_remote);

}  // namespace parallax
