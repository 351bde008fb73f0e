// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/dialects.h"

#include <charconv>
#include <limits>

#include "sim/wire/codes.h"

namespace parallax {

std::optional<SimTime> milliseconds_of(std::string_view digits) {
  std::int64_t whole = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, whole);
  const bool fraction = stop != end && *stop == '.';
  constexpr std::int64_t most = std::numeric_limits<Micros>::max() / millisecond;
  if (error != std::errc() || (stop != end && !fraction) || whole > most || whole < -most)
    return std::nullopt;
  return SimTime{whole * millisecond};
}

std::string basic_user(std::string_view authorization) {
  constexpr std::string_view scheme = "Basic ";
  if (!authorization.starts_with(scheme)) return {};
  const std::string pair = base64_decoded(authorization.substr(scheme.size())).value_or("");
  return pair.substr(0, pair.find(':'));
}

std::optional<SimTime> time_of(JsonValue value) {
  if (value.is(TokenKind::string)) return parse_rfc3339(value.text());
  if (value.is(TokenKind::number)) return milliseconds_of(value.text());
  return std::nullopt;
}

}  // namespace parallax
