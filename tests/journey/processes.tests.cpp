// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <map>

#include "sim/journey/instrument.h"
#include "sim/journey/lane_journey.h"
#include "sim/journey/visits.h"
#include "tests/journey/played.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr std::string_view orders = R"json({
  "name": "orders", "seed": 5, "time": {"length": "40d"},
  "population": {"users": 600, "sessions": {"per_user_day": 0.1},
    "traits": {"country": {"pick": {"US": 3, "JP": 1}}},
    "currency": {"by": "country", "US": "USD", "JP": "JPY"}},
  "actions": {
    "view": {"emits": ["client"]},
    "order": {"emits": ["client", "server"], "succeeds": 0.8, "server_after": "300ms", "fields": {
      "order_id": {"unique": "ord-"}, "total": {"type": "money"}}},
    "refund": {"emits": ["server"], "fields": {
      "reason": {"pick": {"late": 1, "broken": 1}},
      "order_id": {"unique": "ord-"}, "total": {"type": "money"},
      "amount": {"type": "money", "percent_of": "total", "rate": 0.5}}},
    "charge": {"emits": ["server"], "succeeds": 0.9, "result": "renewal", "server_after": "2s",
      "fields": {"try_id": {"unique": "try-"}, "order_id": {"unique": "ord-"}}},
    "renewal": {"emits": ["server"], "fields": {
      "order_id": {"unique": "ord-"}, "try_id": {"unique": "try-"}}}},
  "journeys": {
    "buy": {"states": {
      "home": {"does": "view", "next": {"pay": 1, "leave": 1}}, "pay": {"does": "order"}}},
    "refunds": {"follows": "order", "states": {
      "used": {"wait": "3d", "next": {"back": 1, "leave": 3}}, "back": {"does": "refund"}}},
    "plan": {"follows": "order", "states": {
      "month": {"wait": "10d", "next": {"bill": 1}},
      "bill": {"does": "charge", "wait": "10d", "next": {"bill": 3, "leave": 1}}}}}
})json";

/// By order id, the orders and what the server made of them.
struct Story {
  std::vector<Action> orders, refunds, charges, renewals;
};
std::map<std::int64_t, Story> stories(const Scenario& scenario) {
  std::map<std::int64_t, Story> all;
  for (const Action& action : all_actions(scenario, scenario.seed)) {
    const ActionPlan& plan = scenario.plan.actions[action.type];
    const auto key = plan.field_index("order_id");
    if (!key) continue;
    Story& story = all[action.values[*key]];
    auto& list = plan.name == "order"    ? story.orders
                 : plan.name == "refund" ? story.refunds
                 : plan.name == "charge" ? story.charges
                                         : story.renewals;
    list.push_back(action);
  }
  return all;
}

}  // namespace

TEST_CASE("what follows an action has its user and values, and comes when it should",
          "[journey][processes]") {
  const Scenario scenario = load(orders);
  std::size_t refunds = 0, charges = 0;
  for (const auto& [key, story] : stories(scenario)) {
    REQUIRE(story.orders.size() == 1);
    const Action& order = story.orders[0];
    for (const Action& refund : story.refunds) {
      ++refunds;
      CHECK_FALSE(order.refused);
      CHECK(refund.user == order.user);
      CHECK(refund.device == order.device);
      CHECK(refund.currency == order.currency);
      CHECK(refund.session != order.session);
      CHECK(refund.sequence == 1);
      CHECK(refund.values[2] == order.values[1]);
      // Computed from the value taken over, not from one drawn anew.
      CHECK(refund.values[3] == (order.values[1] + 1) / 2);
      CHECK(refund.at - order.at == 3 * day + 300 * millisecond);
    }
    for (std::size_t i = 0; i < story.charges.size(); ++i) {
      ++charges;
      CHECK(story.charges[i].at - order.at == static_cast<Micros>(i + 1) * 10 * day +
                                                  300 * millisecond +
                                                  static_cast<Micros>(i) * 2 * second);
    }
    for (std::size_t i = 0; i < story.renewals.size(); ++i) {
      CHECK(story.renewals[i].at - story.charges[i].at == 2 * second);
      CHECK(story.renewals[i].values[1] == story.charges[i].values[0]);
      CHECK(story.renewals[i].sequence == 2 * i + 2);
    }
  }
  CHECK(refunds > 100);
  CHECK(charges > 500);
}

