// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <map>
#include <set>

#include "tests/fault/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

Emission skewed(std::vector<ParamValue> params, const Emission& in) {
  return capture({fault("clock_skew", std::move(params))}, {in}).items.at(0).emission;
}

/// The clock error of the emission captured so long after the start.
Micros error_after(std::vector<ParamValue> params, Micros elapsed) {
  Emission in = client_emission(1);
  in.captured = TimePlan{}.start + elapsed;
  in.client_ts = in.captured.to_millisecond();
  return skewed(std::move(params), in).clock_error;
}

}  // namespace

TEST_CASE("clock_skew shifts the written time and the clock's error, nothing else",
          "[fault][clock_skew]") {
  const Micros offset = GENERATE(90 * second, -3 * hour, 0);
  const Emission in = client_emission(1);
  Emission expected = struck(in);
  expected.client_ts = in.client_ts + offset;
  expected.clock_error = offset;
  CHECK(same(skewed({number("offset", offset)}, in), expected));
}

TEST_CASE("a skewed time is cut to the millisecond below", "[fault][clock_skew]") {
  const Emission in = client_emission(1);
  const Emission out = skewed({number("offset", -1)}, in);
  CHECK(out.clock_error == -1);
  CHECK(out.client_ts == in.client_ts - millisecond);
}

TEST_CASE("clock_skew strikes the client's clock, or the server's where it is told to",
          "[fault][clock_skew]") {
  const Emission in = server_emission(1);
  CHECK(same(skewed({number("offset", minute)}, in), in));
  FaultPlan plan = fault("clock_skew", {number("offset", minute)});
  plan.selector.side = Source::server;
  const Emission out = capture({plan}, {in}).items[0].emission;
  CHECK(out.server_ts == in.server_ts + minute);
  CHECK(out.client_ts == no_time);
}

TEST_CASE("drift grows with the time since the start", "[fault][clock_skew]") {
  CHECK(error_after({number("drift_ppm", 50)}, 0) == 0);
  CHECK(error_after({number("drift_ppm", 50)}, day) == 4'320 * millisecond);
  CHECK(error_after({number("drift_ppm", -100'000)}, 1'500'000) == -150'000);
  CHECK(error_after({number("drift_ppm", 100'000)}, 366 * day) == 366 * day / 10);
}

TEST_CASE("a step sets the clock from its instant on", "[fault][clock_skew]") {
  const std::vector<ParamValue> params{number("step", hour), number("at", 2 * day)};
  CHECK(error_after(params, 2 * day - 1) == 0);
  CHECK(error_after(params, 2 * day) == hour);
}

TEST_CASE("a step without an instant comes once, at any time of the run", "[fault][clock_skew]") {
  const FaultPlan plan = fault("clock_skew", {number("step", hour)});
  std::size_t stepped_by_half = 0;
  for (std::uint32_t user = 0; user < 1'000; ++user) {
    std::vector<Emission> week;
    for (int i = 0; i <= 14; ++i) {
      week.push_back(client_emission(static_cast<std::uint64_t>(i), user));
      week.back().captured = TimePlan{}.start + i * day / 2;
    }
    const Outcome out = capture({plan}, week);
    bool before = false;
    for (const Captures::Item& item : out.items) {
      const bool stepped = item.emission.clock_error == hour;
      CHECK(stepped >= before);  // A clock that has jumped stays so.
      before = stepped;
    }
    CHECK(before);  // By the end of the run it has jumped.
    stepped_by_half += out.items[7].emission.clock_error == hour ? 1U : 0U;
  }
  CHECK(stepped_by_half > 421);  // Binomial(1'000, 0.5): 500 +- 5 deviations of 15.8.
  CHECK(stepped_by_half < 579);
}

TEST_CASE("a device keeps its drawn offset; devices together have the distribution",
          "[fault][clock_skew]") {
  const FaultPlan plan = fault("clock_skew", {drawn("offset", "normal", {minute, 3 * minute})});
  std::map<std::uint64_t, std::set<Micros>> by_device;
  for (const Captures::Item& item : capture({plan}, traffic(4'000, 3)).items)
    by_device[item.emission.seen.device].insert(item.emission.clock_error);
  double sum = 0;
  double squares = 0;
  for (const auto& [device, errors] : by_device) {
    REQUIRE(errors.size() == 1);
    const double minutes = static_cast<double>(*errors.begin()) / static_cast<double>(minute);
    sum += minutes;
    squares += minutes * minutes;
  }
  const double mean = sum / 4'000;
  const double deviation = std::sqrt(squares / 4'000 - mean * mean);
  CAPTURE(mean, deviation);
  CHECK(std::abs(mean - 1) < 5 * 0.0474);       // 3 / sqrt(4'000).
  CHECK(std::abs(deviation - 3) < 5 * 0.0335);  // 3 / sqrt(2 * 4'000).
}

TEST_CASE("giving a clock one more fault moves none of its draws", "[fault][clock_skew]") {
  const ParamValue offset = drawn("offset", "uniform", {-hour, hour});
  const Micros alone = error_after({offset}, 0);
  CHECK(alone != 0);
  CHECK(error_after({offset, number("step", day), number("at", minute)}, 0) == alone);
}

TEST_CASE("two skews of one device add up", "[fault][clock_skew]") {
  FaultPlan second_skew = fault("clock_skew", {number("offset", minute)});
  second_skew.name = "clock_skew-2";
  const Emission in = client_emission(1);
  const Outcome out = capture({fault("clock_skew", {number("offset", hour)}), second_skew}, {in});
  CHECK(out.items[0].emission.clock_error == hour + minute);
  CHECK(out.items[0].emission.client_ts == in.client_ts + hour + minute);
}

TEST_CASE("a clock skew that cannot be used names its key", "[fault][clock_skew]") {
  CHECK(complaint(fault("clock_skew")) == "/faults/0/offset");
  CHECK(complaint(fault("clock_skew", {number("offset", 4'000 * day)})) == "/faults/0/offset");
  CHECK(complaint(fault("clock_skew", {drawn("offset", "uniform", {hour, 0})})) ==
        "/faults/0/offset");
  CHECK(complaint(fault("clock_skew", {drawn("offset", "normal", {0, -hour})})) ==
        "/faults/0/offset");
  CHECK(complaint(fault("clock_skew", {number("drift_ppm", 100'001)})) == "/faults/0/drift_ppm");
  CHECK(complaint(fault("clock_skew", {number("offset", 1), number("at", 1)})) == "/faults/0/at");
  CHECK(complaint(fault("clock_skew", {number("step", 1), number("at", -1)})) == "/faults/0/at");
  const ParamValue vague = drawn("at", "uniform", {0, day});
  CHECK(complaint(fault("clock_skew", {number("step", 1), vague})) == "/faults/0/at");
}
