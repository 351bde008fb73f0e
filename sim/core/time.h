// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace parallax {

/// A span of time in microseconds.
using Micros = std::int64_t;
constexpr Micros millisecond = 1'000;
constexpr Micros second = 1'000'000;
constexpr Micros minute = 60 * second;
constexpr Micros hour = 60 * minute;
constexpr Micros day = 24 * hour;

/// Instant in microseconds since 1970-01-01T00:00:00Z, no leap seconds. True simulated time, a
/// device's clock or the wall clock, as the name of the variable says.
/// Invariant: nothing outside drive/, read/, pipeline/ and run/ reads the wall clock.
struct SimTime {
  Micros since_epoch = 0;
  friend auto operator<=>(SimTime, SimTime) = default;
  friend constexpr SimTime operator+(SimTime t, Micros d) { return {t.since_epoch + d}; }
  friend constexpr SimTime operator-(SimTime t, Micros d) { return {t.since_epoch - d}; }
  friend constexpr Micros operator-(SimTime a, SimTime b) { return a.since_epoch - b.since_epoch; }

  /// The instant cut to whole milliseconds (floor): what the wire carries.
  constexpr SimTime to_millisecond() const { return {floor_to(millisecond)}; }
  /// Start of the UTC unit (`day`, `hour`, `minute`) that holds the instant.
  constexpr SimTime floor(Micros unit) const { return {floor_to(unit)}; }

 private:
  constexpr Micros floor_to(Micros unit) const {
    const Micros rest = since_epoch % unit;
    return since_epoch - (rest < 0 ? rest + unit : rest);
  }
};

/// "No time": a missing client_ts or server_ts.
constexpr SimTime no_time{std::numeric_limits<Micros>::min()};
/// Later than everything; an empty timer.
constexpr SimTime end_of_time{std::numeric_limits<Micros>::max()};

/// "2026-03-02T00:00:00.000Z": exactly 24 characters, no terminator. Years 0000 to 9999; an instant
/// outside is clamped, so that a faulty clock never makes an illegal text.
constexpr std::size_t rfc3339_length = 24;
void write_rfc3339(SimTime t, char* out);
std::string to_rfc3339(SimTime t);

/// RFC 3339 with any fraction and any zone ("Z", "+02:00"), or a date alone (midnight UTC); also a
/// blank instead of T. Digits beyond microseconds are cut.
std::optional<SimTime> parse_rfc3339(std::string_view text);

/// "500ms", "30s", "1m30s", "7d", "2h", "0s"; units us ms s m h d w, largest first, whole numbers
/// or one decimal fraction in a single unit ("1.5h"); a leading "-" for clock offsets.
std::optional<Micros> parse_duration(std::string_view text);
/// Shortest text that `parse_duration` reads back: "1m30s", "0s".
std::string format_duration(Micros d);

/// 0 = Monday .. 6 = Sunday, in UTC.
int weekday(SimTime t);
/// Hour of the UTC day, 0..23.
int hour_of_day(SimTime t);

}  // namespace parallax
