// SPDX-License-Identifier: Apache-2.0
#include "sim/core/ratio.h"

#include <charconv>
#include <string>

namespace parallax {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits of a decimal text without its point, and where the point stands: value = 0.DIGITS *
/// 10^point. Leading zeros are gone, so that no digits is zero.
struct Decimal {
  std::string digits;
  int point = 0;
};

/// "1e-3": reads the exponent after the letter. Beyond +-9'999 is no share anybody means.
std::optional<int> parse_exponent(std::string_view text) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
  }
  int value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last || value < -9'999 || value > 9'999) return std::nullopt;
  return value;
}

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal out;
  if (const std::size_t letter = text.find_first_of("eE"); letter != std::string_view::npos) {
    const std::optional<int> exponent = parse_exponent(text.substr(letter + 1));
    if (!exponent) return std::nullopt;
    out.point = *exponent;
    text = text.substr(0, letter);
  }
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals =
      point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && decimals.empty())) return std::nullopt;
  out.point += static_cast<int>(whole.size());
  for (const std::string_view part : {whole, decimals}) {
    for (const char c : part) {
      if (!is_digit(c)) return std::nullopt;
      if (out.digits.empty() && c == '0') {
        --out.point;
      } else {
        out.digits += c;
      }
    }
  }
  return out;
}

}  // namespace

std::optional<Ratio> parse_ratio(std::string_view text) {
  const bool per_cent = !text.empty() && text.back() == '%';
  if (per_cent) text.remove_suffix(1);
  const std::optional<Decimal> decimal = parse_decimal(text);
  if (!decimal) return std::nullopt;
  if (decimal->digits.empty()) return Ratio::zero();
  const int parts_digits = decimal->point + 9 - (per_cent ? 2 : 0);  // digits of parts per billion
  if (parts_digits > 10) return std::nullopt;
  std::uint64_t parts = 0;
  bool beyond = false;  // digits finer than a part per billion, other than 0
  for (int i = 0; i < static_cast<int>(decimal->digits.size()) || i < parts_digits; ++i) {
    const bool written = i < static_cast<int>(decimal->digits.size());
    const char digit = written ? decimal->digits[static_cast<std::size_t>(i)] : '0';
    if (i < parts_digits) parts = parts * 10 + static_cast<std::uint64_t>(digit - '0');
    beyond = beyond || (i >= parts_digits && digit != '0');
  }
  if (parts > Ratio::one || (parts == Ratio::one && beyond)) return std::nullopt;
  const bool round_up = parts_digits >= 0 &&
                        parts_digits < static_cast<int>(decimal->digits.size()) &&
                        decimal->digits[static_cast<std::size_t>(parts_digits)] >= '5';
  return Ratio{static_cast<std::uint32_t>(parts + (round_up ? 1 : 0))};
}

std::string format_ratio(Ratio r) {
  constexpr std::uint32_t parts_per_cent = Ratio::one / 100;
  std::string out = std::to_string(r.parts / parts_per_cent);
  if (const std::uint32_t rest = r.parts % parts_per_cent; rest != 0) {
    std::string decimals = std::to_string(rest + parts_per_cent);  // a leading 1 keeps the zeros
    decimals.erase(decimals.find_last_not_of('0') + 1);
    out += '.' + decimals.substr(1);
  }
  return out + '%';
}

}  // namespace parallax
