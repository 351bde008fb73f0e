// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "sim/core/result.h"

namespace parallax {

struct ListenAddress {
  std::string host;  ///< An IPv6 address without its brackets.
  std::uint16_t port = 0;
};

/// Reads `--listen`: "127.0.0.1:8100", "[::1]:8100". Errors: it is none, or not loopback although
/// `allow_remote` does not say that it may be.
Result<ListenAddress> listen_address(const std::string& text, bool allow_remote);

}  // namespace parallax
