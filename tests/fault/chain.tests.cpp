// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "tests/fault/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

/// Event ids of what came out, by emission key: what a chain did, whatever the order.
std::map<EmissionKey, Uuid> ids_by_key(const Outcome& outcome) {
  std::map<EmissionKey, Uuid> ids;
  for (const Captures::Item& item : outcome.items)
    ids[item.emission.key()] = item.emission.event_id;
  return ids;
}

FaultPlan fires_twice(std::string name, std::uint32_t per_mille) {
  FaultPlan plan = with_rate(fault("double_fire", {word("id", "new")}), per_mille);
  plan.name = std::move(name);
  return plan;
}

}  // namespace

TEST_CASE("a condition that everything meets changes nothing", "[fault][chain]") {
  // Without one a gate draws by itself; with one it asks the selector.
  const std::vector<Emission> in = traffic(50, 40);
  std::vector<FaultPlan> faults{with_rate(fault("missing_id"), 100), fires_twice("twice", 300),
                                with_rate(fault("drop"), 200),
                                with_rate(fault("answer_lost"), 300)};
  const auto played = [&](std::vector<std::uint64_t>& attempts) {
    const FaultChain chain = chain_of(shop_with(faults));
    LaneFaults wire(chain);
    for (std::uint64_t i = 0; i < in.size(); ++i) {
      WireFate fate;
      std::uint64_t struck = 0, skipped = 0;
      wire.send({in[i], 1, 1, in[i].captured}, AttemptId{make_lane_id(1, i)}, fate, struck,
                skipped);
      CHECK((fate.strike != Strike::none) == (struck != 0));
      attempts.insert(attempts.end(), {struck, skipped});
    }
    return capture(chain, in);
  };
  std::vector<std::uint64_t> alone_attempts, asked_attempts;
  const Outcome alone = played(alone_attempts);
  const Scenario shop = shop_with({});
  const auto anybody = Predicate::parse("user >= 0", shop.plan, shop.time.start);
  REQUIRE(anybody);
  for (FaultPlan& plan : faults) plan.selector.where = *anybody;
  const Outcome asked = played(asked_attempts);
  CHECK(alone.items.size() > in.size());
  CHECK(ids_by_key(alone) == ids_by_key(asked));
  CHECK(alone_attempts == asked_attempts);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    CHECK(alone.counts[i].struck == asked.counts[i].struck);
    CHECK(alone.counts[i].skipped == asked.counts[i].skipped);
  }
}

TEST_CASE("adding a fault moves no other fault's draw", "[fault][chain]") {
  const std::vector<Emission> in = traffic(50, 40);
  const FaultPlan watched = fires_twice("double_fire", 200);
  const auto alone = ids_by_key(capture({watched}, in));
  const auto after = ids_by_key(capture({with_rate(fault("missing_id"), 400), watched}, in));
  const auto before = ids_by_key(
      capture({watched, with_rate(fault("clock_skew", {number("offset", minute)}), 500)}, in));
  CHECK(alone.size() > in.size());
  CHECK(alone == after);
  CHECK(alone == before);
}

TEST_CASE("the same input gives the same output, and the order of capture does not matter",
          "[fault][chain]") {
  const std::vector<Emission> in = traffic(50, 40);
  const std::vector<Emission> reversed(in.rbegin(), in.rend());
  const std::vector<FaultPlan> faults{fires_twice("twice", 200), with_rate(fault("drop"), 100),
                                      with_rate(fault("regenerated_id"), 300)};
  const Outcome first = capture(faults, in);
  CHECK(ids_by_key(first) == ids_by_key(capture(faults, in)));
  CHECK(ids_by_key(first) == ids_by_key(capture(faults, reversed)));
  CHECK(ids_by_key(first) != ids_by_key(capture(faults, in, 8)));
}

TEST_CASE("two faults of one kind draw independently, each by its name", "[fault][chain]") {
  const Outcome out = capture({fires_twice("one", 500), fires_twice("two", 500)}, traffic(50, 40));
  std::size_t both = 0;
  for (const Captures::Item& item : out.items)
    both += item.emission.copy == 0 && item.emission.struck == 3 ? 1U : 0U;
  CAPTURE(both);
  CHECK(both > 403);  // Binomial(2'000, 0.25): 500 +- 5 deviations of 19.4.
  CHECK(both < 597);
}

TEST_CASE("a destroyed emission tells who did it and meets no later fault", "[fault][chain]") {
  const Outcome out = capture({with_rate(fault("missing_id"), 0), fault("drop"), fault("drop")},
                              {client_emission(1)});
  CHECK(out.items.empty());
  REQUIRE(out.destroyed.size() == 1);
  CHECK(out.destroyed[0].struck == 2);
  CHECK(out.destroyed[0].skipped == 1);
  CHECK(out.counts[2].struck + out.counts[2].skipped == 0);
}

