// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/schedule.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/catch.h"

namespace parallax {
namespace {

constexpr Nanos a_second = 1'000'000'000;
bool near(Nanos a, Nanos b) { return std::abs(a - b) <= 10; }

}  // namespace

TEST_CASE("rates are read as people write them", "[drive][load]") {
  CHECK(parse_rate("20k") == 20'000.0);
  CHECK(parse_rate("2.5k/s") == 2'500.0);
  CHECK(parse_rate("50/1s") == 50.0);
  CHECK(parse_rate("3000/1m") == 50.0);
  CHECK(parse_rate("1M") == 1'000'000.0);
  CHECK(parse_rate("0.5") == 0.5);
  CHECK(format_rate(20'000) == "20k");
  CHECK(parse_rate(format_rate(2'500)) == 2'500.0);
}

TEST_CASE("what is no rate is refused", "[drive][load]") {
  const auto* text = GENERATE("", "k", "-5", "20 k", "20kk", "0", "50/", "50/0s", "1e3", "50/x",
                              "2000M", "nan", "inf");
  CAPTURE(text);
  CHECK_FALSE(parse_rate(text));
}

TEST_CASE("stages are read as length:rate, and may end at nothing", "[drive][load]") {
  CHECK(parse_stage("30s:20k")->length == 30 * second);
  CHECK(parse_stage("30s:20k")->rate == 20'000.0);
  CHECK(parse_stage("1m30s:0")->rate == 0.0);
  CHECK_FALSE(parse_stage("30s"));
  CHECK_FALSE(parse_stage("30:20k"));
  CHECK_FALSE(parse_stage("-1s:20k"));
  CHECK_FALSE(parse_stage("1s:-2"));
}

TEST_CASE("a held rate plans its events at equal distances", "[drive][load]") {
  const Schedule plan(1'000, {{2 * second, 1'000}});
  CHECK(plan.events() == 2'000.0);
  CHECK(plan.length() == 2 * second);
  CHECK(plan.time_of(0) == 0);
  CHECK(near(plan.time_of(1), a_second / 1'000));
  CHECK(near(plan.time_of(1'999), 1'999 * (a_second / 1'000)));
  CHECK(plan.events_before(a_second / 2) == Approx(500));
}

TEST_CASE("a ramp plans the integral of its rate", "[drive][load]") {
  const Schedule plan(0, {{10 * second, 200}});  // 0 to 200 a second: 10 t^2 events.
  CHECK(plan.events() == 1'000.0);
  CHECK(plan.time_of(0) == 0);
  CHECK(near(plan.time_of(10), a_second));
  CHECK(near(plan.time_of(250), 5 * a_second));
  CHECK(near(plan.time_of(810), 9 * a_second));
  const Schedule down(200, {{10 * second, 0}});
  CHECK(near(down.time_of(750), 5 * a_second));
}

TEST_CASE("planned times never go back over ramps, holds, jumps and pauses", "[drive][load]") {
  const Schedule plan(
      50,
      {{second, 50}, {0, 400}, {second, 400}, {second, 0}, {second, 0}, {0, 100}, {second, 300}});
  CHECK(plan.events() == Approx(50 + 400 + 200 + 0 + 200));
  Nanos before = 0;
  for (double n = 0; n < plan.events(); ++n) {
    const Nanos at = plan.time_of(n);
    REQUIRE(at >= before);
    REQUIRE(plan.events_before(at) == Approx(n).margin(0.01));
    before = at;
  }
  CHECK(plan.time_of(649.5) < 3 * a_second);  // Nothing is planned in the pause.
  CHECK(plan.time_of(650.5) >= 4 * a_second);
  CHECK(before < 5 * a_second);
}

TEST_CASE("the parts of a plan are the whole, each request in one of them", "[drive][load]") {
  const Schedule schedule(0, {{second, 1'000}, {second, 300}});
  RequestPlan whole(&schedule, 7, 0, 1);
  const std::uint32_t parts = GENERATE(1u, 2u, 5u, 64u);
  std::vector<Nanos> times;
  std::uint64_t requests = 0;
  for (std::uint32_t part = 0; part < parts; ++part) {
    RequestPlan plan(&schedule, 7, part, parts);
    requests += plan.requests();
    for (; plan.next(); plan.advance()) times.push_back(*plan.next());
  }
  std::sort(times.begin(), times.end());
  CHECK(requests == whole.requests());
  CHECK(times.size() == requests);
  for (const Nanos time : times) {
    REQUIRE(whole.next());
    CHECK(time == *whole.next());
    whole.advance();
  }
  CHECK_FALSE(RequestPlan(nullptr, 1, 0, 1).next());
}

}  // namespace parallax
