// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/fault/support.h"

using namespace parallax;
using namespace parallax::test;
using Scope = SelectorPlan::Scope;
using Choice = SelectorPlan::Choice;

namespace {

FaultPlan drops(Scope scope, std::uint32_t per_mille) {
  FaultPlan plan = with_rate(fault("drop"), per_mille);
  plan.selector.scope = scope;
  return plan;
}

FaultPlan drops_ids(std::vector<std::string> ids) {
  FaultPlan plan = fault("drop");
  plan.selector.choice = Choice::ids;
  plan.selector.ids = std::move(ids);
  return plan;
}

FaultPlan drops_in_bursts(std::uint32_t per_mille, std::uint32_t length) {
  FaultPlan plan = drops(Scope::emission, per_mille);
  plan.selector.choice = Choice::burst;
  plan.selector.burst_length = length;
  return plan;
}

std::set<std::uint64_t> actions_of(const std::vector<Emission>& emissions) {
  std::set<std::uint64_t> ids;
  for (const Emission& e : emissions) ids.insert(e.seen.id.value);
  return ids;
}

std::uint64_t entity_of(const Emission& e, Scope scope) {
  if (scope == Scope::user) return e.seen.user;
  return scope == Scope::device ? e.seen.device : e.seen.session;
}

}  // namespace

