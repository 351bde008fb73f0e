// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parallax {

/// Decimal places of an ISO 4217 currency: 2 for most, 0 for JPY, 3 for KWD. Unknown codes have 2.
int currency_exponent(std::string_view code);

/// Money is a whole number of minor units inside (999 = 9.99 USD = 999 JPY = 0.999 KWD) and a
/// decimal with the currency's exponent on the wire.
/// Writes at most 24 characters and returns the end; `exponent` is 0..4.
char* write_money(std::int64_t minor, int exponent, char* out);
std::string format_money(std::int64_t minor, int exponent);

/// Reads a decimal text ("9.99", "-10", "175.0000", "1e2" is refused) as minor units. Nothing when
/// the text is no decimal, does not fit 64 bits, or has non-zero digits beyond the exponent: money
/// is never rounded silently.
std::optional<std::int64_t> parse_money(std::string_view text, int exponent);

/// `amount * numerator / denominator`, rounded half up away from zero (commercial rounding).
/// Precondition: denominator > 0.
std::int64_t scale_money(std::int64_t amount, std::int64_t numerator, std::int64_t denominator);

}  // namespace parallax