TEST_CASE("a refused action begins nothing, and the end of the run ends everything",
          "[journey][processes]") {
  const Scenario scenario = load(orders);
  const SimTime end = scenario.time.start + scenario.time.length;
  std::size_t refused = 0;
  for (const auto& [key, story] : stories(scenario)) {
    if (story.orders[0].refused) {
      ++refused;
      CHECK(story.refunds.empty());
      CHECK(story.charges.empty());
    }
    for (const Action& charge : story.charges) CHECK(charge.at < end);
  }
  CHECK(refused > 100);
}

TEST_CASE("a process has no session: steps start, act and end for users alone",
          "[journey][processes]") {
  const Scenario scenario = load(orders);
  const World world(scenario, 5);
  std::map<std::uint32_t, std::uint64_t> open;
  std::size_t alone = 0;
  for (LaneIndex lane = 0; lane < lane_count; ++lane) {
    LaneJourney journey(world, lane);
    SimTime before;
    for (Step step; journey.next(step);) {
      CHECK(step.at >= before);
      before = step.at;
      if (step.kind == Step::Kind::session_start) open[step.session] = step.action->session;
      if (step.kind == Step::Kind::session_end)
        CHECK(open.extract(step.session).mapped() == step.action->session);
      if (step.kind != Step::Kind::action) continue;
      const bool in_session =
          open.count(step.session) == 1 && open[step.session] == step.action->session;
      CHECK(in_session == (scenario.plan.actions[step.action->type].client));
      alone += in_session ? 0U : 1U;
    }
    CHECK(open.empty());
  }
  CHECK(alone > 500);
}

TEST_CASE("processes move nothing that users do", "[journey][processes]") {
  const Scenario with = load(orders);
  const Scenario without =
      load(orders, {{"/journeys", R"({"buy": {"states": {"home": {"does": "view", "next": {"pay": 1,
                "leave": 1}}, "pay": {"does": "order"}}}})"}});
  const auto sessions = [](const Scenario& scenario) {
    std::map<std::pair<std::uint64_t, std::uint32_t>, Action> seen;
    for (const Action& action : all_actions(scenario, 5))
      if (scenario.plan.actions[action.type].client)
        seen[{action.session, action.sequence}] = action;
    return seen;
  };
  const auto a = sessions(with), b = sessions(without);
  REQUIRE(a.size() == b.size());
  for (const auto& [key, action] : a) {
    REQUIRE(b.count(key) == 1);
    CHECK(b.at(key).at == action.at);
    CHECK(b.at(key).values == action.values);
  }
}

TEST_CASE("expected counts are what is played", "[journey][processes]") {
  const Scenario scenario = load(orders);
  // 2400 sessions: a view each, every second an order, 960 of them granted. A refund waits 3 of the
  // 40 days, for a quarter; charges wait 10 days each and go on with 3/4: (30 + 20 * 0.75 + 10 *
  // 0.75^2) / 40 of 960 orders, each with its result.
  const std::vector<double> expected{2'400, 1'200, 960 * 0.25 * 37 / 40, 1'215, 1'215};
  const std::vector<double> counts = expected_actions(scenario);
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(counts.at(i) == Approx(expected[i]).epsilon(0.005));
  std::vector<double> played(expected.size());
  for (const Action& action : all_actions(scenario, 5)) ++played[action.type];
  // An order makes up to three charges, whose sum spreads wider than a Poisson count: sqrt(3)
  // times.
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(std::abs(played[i] - expected[i]) < 5 * std::sqrt(3 * expected[i]) + 0.005 * expected[i]);
  CHECK(expected_sessions(scenario) == Approx(600 * 0.1 * 40));
  JourneyPlan round = scenario.journeys[0];
  round.states = {round.states[0]};
  round.states[0].next = {{0, 1}};
  round.steps_max = 7;
  CHECK(expected_visits(round) == std::vector<double>{7});
}

}  // namespace parallax::test
