// SPDX-License-Identifier: Apache-2.0
#include "sim/core/millionths.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace parallax {

std::optional<std::int64_t> parse_millionths(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  const double millionths = std::round(value * 1e6);
  if (!(std::abs(millionths) < 9.2e18)) return std::nullopt;
  return static_cast<std::int64_t>(millionths);
}

}  // namespace parallax
