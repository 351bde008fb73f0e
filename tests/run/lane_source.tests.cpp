// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lane_source.h"

#include <algorithm>
#include <map>
#include <set>

#include "fault/fault.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// A scenario of the repository with everything a lane needs.
struct Stage {
  explicit Stage(const std::string& file,
                 const std::vector<std::pair<std::string, std::string>>& set = {})
      : loaded(load(file, set)),
        scenario(loaded.scenario),
        world(scenario, scenario.seed),
        instrumentation(scenario, scenario.seed, "r"),
        faults(*FaultChain::make(scenario, scenario.seed)),
        format(*make_wire_format("shared", scenario.plan, "r")),
        context{world,
                instrumentation,
                faults,
                Prng(1).stream("network"),
                Prng(1).stream("backoff"),
                [] { return SimTime{}; }} {}

  static Loaded load(const std::string& file,
                     const std::vector<std::pair<std::string, std::string>>& set) {
    LoadOptions options;
    options.faults = fault_kinds();
    options.set = set;
    Loaded loaded = load_scenario(source(file), options);
    REQUIRE(loaded.ok());
    return loaded;
  }

  Loaded loaded;
  const Scenario& scenario;
  World world;
  Instrumentation instrumentation;
  FaultChain faults;
  std::unique_ptr<WireFormat> format;
  LaneContext context;
};

/// A source over these lanes whose requests are all accepted, and its ledger at the end.
struct Played {
  std::vector<std::string> bodies;
  std::uint32_t populations = 0;
  Ledger ledger;
};

Played play(const Stage& stage, std::vector<LaneIndex> lanes, std::uint32_t batch,
            std::size_t requests, std::size_t abandoned = 0) {
  const TempFolder folder;
  const auto file = folder / "journal-0.plx";
  Played played;
  LaneSource source(stage.context, {batch, 1, std::move(lanes), stage.format.get()},
                    std::move(*Journal::create(file)));
  LoadRequest request;
  for (std::size_t i = 0; i < requests; ++i) {
    REQUIRE(source.prepare(0, request));
    CHECK(request.events == batch);
    if (i < abandoned) {
      source.abandon(0);
      continue;
    }
    source.depart(0, request);
    REQUIRE(source.flush());
    source.conclude(0, Receipt::accepted, 200, false);
    played.bodies.emplace_back(request.body.text());
  }
  source.drain();
  while (source.prepare(0, request)) {
    CHECK(request.events <= batch);
    source.depart(0, request);
    source.conclude(0, Receipt::accepted, 200, false);
    played.bodies.emplace_back(request.body.text());
  }
  played.populations = source.populations();
  REQUIRE(source.close());
  const std::vector<std::filesystem::path> files{file};
  Result<Ledger> ledger = read_ledger(files);
  REQUIRE(ledger);
  played.ledger = std::move(*ledger);
  return played;
}

}  // namespace

TEST_CASE("a load's batches are a pure function of scenario and seed", "[run][load]") {
  const Stage stage("scenarios/examples/shop.json", {{"/population/users", "300"}});
  const Played one = play(stage, {0, 1, 2}, 20, 100);
  const Played again = play(stage, {0, 1, 2}, 20, 100);
  CHECK(one.bodies == again.bodies);
}

TEST_CASE("every emission of a load that nothing withholds is delivered once", "[run][load]") {
  const Stage stage("scenarios/smoke/plain.json");
  const Played played = play(stage, {0, 1, 2, 3}, 7, 200);
  std::map<EmissionKey, int> delivered;
  for (const DeliveryRecord& delivery : played.ledger.deliveries) ++delivered[delivery.emission];
  std::size_t queued = 0;
  for (const EmissionRecord& record : played.ledger.emissions) {
    if (record.fate != Fate::queued) continue;
    ++queued;
    CHECK(delivered[record.emission.key()] == 1);
  }
  CHECK(queued == delivered.size());
  CHECK(played.ledger.receipts.size() == played.ledger.attempts.size());
  CHECK(played.bodies.size() == played.ledger.attempts.size());
}

