// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "sim/journey/choice.h"
#include "sim/journey/instrument.h"
#include "tests/journey/played.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr std::string_view shop = R"json({
  "name": "mini", "seed": 5, "time": {"start": "2026-03-02T00:00:00Z", "length": "2d"},
  "population": {"users": 3000, "sessions": {"per_user_day": 1},
    "traits": {"country": {"pick": {"US": 3, "DE": 1}}},
    "currency": {"by": "country", "US": "USD", "DE": "EUR"},
    "devices": {"1": 1, "2": 1}, "consent": {"denied": 0.1, "withdrawn_later": 0.2}},
  "actions": {
    "view": {"emits": ["client"]},
    "try": {"emits": ["client"], "succeeds": 0.9, "result": "done", "server_after": "250ms",
            "fields": {"key": {"type": "string", "unique": "k-"}}},
    "done": {"emits": ["server"], "fields": {"key": {"type": "string", "unique": "k-"}}},
    "buy": {"emits": ["client", "server"], "fields": {
      "sku": {"type": "string", "zipf": 50},
      "subtotal": {"type": "money", "uniform": [10.00, 20.00]},
      "discount": {"type": "money", "percent_of": "subtotal", "rate": {"pick": {"0": 1, "10%": 1}}},
      "revenue": {"type": "money", "sum": ["subtotal", "-discount"]}}}},
  "journeys": {"j": {"start": "a", "states": {
    "a": {"does": "view", "think": "7s", "next": {"b": 1, "leave": 1}},
    "b": {"does": "try", "think": "10s", "next": {"c": 1}},
    "c": {"does": "buy", "think": "10s", "next": {"leave": 1}}}}}
})json";

Scenario mini() { return load(shop); }

}  // namespace

TEST_CASE("a lane plays in the order of true time, inside the span", "[journey]") {
  const Scenario scenario = mini();
  SimTime before = scenario.time.start;
  for (const Played& step : play(scenario, 5, 3)) {
    CHECK(step.at >= before);
    CHECK(step.at <= scenario.time.start + scenario.time.length);
    before = step.at;
  }
}