TEST_CASE("copies meet the later faults too, and later adds up", "[fault][chain]") {
  const Outcome out =
      capture({fault("double_fire", {number("after", second)}),
               fault("double_fire", {number("after", minute)}), fault("missing_id")},
              {client_emission(1)});
  REQUIRE(out.items.size() == 4);
  std::set<std::uint8_t> copies;
  std::multiset<Micros> later;
  for (const Captures::Item& item : out.items) {
    copies.insert(item.emission.copy);
    later.insert(item.later);
    CHECK(item.emission.id_form == IdForm::absent);
    CHECK(item.emission.struck == 7);
    CHECK(item.emission.captured == client_emission(1).captured + item.later);
  }
  CHECK(copies == std::set<std::uint8_t>{0, 1, 2, 3});
  CHECK(later == std::multiset<Micros>{0, second, minute, minute + second});
}

TEST_CASE("copies can be destroyed one by one", "[fault][chain]") {
  const std::vector<Emission> in = traffic(100, 10);
  const Outcome out =
      capture({fault("double_fire", {number("times", 3)}), with_rate(fault("drop"), 500)}, in);
  CHECK(out.items.size() + out.destroyed.size() == 4 * in.size());
  std::set<EmissionKey> keys;
  for (const Captures::Item& item : out.items) keys.insert(item.emission.key());
  for (const Emission& e : out.destroyed) keys.insert(e.key());
  CHECK(keys.size() == 4 * in.size());
  CHECK(out.counts[1].struck == out.destroyed.size());
  CHECK(out.destroyed.size() > 1'841);  // Binomial(4'000, 0.5): 2'000 +- 5 deviations of 31.6.
  CHECK(out.destroyed.size() < 2'159);
}

TEST_CASE("more copies than can be told apart are refused", "[fault][chain]") {
  const FaultPlan twenty = fault("double_fire", {number("times", 20)});
  const FaultPlan eleven = fault("double_fire", {number("times", 11)});
  CHECK(complaint(shop_with({twenty, eleven})).empty());  // 21 * 12 = 252.
  CHECK(complaint(shop_with({twenty, twenty})) == "/faults/1/times");
}

TEST_CASE("capture leaves alone what was captured before", "[fault][chain]") {
  const FaultChain chain = chain_of(shop_with({fault("drop")}));
  LaneFaults lane(chain);
  Captures captures;
  captures.items.push_back({client_emission(1), 5});
  std::vector<Destroyed> destroyed;
  lane.capture(client_emission(2), captures, destroyed);
  REQUIRE(captures.items.size() == 1);
  CHECK(same(captures.items[0].emission, client_emission(1)));
  CHECK(destroyed.size() == 1);
}

TEST_CASE("nothing is struck, skipped or counted after lift", "[fault][chain]") {
  const FaultChain chain = chain_of(shop_with({fault("drop"), fault("answer_lost")}));
  LaneFaults lane(chain);
  lane.lift();
  Captures captures;
  std::vector<Destroyed> destroyed;
  lane.capture(client_emission(1), captures, destroyed);
  std::uint64_t hit = 0;
  std::uint64_t skipped = 0;
  WireFate fate;
  lane.send({client_emission(1), 1, 1, SimTime{}}, AttemptId{1}, fate, hit, skipped);
  REQUIRE(captures.items.size() == 1);
  CHECK(same(captures.items[0].emission, client_emission(1)));
  CHECK(destroyed.empty());
  CHECK(fate.strike == Strike::none);
  CHECK((hit | skipped) == 0);
  for (const FaultCounts& count : lane.counts()) CHECK(count.struck + count.skipped == 0);
}

TEST_CASE("a withheld emission passes every fault but the ones that let it out", "[fault][chain]") {
  Emission withheld = server_emission(1);
  withheld.seen.consent = Consent::denied;
  withheld.withheld = Withheld::consent;
  const std::vector<FaultPlan> others{fault("drop"), fault("missing_id"), fault("regenerated_id")};
  const Outcome kept = capture(others, {withheld});
  REQUIRE(kept.items.size() == 1);
  CHECK(same(kept.items[0].emission, withheld));
  const Outcome out = capture({fault("consent_drift"), fault("missing_id")}, {withheld});
  REQUIRE(out.items.size() == 1);
  CHECK(out.items[0].emission.struck == 3);  // Once it is out, the faults after it strike it.
}

TEST_CASE("an error points at the fault and the key", "[fault][chain]") {
  FaultPlan wrong = fault("status", {number("code", 200)});
  CHECK(complaint(shop_with({fault("drop"), wrong})) == "/faults/1/code");
  wrong.fault = "statsu";
  CHECK(complaint(wrong) == "/faults/0/fault");
}

TEST_CASE("decisions and new ids are the same on every machine and in every version",
          "[fault][chain]") {
  const Outcome out =
      capture({fires_twice("twice", 200), with_rate(fault("drop"), 100)}, traffic(40, 25));
  std::uint64_t hash = 0;
  for (const Captures::Item& item : out.items) {
    const Emission& e = item.emission;
    for (const std::uint64_t part : {e.seen.id.value, e.event_id.high, e.event_id.low, e.struck})
      hash = mix64(hash ^ part);
  }
  CHECK(hash == 0x0c09df3c31b853cfU);
}
