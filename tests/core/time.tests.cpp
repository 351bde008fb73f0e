// SPDX-License-Identifier: Apache-2.0
#include "sim/core/time.h"

#include <ctime>

#include "sim/core/prng.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {

constexpr SimTime monday{1'772'409'600 * second};  // 2026-03-02T00:00:00Z
constexpr Micros largest = std::numeric_limits<Micros>::max();
constexpr Micros smallest = std::numeric_limits<Micros>::min();

/// What the C library makes of the same second.
std::string libc_text(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char out[32];
  std::strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  return out;
}

}  // namespace

TEST_CASE("an instant is written in 24 characters, cut to the millisecond", "[core][time]") {
  CHECK(to_rfc3339(SimTime{0}) == "1970-01-01T00:00:00.000Z");
  CHECK(to_rfc3339(monday + 12 * hour + 34 * minute + 56'789'999) == "2026-03-02T12:34:56.789Z");
  CHECK(to_rfc3339(SimTime{-1}) == "1969-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(monday).size() == rfc3339_length);
}

TEST_CASE("the calendar agrees with the C library over eight centuries", "[core][time]") {
  for (std::int64_t seconds = -12'000'000'000; seconds < 14'000'000'000; seconds += 68'609)
    REQUIRE(to_rfc3339(SimTime{seconds * second}) == libc_text(seconds));
}

TEST_CASE("a clock outside the years 0000 to 9999 still makes a legal text", "[core][time]") {
  CHECK(to_rfc3339(no_time) == "0000-01-01T00:00:00.000Z");
  CHECK(to_rfc3339(end_of_time) == "9999-12-31T23:59:59.999Z");
  CHECK(parse_rfc3339(to_rfc3339(no_time)));
  CHECK(parse_rfc3339(to_rfc3339(end_of_time)));
}

TEST_CASE("every written instant is read back to the millisecond", "[core][time]") {
  Prng draw(3);
  for (int i = 0; i < 20'000; ++i) {
    const SimTime t{draw.between(-62'167'219'200 * second, 253'402'300'799 * second)};
    REQUIRE(parse_rfc3339(to_rfc3339(t)) == t.to_millisecond());
  }
}

TEST_CASE("RFC 3339 is read with any fraction and any zone", "[core][time]") {
  CHECK(parse_rfc3339("2026-03-02") == monday);
  CHECK(parse_rfc3339("2026-03-02T00:00:00Z") == monday);
  CHECK(parse_rfc3339("2026-03-02 00:00:00Z") == monday);
  CHECK(parse_rfc3339("2026-03-02t00:00:00z") == monday);
  CHECK(parse_rfc3339("2026-03-02T02:00:00+02:00") == monday);
  CHECK(parse_rfc3339("2026-03-01T18:30:00-05:30") == monday);
  CHECK(parse_rfc3339("2026-03-02 01:00:00+01") == monday);
  CHECK(parse_rfc3339("2026-03-02T00:00:00.5Z") == monday + 500 * millisecond);
  CHECK(parse_rfc3339("2026-03-02T00:00:00.123456789Z") == monday + 123'456);
  CHECK(parse_rfc3339("2024-02-29") == SimTime{1'709'164'800 * second});
  CHECK(parse_rfc3339("2026-03-01T23:59:60Z") == monday);  // a leap second
}

TEST_CASE("what is no RFC 3339 instant is refused", "[core][time]") {
  const std::string_view text =
      GENERATE("", "2026", "2026-3-2", "2026-13-01", "2026-00-01", "2026-02-29", "2100-02-29",
               "2026-04-31", "2026-03-00", "2026-03-02T", "2026-03-02T00:00:00",
               "2026-03-02T24:00:00Z", "2026-03-02T00:60:00Z", "2026-03-02T00:00:61Z",
               "2026-03-02T00:00:00.Z", "2026-03-02T00:00:00+2:00", "2026-03-02T00:00:00+24:00",
               "2026-03-02T00:00:00+02:60", "2026-03-02T00:00:00ZZ", " 2026-03-02", "2026-03-02 ",
               "2026-03-02T00:00:00 +02:00", "-026-03-02", "2026-03-02T00:00Z", "1772409600");
  CAPTURE(text);
  CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("floors go down on both sides of the epoch", "[core][time]") {
  CHECK((monday + day - 1).floor(day) == monday);
  CHECK(SimTime{-1}.floor(hour) == SimTime{-hour});
  CHECK(SimTime{-1}.to_millisecond() == SimTime{-millisecond});
  CHECK(SimTime{1'999}.to_millisecond() == SimTime{millisecond});
}

TEST_CASE("weekdays count from Monday, hours from UTC midnight", "[core][time]") {
  CHECK(weekday(monday) == 0);
  CHECK(weekday(monday - 1) == 6);
  CHECK(weekday(SimTime{0}) == 3);
  CHECK(weekday(SimTime{-1}) == 2);
  CHECK(weekday(SimTime{-4 * day}) == 6);
  CHECK(hour_of_day(monday + 23 * hour + 59 * minute) == 23);
  CHECK(hour_of_day(SimTime{-1}) == 23);
}

TEST_CASE("durations are read", "[core][time]") {
  CHECK(parse_duration("500ms") == 500 * millisecond);
  CHECK(parse_duration("30s") == 30 * second);
  CHECK(parse_duration("1m30s") == 90 * second);
  CHECK(parse_duration("7d") == 7 * day);
  CHECK(parse_duration("1w2d3h4m5s6ms7us") ==
        9 * day + 3 * hour + 4 * minute + 5 * second + 6 * millisecond + 7);
  CHECK(parse_duration("0s") == 0);
  CHECK(parse_duration("1.5h") == 90 * minute);
  CHECK(parse_duration("0.25s") == 250 * millisecond);
  CHECK(parse_duration("1.50ms") == 1'500);
  CHECK(parse_duration("-3m") == -3 * minute);
}

TEST_CASE("what is no duration is refused", "[core][time]") {
  const std::string_view text =
      GENERATE("", "-", "s", "5", "1.5", "30s1m", "1m1m", "1.5h30m", "1h1.5m", "1.s", ".5s", "1 m",
               " 1m", "1M", "1m ", "+1m", "--1m", "1e3s", "0.5us", "1.0000001s",
               "99999999999999999999s", "9223372036855s", "106751992d", "1ms5ms", "1m-5s");
  CAPTURE(text);
  CHECK_FALSE(parse_duration(text));
}

TEST_CASE("durations are written short and without zero units", "[core][time]") {
  CHECK(format_duration(0) == "0s");
  CHECK(format_duration(90 * second) == "1m30s");
  CHECK(format_duration(14 * day) == "14d");
  CHECK(format_duration(-1'001) == "-1ms1us");
  CHECK(format_duration(36 * hour) == "1d12h");
}

TEST_CASE("every written duration is read back", "[core][time]") {
  CHECK(parse_duration(format_duration(largest)) == largest);
  CHECK(parse_duration(format_duration(smallest)) == smallest);
  Prng draw(5);
  for (int i = 0; i < 20'000; ++i) {
    const auto bits = static_cast<Micros>(draw.next());
    const Micros d = bits >> draw.below(63);
    REQUIRE(parse_duration(format_duration(d)) == d);
  }
}