TEST_CASE("a rate strikes about its share of the emissions", "[fault][selector]") {
  const std::uint64_t seed = GENERATE(1U, 2U, 3U);
  const Outcome out = capture({drops(Scope::emission, 250)}, traffic(400, 50), seed);
  CAPTURE(seed, out.destroyed.size());
  CHECK(out.destroyed.size() > 4'694);  // Binomial(20'000, 0.25): 5'000 +- 5 deviations of 61.2.
  CHECK(out.destroyed.size() < 5'306);
  CHECK(out.counts[0].struck == out.destroyed.size());
  CHECK(out.counts[0].struck + out.counts[0].skipped == 20'000);
}

TEST_CASE("rates of nothing and of everything are exact", "[fault][selector]") {
  const std::vector<Emission> in = traffic(20, 10);
  CHECK(capture({drops(Scope::emission, 0)}, in).destroyed.empty());
  CHECK(capture({drops(Scope::emission, 1'000)}, in).items.empty());
}

TEST_CASE("raising a rate adds victims and frees none", "[fault][selector]") {
  const std::vector<Emission> in = traffic(100, 20);
  const auto few = actions_of(capture({drops(Scope::emission, 100)}, in).destroyed);
  const auto many = actions_of(capture({drops(Scope::emission, 300)}, in).destroyed);
  CHECK(few.size() < many.size());
  CHECK(std::includes(many.begin(), many.end(), few.begin(), few.end()));
}

TEST_CASE("a sticky scope gives its entity the same answer each time", "[fault][selector]") {
  const Scope scope = GENERATE(Scope::user, Scope::device, Scope::session);
  const Outcome out = capture({drops(scope, 300)}, traffic(2'000, 10));
  std::set<std::uint64_t> hit, spared;
  for (const Emission& e : out.destroyed) hit.insert(entity_of(e, scope));
  for (const Captures::Item& item : out.items) spared.insert(entity_of(item.emission, scope));
  CAPTURE(hit.size(), spared.size());
  for (const std::uint64_t entity : hit) CHECK(spared.count(entity) == 0);
  CHECK(hit.size() > 497);  // Binomial(2'000, 0.3): 600 +- 5 deviations of 20.5.
  CHECK(hit.size() < 703);
}

TEST_CASE("the two sides of an action are struck independently of each other",
          "[fault][selector]") {
  std::vector<Emission> in = traffic(100, 100, Source::client);
  const std::vector<Emission> server = traffic(100, 100, Source::server);
  const auto clients = actions_of(capture({drops(Scope::emission, 500)}, in).destroyed);
  const auto servers = actions_of(capture({drops(Scope::emission, 500)}, server).destroyed);
  std::vector<std::uint64_t> both;
  std::set_intersection(clients.begin(), clients.end(), servers.begin(), servers.end(),
                        std::back_inserter(both));
  CAPTURE(both.size());
  CHECK(both.size() > 2'283);  // Binomial(10'000, 0.25): 2'500 +- 5 deviations of 43.3.
  CHECK(both.size() < 2'717);
}

TEST_CASE("bursts have the long-run share and the mean length they were given",
          "[fault][selector]") {
  const Outcome out = capture({drops_in_bursts(100, 8)}, traffic(200, 1'000));
  std::map<std::uint32_t, std::set<std::uint64_t>> hit;
  for (const Emission& e : out.destroyed)
    hit[e.seen.user].insert((e.seen.id.value & 0xffff'ffff'ffffU) - e.seen.user * 1'000ULL);
  double runs = 0;
  double struck_in_runs = 0;
  for (const auto& [user, turns] : hit) {
    double length = 0;
    bool began = turns.count(0) == 0;  // A run cut off by the first or the last turn tells nothing.
    for (std::uint64_t turn = 0; turn < 1'000; ++turn) {
      if (turns.count(turn) != 0) {
        ++length;
      } else if (length > 0) {
        if (began) struck_in_runs += length;
        if (began) ++runs;
        began = true;
        length = 0;
      }
    }
  }
  const double share = static_cast<double>(out.destroyed.size()) / 200'000;
  CAPTURE(share, runs, struck_in_runs / runs);
  // Correlation 0.861 a step widens a binomial's variance 13.4 times: deviation 0.0025.
  CHECK(std::abs(share - 0.1) < 5 * 0.0025);
  // Geometric, mean 8, deviation 7.5, about 2'450 runs: the mean's deviation is 0.15.
  CHECK(std::abs(struck_in_runs / runs - 8) < 5 * 0.15);
}

TEST_CASE("a burst hits neighbours of one device, not of the crowd", "[fault][selector]") {
  const std::vector<Emission> alone = traffic(1, 500);
  std::vector<Emission> crowd;
  for (const Emission& e : alone) {
    crowd.push_back(e);
    crowd.push_back(client_emission(e.seen.id.value & 0xffffU, 99));
  }
  const FaultPlan plan = drops_in_bursts(200, 10);
  const auto expected = actions_of(capture({plan}, alone).destroyed);
  std::vector<Emission> hit = capture({plan}, crowd).destroyed;
  std::erase_if(hit, [](const Emission& e) { return e.seen.user != 0; });
  CHECK(!expected.empty());
  CHECK(actions_of(hit) == expected);
}

TEST_CASE("nth strikes every n-th of each user", "[fault][selector]") {
  FaultPlan plan = fault("drop");
  plan.selector.choice = Choice::nth;
  plan.selector.nth = 3;
  const Outcome out = capture({plan}, traffic(5, 10));
  REQUIRE(out.destroyed.size() == 15);
  std::map<std::uint32_t, std::vector<std::uint64_t>> turns;
  for (const Emission& e : out.destroyed)
    turns[e.seen.user].push_back((e.seen.id.value & 0xffffU) - std::uint64_t{e.seen.user} * 10);
  for (const auto& [user, hit] : turns) CHECK(hit == std::vector<std::uint64_t>{2, 5, 8});
}

TEST_CASE("ids strike the events, users and actions they name, and no other", "[fault][selector]") {
  const std::vector<Emission> in = traffic(6, 4);
  const Emission& by_event = in[7];
  const Emission& by_action = in[14];
  const Emission& by_hex = in[21];
  char hex[24];
  std::snprintf(hex, sizeof hex, "a-0x%llx", static_cast<unsigned long long>(by_hex.seen.id.value));
  const std::string decimal = "a-" + std::to_string(by_action.seen.id.value);
  const Outcome out = capture({drops_ids({"u-4", decimal, by_event.event_id.text(), hex})}, in);
  std::set<std::uint64_t> expected{by_event.seen.id.value, by_action.seen.id.value,
                                   by_hex.seen.id.value};
  for (const Emission& e : in)
    if (e.seen.user == 4) expected.insert(e.seen.id.value);
  CHECK(expected.size() == 7);
  CHECK(actions_of(out.destroyed) == expected);
}

TEST_CASE("when begins with its first instant and ends before its last", "[fault][selector]") {
  FaultPlan plan = fault("drop");
  plan.selector.from = 3 * second + 250'123;
  plan.selector.until = 6 * second + 250'123;
  const Outcome out = capture({plan}, traffic(1, 10));
  std::vector<std::uint64_t> hit;
  for (const Emission& e : out.destroyed) hit.push_back(e.seen.id.value & 0xffffU);
  CHECK(hit == std::vector<std::uint64_t>{3, 4, 5});
  CHECK(out.counts[0].skipped == 0);
}

TEST_CASE("side and where decide who is reached; the rest is neither struck nor skipped",
          "[fault][selector]") {
  Scenario scenario = shop_with({fault("drop")});
  SelectorPlan& selector = scenario.faults[0].selector;
  selector.side = Source::server;
  const auto where = Predicate::parse("country = DE", scenario.plan, scenario.time.start);
  REQUIRE(where);
  selector.where = *where;
  std::vector<Emission> in = traffic(6, 5, Source::client);
  for (const Emission& e : traffic(6, 5, Source::server)) in.push_back(e);
  const Outcome out = capture(chain_of(scenario), in);
  CHECK(out.counts[0].struck == 10);  // Users 1 and 4, five server emissions each.
  CHECK(out.counts[0].skipped == 0);
  for (const Emission& e : out.destroyed) {
    CHECK(e.source == Source::server);
    CHECK(e.seen.traits[country] == 1);
  }
  for (const Captures::Item& item : out.items)
    CHECK((item.emission.struck | item.emission.skipped) == 0);
}

TEST_CASE("a selector that cannot be used names its key", "[fault][selector]") {
  CHECK(complaint(drops_ids({})) == "/faults/0/ids");
  CHECK(complaint(drops_ids({"u-1", "user-2"})) == "/faults/0/ids/1");
  CHECK(complaint(drops_ids({"a-"})) == "/faults/0/ids/0");
  CHECK(complaint(drops_ids({"a-12x"})) == "/faults/0/ids/0");
  CHECK(complaint(drops_in_bursts(900, 2)) == "/faults/0/burst/length");
  CHECK(complaint(drops_in_bursts(900, 9)).empty());
  CHECK(complaint(drops_in_bursts(100, 0)) == "/faults/0/burst/length");
  FaultPlan never = fault("drop");
  never.selector.from = never.selector.until = day;
  CHECK(complaint(never) == "/faults/0/when");
  FaultPlan zeroth = fault("drop");
  zeroth.selector.choice = Choice::nth;
  zeroth.selector.nth = 0;
  CHECK(complaint(zeroth) == "/faults/0/nth");
}
