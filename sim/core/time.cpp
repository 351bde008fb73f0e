// SPDX-License-Identifier: Apache-2.0
#include "sim/core/time.h"

#include <algorithm>
#include <array>
#include <cstring>

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
/// the last of its year (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
/// Precondition: the day lies in the years 0000 .. 9999.
Civil civil_of(std::int64_t days_since_epoch) {
  const std::int64_t shifted = days_since_epoch + days_before_epoch + days_per_era;  // never < 0
  const auto era = static_cast<unsigned>(shifted / days_per_era);
  const auto day_of_era = static_cast<unsigned>(shifted % days_per_era);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned march_month = (5 * day_of_year + 2) / 153;
  const unsigned day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1;
  const unsigned month = march_month < 10 ? march_month + 3 : march_month - 9;
  const unsigned year = year_of_era + era * 400 - 400 + (month <= 2 ? 1 : 0);
  return {year, month, day_of_month};
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

void write_pair(unsigned value, char* out) {
  static constexpr char digits[] =
      "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445"
      "46"
      "47484950515253545556575859606162636465666768697071727374757677787980818283848586878889909192"
      "93"
      "949596979899";
  std::memcpy(out, digits + std::size_t{2} * value, 2);
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

void write_rfc3339(SimTime t, char* out) {
  const SimTime clamped = std::clamp(t, earliest, latest);
  const SimTime midnight = clamped.floor(day);
  const Civil date = civil_of(midnight.since_epoch / day);
  const auto millis = static_cast<unsigned>((clamped - midnight) / millisecond);
  const unsigned seconds = millis / 1'000, rest = millis % 1'000;
  std::memcpy(out, "0000-00-00T00:00:00.000Z", rfc3339_length);
  write_pair(date.year / 100, out);
  write_pair(date.year % 100, out + 2);
  write_pair(date.month, out + 5);
  write_pair(date.day, out + 8);
  write_pair(seconds / 3'600, out + 11);
  write_pair(seconds / 60 % 60, out + 14);
  write_pair(seconds % 60, out + 17);
  write_pair(rest / 10, out + 20);
  out[22] = static_cast<char>('0' + rest % 10);
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
