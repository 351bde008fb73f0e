// SPDX-License-Identifier: Apache-2.0
// When a budget burns too fast, and how rarely chance alone makes it look so.
#include "assertions/burn.h"
#include "sim/core/prng.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using Steps = std::map<SimTime, Tried>;

constexpr Ratio one_percent{Ratio::one / 100};
const BurnRule& hourly = burn_rules[0];

/// So many steps of ten actions.
Steps quiet(int steps) {
  Steps out;
  for (int i = 0; i < steps; ++i) out[SimTime{i * burn_step}] = {10, 0};
  return out;
}

bool alarms(const Steps& steps, const BurnRule& rule = hourly) {
  const auto burn = judge_burn(BurnWindows(steps), rule, one_percent);
  REQUIRE(burn);
  return burn->since.has_value();
}

}  // namespace

TEST_CASE("a budget that burns in both windows alarms from the first one on", "[assertions][slo]") {
  Steps steps = quiet(36);
  CHECK_FALSE(alarms(steps));
  for (int i = 20; i < 26; ++i) steps[SimTime{i * burn_step}].wrong = 9;
  const auto burn = judge_burn(BurnWindows(steps), hourly, one_percent);
  REQUIRE(burn);
  // 54 of the 120 actions of an hour.
  CHECK(burn->worst == Approx(45));
  // After four of the bad steps 36 of 120: 17 are expected at the edge, and chance makes 36 of them
  // less often than in 0.135 % of 25 windows.
  REQUIRE(burn->since);
  CHECK(*burn->since == SimTime{24 * burn_step});
}

TEST_CASE("what burnt an hour ago and has stopped alarms no more", "[assertions][slo]") {
  // The bad minutes lie before the first whole hour's end; the short window is quiet since.
  Steps steps = quiet(24);
  for (int i = 0; i < 6; ++i) steps[SimTime{i * burn_step}].wrong = 9;
  CHECK_FALSE(alarms(steps));
}

TEST_CASE("a run that is shorter than the long window has no burn rate", "[assertions][slo]") {
  CHECK(judge_burn(BurnWindows(quiet(12)), hourly, one_percent));
  CHECK_FALSE(judge_burn(BurnWindows(quiet(11)), hourly, one_percent));
  CHECK_FALSE(judge_burn(BurnWindows({}), hourly, one_percent));
  CHECK_FALSE(judge_burn(BurnWindows(quiet(12)), hourly, Ratio::zero()));
  // 14.4 times a tenth is no share.
  CHECK_FALSE(judge_burn(BurnWindows(quiet(12)), hourly, Ratio{Ratio::one / 10}));
}

TEST_CASE("a budget that burns at the edge alarms rarely, though many windows are looked at",
          "[assertions][slo]") {
  Prng draw = Prng(5).stream("edge");
  int alarmed = 0;
  for (int run = 0; run < 1'000; ++run) {
    Steps steps = quiet(288);
    for (auto& [at, tried] : steps)
      for (int i = 0; i < 10; ++i) tried.wrong += draw.unit() < 0.144 ? 1U : 0U;
    alarmed += alarms(steps) ? 1 : 0;
  }
  CAPTURE(alarmed);
  // Binomial(1'000, 0.00135): more than six come once in 10'000.
  CHECK(alarmed <= 6);
}

}  // namespace parallax::test