TEST_CASE("an abandoned request's events are in the ledger as unsent", "[run][load]") {
  const Stage stage("scenarios/smoke/plain.json");
  const Played played = play(stage, {0}, 5, 10, 4);
  CHECK(played.ledger.abandons.size() == 20);
  for (const AbandonRecord& abandon : played.ledger.abandons)
    CHECK(abandon.why == AbandonRecord::Why::unsent);
  std::set<EmissionKey> delivered;
  for (const DeliveryRecord& delivery : played.ledger.deliveries)
    delivered.insert(delivery.emission);
  for (const AbandonRecord& abandon : played.ledger.abandons)
    CHECK(delivered.count(abandon.emission) == 0);
}

TEST_CASE("further populations are other people in the same span of time", "[run][load]") {
  const Stage stage("scenarios/smoke/plain.json", {{"/population/users", "64"}});
  const Played played = play(stage, {5}, 10, 300);
  CHECK(played.populations > 3);
  std::set<std::uint64_t> actions, sessions;
  std::set<Uuid> ids;
  std::set<std::uint32_t> users;
  for (const Action& action : played.ledger.actions) {
    CHECK(actions.insert(action.id.value).second);
    CHECK(action.at >= stage.world.start());
    CHECK(action.at < stage.world.end());
    CHECK(lane_of_user(action.user) == 5);
    users.insert(action.user);
    sessions.insert(action.session);
  }
  for (const EmissionRecord& record : played.ledger.emissions)
    if (record.emission.source == Source::client)
      CHECK(ids.insert(record.emission.event_id).second);
  CHECK(users.size() > 3);
  CHECK(sessions.size() > users.size() / 2);
}

TEST_CASE("a batch is of one side, and none leaves before its events", "[run][load]") {
  const Stage stage("scenarios/smoke/plain.json");
  const Played played = play(stage, {0, 1}, 9, 100);
  std::map<std::uint64_t, const AttemptRecord*> attempts;
  for (const AttemptRecord& attempt : played.ledger.attempts) attempts[attempt.id.value] = &attempt;
  std::map<EmissionKey, const Emission*> emissions;
  for (const EmissionRecord& record : played.ledger.emissions)
    emissions[record.emission.key()] = &record.emission;
  for (const DeliveryRecord& delivery : played.ledger.deliveries) {
    const AttemptRecord& attempt = *attempts.at(delivery.attempt.value);
    CHECK(delivery.emission.source == attempt.source);
    CHECK(emissions.at(delivery.emission)->captured <= attempt.at);
    CHECK(attempt.at <= attempt.arrives);
  }
}

TEST_CASE("the faults of a scenario strike a load too", "[run][load]") {
  const Stage stage("scenarios/examples/shop.json", {{"/population/users", "300"}});
  const Played played = play(stage, {0, 1, 2}, 10, 300);
  std::uint64_t struck = 0;
  std::size_t destroyed = 0, copies = 0;
  for (const EmissionRecord& record : played.ledger.emissions) {
    struck |= record.emission.struck;
    destroyed += record.fate == Fate::destroyed ? 1U : 0U;
    copies += record.emission.copy > 0 ? 1U : 0U;
  }
  for (const AttemptRecord& attempt : played.ledger.attempts) struck |= attempt.struck;
  CHECK(struck != 0);
  CHECK(destroyed > 0);
  CHECK(copies > 0);
}

TEST_CASE("people who send nothing end a load instead of hanging it", "[run][load]") {
  const Stage stage("scenarios/smoke/plain.json",
                    {{"/population/consent", R"({"denied": 1.0})"}, {"/population/users", "64"}});
  const Played played = play(stage, {0}, 10, 0);
  const TempFolder folder;
  LaneSource source(stage.context, {10, 1, {0}, stage.format.get()},
                    std::move(*Journal::create(folder / "j")));
  LoadRequest request;
  CHECK_FALSE(source.prepare(0, request));
}

}  // namespace parallax::test