TEST_CASE("sessions pick a context attribute by the weights of their time", "[journey]") {
  const auto app_share = [](const Scenario& scenario, bool later) {
    double app = 0, all = 0;
    for (const Action& action : all_actions(scenario, 5)) {
      // Sessions are minutes long: those under way at the change are left out.
      const Micros at = action.at - scenario.time.start;
      if (later ? at < day + hour : at >= day) continue;
      ++all;
      app += action.traits[1] == 1 ? 1 : 0;
    }
    REQUIRE(all > 1'000);
    return app / all;
  };
  const std::string plain = R"({"channel": {"pick": {"search": 8, "app": 2}}})";
  const std::string moved =
      R"({"channel": {"pick": {"search": 8, "app": 2}, "then": {"at": "1d", "pick": {"app": 1}}}})";
  const Scenario before = load(shop, {{"/population/context", plain}});
  const Scenario after = load(shop, {{"/population/context", moved}});
  CHECK(app_share(before, true) == Approx(0.2).margin(0.03));
  CHECK(app_share(after, false) == Approx(0.2).margin(0.03));
  CHECK(app_share(after, true) == 1);
}

TEST_CASE("the same seed plays the same actions, another seed others", "[journey]") {
  const Scenario scenario = mini();
  const std::vector<Played> once = play(scenario, 5, 1), again = play(scenario, 5, 1);
  REQUIRE(once.size() == again.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    REQUIRE(once[i].at == again[i].at);
    REQUIRE(once[i].action.id == again[i].action.id);
    REQUIRE(once[i].action.values == again[i].action.values);
  }
  const std::vector<Played> other = play(scenario, 6, 1);
  CHECK((other.empty() || other[0].at != once[0].at));
}

TEST_CASE("sessions start, act with sequence 1, 2, ... and end", "[journey]") {
  const Scenario scenario = mini();
  std::map<std::uint64_t, std::uint32_t> open;
  std::size_t ended = 0;
  for (const Played& step : play(scenario, 5, 0)) {
    const std::uint64_t session = step.action.session;
    if (step.kind == Step::Kind::session_start) {
      REQUIRE(open.emplace(session, 0).second);
    } else if (step.kind == Step::Kind::action) {
      REQUIRE(open.count(session) == 1);
      CHECK(step.action.sequence == ++open[session]);
      CHECK(lane_of_user(step.action.user) == 0);
      CHECK(lane_of(step.action.id.value) == 0);
    } else {
      REQUIRE(open.erase(session) == 1);
      ++ended;
    }
  }
  CHECK(open.empty());
  CHECK(ended > 50);
}

TEST_CASE("sessions are as many as asked for", "[journey]") {
  const Scenario scenario = mini();
  std::size_t sessions = 0;
  for (LaneIndex lane = 0; lane < lane_count; ++lane)
    for (const Played& step : play(scenario, 5, lane))
      sessions += step.kind == Step::Kind::session_start ? 1U : 0U;
  // Poisson with mean 3'000 users x 2 days x 1: 6'000 +- 5 standard deviations of 77.5.
  CHECK(sessions > 5'612);
  CHECK(sessions < 6'388);
}

TEST_CASE("an attempt is followed by its result with the same key", "[journey]") {
  const Scenario scenario = mini();
  const std::uint16_t attempt = *scenario.plan.action_index("try");
  const std::uint16_t result = *scenario.plan.action_index("done");
  std::map<std::uint64_t, Action> waiting;
  std::size_t refused = 0, results = 0;
  for (const Action& action : all_actions(scenario, 5)) {
    if (action.type == attempt) {
      CHECK_FALSE(action.refused);
      waiting[action.session] = action;
    }
    if (action.type != result) continue;
    ++results;
    REQUIRE(waiting.count(action.session) == 1);
    CHECK(action.values[0] == waiting[action.session].values[0]);
    CHECK(action.at - waiting[action.session].at == 250 * millisecond);
    refused += action.refused ? 1U : 0U;
  }
  REQUIRE(results > 2'000);
  const double share = static_cast<double>(refused) / static_cast<double>(results);
  CHECK(share > 0.065);  // 10 % of about 2'900: one standard deviation is 0.56 %, bound 6.
  CHECK(share < 0.135);
}

TEST_CASE("fields follow their rules", "[journey]") {
  const Scenario scenario = mini();
  const std::uint16_t buy = *scenario.plan.action_index("buy");
  std::size_t seen = 0, discounted = 0;
  for (const Action& action : all_actions(scenario, 5)) {
    if (action.type != buy) continue;
    ++seen;
    CHECK(action.values[0] >= 1);
    CHECK(action.values[0] <= 50);
    CHECK(action.values[1] >= 1'000);
    CHECK(action.values[1] <= 2'000);
    CHECK((action.values[2] == 0 || action.values[2] == (action.values[1] + 5) / 10));
    CHECK(action.values[3] == action.values[1] - action.values[2]);
    CHECK(action.currency == action.traits[0]);
    discounted += action.values[2] != 0 ? 1U : 0U;
  }
  REQUIRE(seen > 2'000);
  CHECK(discounted > seen * 2 / 5);
  CHECK(discounted < seen * 3 / 5);
}

TEST_CASE("a user's traits, devices and consent never contradict each other", "[journey]") {
  const Scenario scenario = mini();
  std::map<std::uint32_t, std::uint16_t> country;
  std::map<std::uint32_t, std::set<std::uint64_t>> devices;
  std::map<std::uint32_t, SimTime> denied_since;
  std::vector<Action> actions = all_actions(scenario, 5);
  std::sort(actions.begin(), actions.end(),
            [](const Action& a, const Action& b) { return a.at < b.at; });
  for (const Action& action : actions) {
    CHECK(country.emplace(action.user, action.traits[0]).first->second == action.traits[0]);
    devices[action.user].insert(action.device);
    if (action.consent == Consent::denied) denied_since.emplace(action.user, action.at);
    if (action.consent == Consent::granted) CHECK(denied_since.count(action.user) == 0);
  }
  for (const auto& [user, owned] : devices) CHECK(owned.size() <= 2);
  CHECK(denied_since.size() > 100);
}

TEST_CASE("both sides carry one id, and what is forbidden is marked", "[journey]") {
  const Scenario scenario = mini();
  const Instrumentation instrumentation(scenario, 5, "run");
  const Instrumentation other_run(scenario, 5, "other");
  std::set<Uuid> ids;
  std::array<Emission, 2> out;
  for (const Action& action : all_actions(scenario, 5)) {
    const std::size_t count = instrumentation.emit(action, out);
    const ActionPlan& plan = scenario.plan.actions[action.type];
    REQUIRE(count == (plan.client ? 1U : 0U) + (plan.server ? 1U : 0U));
    CHECK(ids.insert(out[0].event_id).second);
    if (count == 2) CHECK(out[0].event_id == out[1].event_id);
    for (std::size_t i = 0; i < count; ++i) {
      CHECK((out[i].withheld == Withheld::consent) == (action.consent == Consent::denied));
      CHECK((out[i].client_ts == no_time) == (out[i].source == Source::server));
      CHECK((out[i].server_ts == no_time) == (out[i].source == Source::client));
      CHECK(out[i].captured >= action.at);
    }
    std::array<Emission, 2> others;
    (void)other_run.emit(action, others);
    CHECK(others[0].event_id != out[0].event_id);
  }
}

TEST_CASE("Zipf popularity has the slope it was given", "[journey]") {
  const AliasTable table = AliasTable::zipf(100, 1.0);
  Prng draw(3);
  std::vector<std::uint32_t> count(101);
  for (int i = 0; i < 200'000; ++i) ++count[table.pick(draw.draw())];
  CHECK(count[0] == 0);
  // H(100) = 5.187: the first item has 38'556 of 200'000, the tenth a tenth of it; +- 5 deviations.
  CHECK(count[1] > 37'680);
  CHECK(count[1] < 39'440);
  CHECK(count[10] > 3'550);
  CHECK(count[10] < 4'170);
}

}  // namespace parallax::test
