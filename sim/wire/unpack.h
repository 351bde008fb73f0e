// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sim/core/result.h"

namespace parallax {

/// Whether a body is gzip by its first bytes: SDKs send it so, and say so in no header.
bool looks_packed(const std::string& body);
/// Replaces `body` by what it is packed of. Errors: no gzip, cut short, or something behind it
/// (protocol); more than `bytes_max` bytes (invalid_input). Afterwards `body` is of no use.
Result<void> unpack(std::string& body, std::size_t bytes_max);

}  // namespace parallax
