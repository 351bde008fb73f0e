// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/core/result.h"

namespace parallax {

/// The parts of an http or https URL that a request needs.
struct Url {
  bool tls = false;
  std::string host;         ///< Name or address, an IPv6 address without its brackets.
  std::uint16_t port = 80;  ///< 443 for https where none is written.
  std::string target;       ///< Path and query, "/" at least.

  /// What the Host header says: the port only where it is not the scheme's own.
  std::string authority() const;
};

/// Errors (invalid_input, without the URL's text, which may hold a secret): another scheme, no
/// host, a port outside 1..65535, user information, blanks or control characters. A fragment is cut
/// off.
Result<Url> parse_url(std::string_view text);

}  // namespace parallax
