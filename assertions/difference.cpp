// SPDX-License-Identifier: Apache-2.0
#include "assertions/difference.h"

#include <algorithm>

#include "sim/core/money.h"
#include "sim/core/prng.h"

namespace parallax::difference {
namespace {

constexpr Micros time_tolerance = millisecond;
constexpr Micros zone_step = 15 * minute, zone_most = 14 * hour;

/// Units that are mixed up are at most so many times apart.
constexpr std::int64_t unit_most = 10'000;

bool is_unit(std::int64_t a, std::int64_t b) {
  if (a == 0 || b == 0) return false;
  for (std::int64_t unit = 10; unit <= unit_most; unit *= 10)
    if ((a % unit == 0 && a / unit == b) || (b % unit == 0 && b / unit == a)) return true;
  return false;
}

bool is_rounded(std::int64_t sent, std::int64_t stated) {
  const std::int64_t off = sent < stated ? stated - sent : sent - stated;
  if (off == 1) return true;
  for (std::int64_t digit = 10; digit <= 1'000; digit *= 10)
    if (stated != 0 && stated % digit == 0 && off < digit) return true;
  return false;
}

bool is_cut(SimTime sent, SimTime stated) {
  return std::ranges::any_of(std::initializer_list<Micros>{second, minute, hour, day},
                             [&](Micros unit) { return sent.floor(unit) == stated; });
}

bool is_zone(SimTime sent, SimTime stated) {
  const Micros off = sent < stated ? stated - sent : sent - stated;
  const Micros beside = off % zone_step;
  return off + time_tolerance >= zone_step && off <= zone_most + time_tolerance &&
         std::min(beside, zone_step - beside) <= time_tolerance;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string in_capitals(std::string_view text, Capitals capitals) {
  constexpr auto bit = static_cast<unsigned>('a' ^ 'A');
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!is_letter(out[i])) continue;
    const bool begins = i == 0 || (capitals == Capitals::of_words && !is_letter(out[i - 1]));
    const bool capital = capitals == Capitals::all || (capitals != Capitals::none && begins);
    const auto c = static_cast<unsigned char>(out[i]);
    out[i] = static_cast<char>(capital ? c & ~bit : c | bit);
  }
  return out;
}

bool is_same_time(SimTime a, SimTime b) {
  return a != no_time && b != no_time && (a < b ? b - a : a - b) <= time_tolerance;
}

Cause of_text(std::string_view sent, std::uint64_t stated) {
  if (is_case(sent, stated, hash_text)) return Cause::case_changed;
  for (std::size_t length = 1; length < sent.size(); ++length)
    if (hash_text(sent.substr(0, length)) == stated) return Cause::text_cut;
  return Cause::value_changed;
}

Cause of_amount(std::int64_t sent, std::int64_t stated) {
  if (is_unit(sent, stated)) return Cause::wrong_unit;
  if (sent != 0 && sent == -stated) return Cause::wrong_sign;
  return is_rounded(sent, stated) ? Cause::rounded : Cause::value_changed;
}

Cause of_blurred(std::int64_t sent, std::int64_t nearest) {
  if (nearest - 1 <= sent && sent <= nearest + 1) return Cause::rounded;
  for (std::int64_t unit = 10; unit <= unit_most; unit *= 10)
    if (scale_money(sent, 1, unit) == nearest) return Cause::wrong_unit;
  return sent == -nearest ? Cause::wrong_sign : Cause::value_changed;
}

Cause of_time(std::span<const SimTime> sent, SimTime stated) {
  const auto any = [&](bool (*fits)(SimTime, SimTime)) {
    return std::any_of(sent.begin(), sent.end(),
                       [&](SimTime at) { return at != no_time && fits(at, stated); });
  };
  if (stated == no_time) return Cause::wrong_time;
  if (any(is_cut)) return Cause::time_cut;
  return any(is_zone) ? Cause::zone_shifted : Cause::wrong_time;
}

}  // namespace parallax::difference
