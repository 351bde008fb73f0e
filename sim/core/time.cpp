// SPDX-License-Identifier: Apache-2.0
#include "sim/core/time.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "sim/core/digits.h"

namespace parallax {
namespace {

constexpr SimTime earliest{-62'167'219'200 * second};    // 0000-01-01T00:00:00Z
constexpr SimTime latest{253'402'300'800 * second - 1};  // 9999-12-31T23:59:59.999999Z
constexpr std::int64_t days_before_epoch = 719'468;      // from 0000-03-01
constexpr std::int64_t days_per_era = 146'097;           // 400 Gregorian years

struct Civil {
  unsigned year, month, day;
};

/// Proleptic Gregorian date of a day number. Years are counted from March, so that the leap day is
/// the last of its year; divisions are multiplications (C. Neri, L. Schneider, "Euclidean affine
/// functions and their application to calendar algorithms", 2022, figure 12).
/// Precondition: the day lies in the years 0000 .. 9999.
Civil civil_of(std::int64_t days_since_epoch) {
  // One era more, so that no number is below 0.
  const auto day = static_cast<std::uint32_t>(days_since_epoch + days_before_epoch + days_per_era);
  const std::uint32_t quarters = 4 * day + 3;
  const std::uint32_t century = quarters / 146'097;
  const std::uint32_t of_century = quarters % 146'097 | 3;
  const std::uint64_t years = std::uint64_t{2'939'745} * of_century;
  const auto year_of_century = static_cast<std::uint32_t>(years >> 32);
  const std::uint32_t day_of_year = static_cast<std::uint32_t>(years) / 2'939'745 / 4;
  const std::uint32_t months = 2'141 * day_of_year + 197'913;
  const std::uint32_t march_month = months >> 16;
  const std::uint32_t past_december = day_of_year >= 306 ? 1 : 0;
  return {100 * century + year_of_century - 400 + past_december, march_month - 12 * past_december,
          (months & 0xffff) / 2'141 + 1};
}

std::int64_t days_of(Civil date) {
  const unsigned march_year = date.year + 400 - (date.month <= 2 ? 1 : 0);
  const unsigned era = march_year / 400;
  const unsigned year_of_era = march_year % 400;
  const unsigned march_month = date.month > 2 ? date.month - 3 : date.month + 9;
  const unsigned day_of_year = (153 * march_month + 2) / 5 + date.day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return static_cast<std::int64_t>(era) * days_per_era + day_of_era - days_per_era -
         days_before_epoch;
}

unsigned days_in_month(unsigned year, unsigned month) {
  constexpr std::array<unsigned, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : days[month - 1];
}

/// Takes a text apart from left to right. A failed step leaves `ok` false for good.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  unsigned digits(std::size_t count) {
    unsigned value = 0;
    if (rest.size() < count) ok = false;
    for (std::size_t i = 0; ok && i < count; ++i) {
      if (rest[i] < '0' || rest[i] > '9') ok = false;
      value = value * 10 + static_cast<unsigned>(rest[i] - '0');
    }
    if (ok) rest.remove_prefix(count);
    return ok ? value : 0;
  }
  bool accept(char c) {
    if (!ok || rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok = accept(c) && ok; }

  /// ".25" as microseconds; finer digits are cut.
  Micros fraction() {
    if (!accept('.')) return 0;
    Micros value = 0, unit = second / 10;
    std::size_t count = 0;
    for (; count < rest.size() && rest[count] >= '0' && rest[count] <= '9'; ++count, unit /= 10)
      value += (rest[count] - '0') * unit;
    ok = ok && count > 0;
    rest.remove_prefix(count);
    return value;
  }
  /// "Z", "+02:00" or, as PostgreSQL writes it, "+02": what to subtract to get UTC.
  Micros zone() {
    if (accept('Z') || accept('z')) return 0;
    const bool west = !rest.empty() && rest.front() == '-';
    if (!west) expect('+');
    if (west) expect('-');
    const unsigned hours = digits(2);
    const unsigned minutes = ok && !rest.empty() ? (expect(':'), digits(2)) : 0;
    ok = ok && hours < 24 && minutes < 60;
    const Micros offset = hours * hour + minutes * minute;
    return west ? -offset : offset;
  }
};

}  // namespace

namespace {

/// A day and its text up to the hours.
struct DayText {
  SimTime midnight;
  std::array<char, 11> text{'1', '9', '7', '0', '-', '0', '1', '-', '0', '1', 'T'};
};
/// The day that this thread asked for last: times come in runs of the same day.
thread_local DayText last_day;

void write_day(SimTime t, DayText& out) {
  out.midnight = t.floor(day);
  const Civil date = civil_of(out.midnight.since_epoch / day);
  char* at = write_four(date.year, out.text.data());
  *at++ = '-';
  at = write_pair(date.month, at);
  *at++ = '-';
  at = write_pair(date.day, at);
  *at = 'T';
}

/// Of another day than the last: since its midnight.
[[gnu::noinline]] std::uint64_t change_day(SimTime t) {
  t = std::clamp(t, earliest, latest);
  write_day(t, last_day);
  return static_cast<std::uint64_t>(t - last_day.midnight);
}

}  // namespace

void write_rfc3339(SimTime t, char* out) {
  const DayText& of_day = last_day;
  // Unsigned: what comes before midnight is as far from it as what comes long after.
  auto of_midnight = static_cast<std::uint64_t>(t.since_epoch) -
                     static_cast<std::uint64_t>(of_day.midnight.since_epoch);
  if (of_midnight >= static_cast<std::uint64_t>(day)) of_midnight = change_day(t);
  std::memcpy(out, of_day.text.data(), of_day.text.size());
  const auto millis =
      static_cast<std::uint32_t>(of_midnight / static_cast<std::uint64_t>(millisecond));
  const std::uint32_t minutes = millis / 60'000, of_minute = millis % 60'000;
  const std::uint32_t rest = of_minute % 1'000;
  write_pair(minutes / 60, out + 11);
  out[13] = ':';
  write_pair(minutes % 60, out + 14);
  out[16] = ':';
  write_pair(of_minute / 1'000, out + 17);
  out[19] = '.';
  out[20] = static_cast<char>('0' + rest / 100);
  write_pair(rest % 100, out + 21);
  out[23] = 'Z';
}

std::string to_rfc3339(SimTime t) {
  std::string out(rfc3339_length, '\0');
  write_rfc3339(t, out.data());
  return out;
}

namespace {

/// The two digits at `text`; anything else there sets `bad`.
unsigned pair_at(const char* text, bool& bad) {
  const auto tens = static_cast<unsigned>(text[0] - '0');
  const auto ones = static_cast<unsigned>(text[1] - '0');
  bad |= tens > 9 || ones > 9;
  return tens * 10 + ones;
}

/// The form that write_rfc3339 writes, which is nearly every time there is; nothing for any other.
std::optional<SimTime> parse_written_form(std::string_view text) {
  const char* at = text.data();
  if (text.size() != rfc3339_length || at[4] != '-' || at[7] != '-' || at[10] != 'T' ||
      at[13] != ':' || at[16] != ':' || at[19] != '.' || at[23] != 'Z')
    return std::nullopt;
  bool bad = false;
  Civil date{};
  date.year = pair_at(at, bad) * 100 + pair_at(at + 2, bad);
  date.month = pair_at(at + 5, bad);
  date.day = pair_at(at + 8, bad);
  const unsigned hours = pair_at(at + 11, bad);
  const unsigned minutes = pair_at(at + 14, bad);
  const unsigned seconds = pair_at(at + 17, bad);
  const unsigned millis = pair_at(at + 20, bad) * 10 + static_cast<unsigned>(at[22] - '0');
  bad |= at[22] < '0' || at[22] > '9' || hours > 23 || minutes > 59 || seconds > 59;
  bad |= date.month < 1 || date.month > 12 || date.day < 1;
  if (bad || date.day > days_in_month(date.year, date.month)) return std::nullopt;
  return SimTime{days_of(date) * day + hours * hour + minutes * minute + seconds * second +
                 millis * millisecond};
}

}  // namespace

std::optional<SimTime> parse_rfc3339(std::string_view text) {
  if (const auto written = parse_written_form(text)) return written;
  Scanner in{text};
  Civil date{};
  date.year = in.digits(4);
  in.expect('-');
  date.month = in.digits(2);
  in.expect('-');
  date.day = in.digits(2);
  if (!in.ok || date.month < 1 || date.month > 12) return std::nullopt;
  if (date.day < 1 || date.day > days_in_month(date.year, date.month)) return std::nullopt;
  const SimTime midnight{days_of(date) * day};
  if (in.rest.empty()) return midnight;

  if (!in.accept('T') && !in.accept('t')) in.expect(' ');
  const unsigned hours = in.digits(2);
  in.expect(':');
  const unsigned minutes = in.digits(2);
  in.expect(':');
  const unsigned seconds = in.digits(2);
  const Micros fraction = in.fraction();
  const Micros zone = in.zone();
  const bool in_range = hours < 24 && minutes < 60 && seconds <= 60;  // 60: a leap second
  if (!in.ok || !in.rest.empty() || !in_range) return std::nullopt;
  return midnight + hours * hour + minutes * minute + seconds * second + fraction - zone;
}

int weekday(SimTime t) {
  const Micros days = t.floor(day).since_epoch / day;
  const Micros since_monday = (days + 3) % 7;  // 1970-01-01 was a Thursday.
  return static_cast<int>(since_monday < 0 ? since_monday + 7 : since_monday);
}

int hour_of_day(SimTime t) { return static_cast<int>((t - t.floor(day)) / hour); }

}  // namespace parallax
