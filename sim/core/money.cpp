// SPDX-License-Identifier: Apache-2.0
#include "sim/core/money.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

#include "sim/core/digits.h"

namespace parallax {
namespace {

__extension__ using Wide = __int128;

struct CurrencyExponent {
  std::string_view code;
  int exponent;
};
/// ISO 4217, the active codes whose exponent is not 2.
constexpr std::array exceptions{
    CurrencyExponent{"BHD", 3}, CurrencyExponent{"BIF", 0}, CurrencyExponent{"CLF", 4},
    CurrencyExponent{"CLP", 0}, CurrencyExponent{"DJF", 0}, CurrencyExponent{"GNF", 0},
    CurrencyExponent{"IQD", 3}, CurrencyExponent{"ISK", 0}, CurrencyExponent{"JOD", 3},
    CurrencyExponent{"JPY", 0}, CurrencyExponent{"KMF", 0}, CurrencyExponent{"KRW", 0},
    CurrencyExponent{"KWD", 3}, CurrencyExponent{"LYD", 3}, CurrencyExponent{"OMR", 3},
    CurrencyExponent{"PYG", 0}, CurrencyExponent{"RWF", 0}, CurrencyExponent{"TND", 3},
    CurrencyExponent{"UGX", 0}, CurrencyExponent{"UYI", 0}, CurrencyExponent{"UYW", 4},
    CurrencyExponent{"VND", 0}, CurrencyExponent{"VUV", 0}, CurrencyExponent{"XAF", 0},
    CurrencyExponent{"XOF", 0}, CurrencyExponent{"XPF", 0},
};

constexpr std::array<std::uint64_t, 5> powers_of_ten{1, 10, 100, 1'000, 10'000};
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `value * 10 + digit` unless that exceeds 64 bits.
bool append_digit(std::uint64_t& value, char digit) {
  return !__builtin_mul_overflow(value, std::uint64_t{10}, &value) &&
         !__builtin_add_overflow(value, static_cast<std::uint64_t>(digit - '0'), &value);
}

}  // namespace

int currency_exponent(std::string_view code) {
  const auto* found = std::find_if(exceptions.begin(), exceptions.end(),
                                   [code](const CurrencyExponent& e) { return e.code == code; });
  return found != exceptions.end() ? found->exponent : 2;
}

char* write_money(std::int64_t minor, int exponent, char* out) {
  assert(exponent >= 0 && exponent <= 4);
  const std::uint64_t magnitude =
      minor < 0 ? 0 - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor);
  if (minor < 0) *out++ = '-';
  if (exponent == 0) return write_decimal(magnitude, out);
  if (exponent == 2) {  // most currencies: divisions by a constant are multiplications
    out = write_decimal(magnitude / 100, out);
    *out++ = '.';
    return write_pair(static_cast<std::uint32_t>(magnitude % 100), out);
  }
  const std::uint64_t unit = powers_of_ten[static_cast<std::size_t>(exponent)];
  out = write_decimal(magnitude / unit, out);
  *out++ = '.';
  std::uint64_t rest = magnitude % unit;
  for (char* digit = out + exponent; digit != out; rest /= 10)
    *--digit = static_cast<char>('0' + rest % 10);
  return out + exponent;
}

std::string format_money(std::int64_t minor, int exponent) {
  std::array<char, 24> buffer;
  return {buffer.data(), write_money(minor, exponent, buffer.data())};
}

std::optional<std::int64_t> parse_money(std::string_view text, int exponent) {
  assert(exponent >= 0 && exponent <= 4);
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = point < text.size() ? text.substr(point + 1) : "";
  const bool dangling_point = point < text.size() && decimals.empty();
  if (whole.empty() || dangling_point) return std::nullopt;
  if (!std::all_of(whole.begin(), whole.end(), is_digit)) return std::nullopt;
  if (!std::all_of(decimals.begin(), decimals.end(), is_digit)) return std::nullopt;

  std::uint64_t magnitude = 0;
  for (const char digit : whole)
    if (!append_digit(magnitude, digit)) return std::nullopt;
  const auto places = static_cast<std::size_t>(exponent);
  for (std::size_t i = 0; i < places; ++i)
    if (!append_digit(magnitude, i < decimals.size() ? decimals[i] : '0')) return std::nullopt;
  for (std::size_t i = places; i < decimals.size(); ++i)
    if (decimals[i] != '0') return std::nullopt;

  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  if (magnitude > largest + (negative ? 1U : 0U)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

std::int64_t scale_money(std::int64_t amount, std::int64_t numerator, std::int64_t denominator) {
  assert(denominator > 0);
  const Wide product = static_cast<Wide>(amount) * numerator;
  const Wide half = product < 0 ? -(denominator / 2) : denominator / 2;
  // An odd denominator has no exact half, so cutting its half to a whole number decides nothing.
  const Wide rounded = (product + half) / denominator;
  assert(rounded >= std::numeric_limits<std::int64_t>::min() &&
         rounded <= std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(rounded);
}

}  // namespace parallax
