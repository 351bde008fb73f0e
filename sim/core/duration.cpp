// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cstdint>

#include "sim/core/time.h"

namespace parallax {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t micros;
};
constexpr std::array<Unit, 7> units{{{"w", 7 * day},
                                     {"d", day},
                                     {"h", hour},
                                     {"m", minute},
                                     {"s", second},
                                     {"ms", millisecond},
                                     {"us", 1}}};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A run of digits at the front of `text`, taken off it. Nothing without digits or beyond 64 bits.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// The unit at the front of `text`, taken off it; its index in `units`.
std::optional<std::size_t> take_unit(std::string_view& text) {
  std::size_t letters = 0;
  while (letters < text.size() && !is_digit(text[letters])) ++letters;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (units[i].name != text.substr(0, letters)) continue;
    text.remove_prefix(letters);
    return i;
  }
  return std::nullopt;
}

/// The digits after a decimal point, as a share of `unit`. Nothing unless it is whole microseconds.
std::optional<std::uint64_t> exact_fraction(std::string_view digits, std::uint64_t unit) {
  while (!digits.empty() && digits.back() == '0') digits.remove_suffix(1);
  std::uint64_t sum = 0;
  for (const char digit : digits) {
    if (unit % 10 != 0) return std::nullopt;
    unit /= 10;
    sum += static_cast<std::uint64_t>(digit - '0') * unit;
  }
  return sum;
}

/// Adds `count * unit` unless that exceeds 64 bits.
bool add_scaled(std::uint64_t count, std::uint64_t unit, std::uint64_t& sum) {
  std::uint64_t product = 0;
  return !__builtin_mul_overflow(count, unit, &product) &&
         !__builtin_add_overflow(sum, product, &sum);
}

/// Sum of the parts of a duration without its sign, in microseconds.
std::optional<std::uint64_t> parse_magnitude(std::string_view text) {
  std::uint64_t sum = 0;
  std::size_t parts = 0, smallest = 0;
  std::string_view fraction;
  for (; !text.empty(); ++parts) {
    const std::optional<std::uint64_t> count = take_number(text);
    if (!count) return std::nullopt;
    if (!text.empty() && text.front() == '.') {
      std::size_t digits = 1;
      while (digits < text.size() && is_digit(text[digits])) ++digits;
      fraction = text.substr(1, digits - 1);
      if (fraction.empty()) return std::nullopt;
      text.remove_prefix(digits);
    }
    const std::optional<std::size_t> unit = take_unit(text);
    if (!unit || (parts > 0 && *unit <= smallest)) return std::nullopt;
    smallest = *unit;
    if (!add_scaled(*count, units[*unit].micros, sum)) return std::nullopt;
  }
  if (parts == 0 || (parts > 1 && !fraction.empty())) return std::nullopt;
  const std::optional<std::uint64_t> rest = exact_fraction(fraction, units[smallest].micros);
  if (!rest || !add_scaled(*rest, 1, sum)) return std::nullopt;
  return sum;
}

}  // namespace

std::optional<Micros> parse_duration(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::optional<std::uint64_t> magnitude = parse_magnitude(text);
  constexpr std::uint64_t largest = std::numeric_limits<Micros>::max();
  if (!magnitude || *magnitude > largest + (negative ? 1U : 0U)) return std::nullopt;
  return static_cast<Micros>(negative ? 0 - *magnitude : *magnitude);
}

std::string format_duration(Micros d) {
  if (d == 0) return "0s";
  std::string out = d < 0 ? "-" : "";
  std::uint64_t left = d < 0 ? 0 - static_cast<std::uint64_t>(d) : static_cast<std::uint64_t>(d);
  for (const Unit& unit : units) {
    if (unit.name == "w" || left < unit.micros) continue;  // "14d" reads better than "2w".
    out += std::to_string(left / unit.micros);
    out += unit.name;
    left %= unit.micros;
  }
  return out;
}

}  // namespace parallax
