// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace parallax {

/// A decimal number in millionths, rounded: how fields of type `number` are compared. Nothing where
/// the text is none or has too many digits.
std::optional<std::int64_t> parse_millionths(std::string_view text);

}  // namespace parallax
