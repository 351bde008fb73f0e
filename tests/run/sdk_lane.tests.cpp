// SPDX-License-Identifier: Apache-2.0
// What only the lane can do for an SDK: tell it the target's answer, restate times, carry an
// opt-out.
#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "sim/run/lane.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// An attempt that reached the target.
struct Heard {
  SimTime arrives;
  std::uint16_t retries = 0;
  std::vector<std::uint64_t> actions;
  SimTime stated;  ///< client_ts of its first event.
};
struct Told {
  Receipt receipt = Receipt::accepted;
  std::uint16_t status = 200;
  Micros retry_after = 0;
};
struct Played {
  std::vector<Heard> heard;
  Ledger ledger;

  std::size_t abandoned(AbandonRecord::Why why) const {
    return static_cast<std::size_t>(
        std::count_if(ledger.abandons.begin(), ledger.abandons.end(),
                      [&](const AbandonRecord& record) { return record.why == why; }));
  }
};

using Set = std::vector<std::pair<std::string, std::string>>;

Scenario scenario_with(const std::string& client_sdk, const Set& more = {}) {
  LoadOptions options;
  options.faults = fault_kinds();
  options.set = {{"/sdk/client", client_sdk}};
  options.set.insert(options.set.end(), more.begin(), more.end());
  const Loaded loaded = load_scenario(source("scenarios/sdk/base.json"), options);
  for (const Problem& problem : loaded.problems) FAIL(problem.text());
  return loaded.scenario;
}

/// The lane's next attempt. With a window the lane is stopped after each of that length, `until`
/// being the end of the one that it is in.
const Outgoing* next(Lane& lane, const World& world, Micros window, SimTime& until) {
  if (window == 0) return lane.next();
  while (true) {
    const SimTime end = until > world.end() ? end_of_time : until;
    const Outgoing* const out = lane.next(end);
    if (out != nullptr || end == end_of_time) return out;
    until = until + window;
  }
}

/// All lanes against a target that answers one side as told, and takes what the other one sends.
Played play(const Scenario& scenario, const std::function<Told(const Heard&)>& answer,
            Source side = Source::client, Micros window = 0) {
  const Result<FaultChain> faults = FaultChain::make(scenario, 1);
  REQUIRE(faults);
  const World world(scenario, 1);
  const Instrumentation instrumentation(scenario, 1, "run");
  const LaneContext context{
      world, instrumentation, *faults, Prng(1).stream("network"), Prng(1).stream("backoff"), [] {
        return SimTime{};
      }};
  const TempFolder folder;
  const std::filesystem::path file = folder / "journal-0.plx";
  Result<Journal> journal = Journal::create(file);
  REQUIRE(journal);
  Played played;
  for (LaneIndex index = 0; index < lane_count; ++index) {
    Lane lane(context, index, &*journal);
    SimTime until = world.start();
    while (const Outgoing* out = next(lane, world, window, until)) {
      const Emission& first = *out->events.front();
      if (first.source != side) {
        lane.answer(Receipt::accepted, 200);
        continue;
      }
      Heard heard{out->arrives, first.retry_count, {}, first.client_ts};
      for (const Emission* event : out->events) heard.actions.push_back(event->seen.id.value);
      const Told told = answer(heard);
      played.heard.push_back(std::move(heard));
      lane.answer(told.receipt, told.status, told.retry_after);
    }
    CHECK(lane.finished());
  }
  REQUIRE(journal->close());
  Result<Ledger> ledger = read_ledger({&file, 1});
  REQUIRE(ledger);
  played.ledger = std::move(*ledger);
  return played;
}

Told take(const Heard&) { return {}; }
Told refuse_first(const Heard& heard, std::uint16_t status, Micros retry_after) {
  if (heard.retries > 0) return {};
  const Receipt receipt = status == 429 ? Receipt::rejected : Receipt::unknown;
  return {receipt, status, retry_after};
}

/// By action: when its attempts arrived, and what time they stated.
std::map<std::uint64_t, std::vector<Heard>> by_action(const Played& played) {
  std::map<std::uint64_t, std::vector<Heard>> all;
  for (const Heard& heard : played.heard)
    for (const std::uint64_t action : heard.actions) all[action].push_back(heard);
  return all;
}

}  // namespace

TEST_CASE("the target's own Retry-After decides when the SDK tries again", "[run][sdk]") {
  const std::string sdk = R"({"profile": "segment-node@3.1", "flush_at": 1, "batch_max": 1})";
  const Scenario scenario = scenario_with("{}", {{"/sdk/server", sdk}});
  for (const Micros told : {Micros{0}, minute}) {
    const Played played = play(
        scenario, [&](const Heard& heard) { return refuse_first(heard, 429, told); },
        Source::server);
    std::size_t in_time = 0;
    for (const auto& [action, tries] : by_action(played)) {
      REQUIRE(tries.size() == 2);
      const Micros wait = tries[1].arrives - tries[0].arrives;
      if (wait >= minute && wait < minute + second) ++in_time;
    }
    // Only the end of the run may hurry some.
    CHECK((in_time > 50) == (told == minute));
  }
}

TEST_CASE("old posthog-js states an event later by the delay of its retry", "[run][sdk]") {
  for (const bool old : {true, false}) {
    const Scenario scenario =
        scenario_with(old ? R"("posthog-js@1.400")" : R"("posthog-js@1.449")");
    const Played played =
        play(scenario, [&](const Heard& heard) { return refuse_first(heard, 500, 0); });
    std::size_t moved = 0, retried = 0;
    for (const Heard& heard : played.heard) {
      if (heard.retries == 0) continue;
      ++retried;
      const auto first =
          std::find_if(played.heard.begin(), played.heard.end(), [&](const Heard& other) {
            return other.retries == 0 && other.actions.front() == heard.actions.front();
          });
      REQUIRE(first != played.heard.end());
      const Micros later = heard.stated - first->stated;
      const Micros delay = heard.arrives - first->arrives;
      if (later != 0) ++moved;
      // The round trips of both differ by less than their median.
      if (later != 0) CHECK(std::abs(later - delay) < 100 * millisecond);
    }
    CHECK(retried > 100);
    CHECK(moved == (old ? retried : 0));
  }
}

TEST_CASE("an event that goes out alone and at once leaves what it would leave step by step",
          "[run][sdk]") {
  // People who act again before the answer to what they did is there.
  const Scenario scenario =
      scenario_with(R"({"profile": "posthog-js@1.449", "immediate": ["search"]})",
                    {{"/journeys/visit/states/find/think", R"("100ms")"}});
  const auto answer = [](const Heard& heard) {
    return heard.actions.front() % 5 == 0 ? refuse_first(heard, 503, 0) : take(heard);
  };
  const Played whole = play(scenario, answer);
  // In windows this short hardly any event has its answer before the lane is stopped.
  const Played stopped = play(scenario, answer, Source::client, 60 * millisecond);
  const auto facts = [](const Played& played) {
    std::vector<std::tuple<SimTime, std::uint16_t, std::vector<std::uint64_t>>> heard;
    for (const Heard& one : played.heard) heard.emplace_back(one.arrives, one.retries, one.actions);
    return heard;
  };
  const auto retried = std::count_if(whole.heard.begin(), whole.heard.end(),
                                     [](const Heard& heard) { return heard.retries > 0; });
  CHECK(retried > 50);
  // Nothing is held up by what waits for its answer.
  const Micros longest_way = scenario.network.round_trip_client * 3 / 4;
  for (const Heard& heard : whole.heard)
    if (heard.retries == 0) CHECK(heard.arrives - heard.stated <= longest_way + millisecond);
  CHECK(facts(whole) == facts(stopped));
  const auto receipts = [](const Played& played) {
    std::vector<std::tuple<std::uint64_t, SimTime, Receipt, std::uint16_t>> all;
    for (const ReceiptRecord& one : played.ledger.receipts)
      all.emplace_back(one.attempt.value, one.at, one.receipt, one.status);
    return all;
  };
  CHECK(receipts(whole) == receipts(stopped));
  CHECK(whole.ledger.deliveries.size() == stopped.ledger.deliveries.size());
}

TEST_CASE("an opt-out drops what waits, where the SDK does so", "[run][sdk][consent]") {
  const auto lost = [](const std::string& opt_out) {
    const std::string sdk = R"({"flush_interval": "1h", "opt_out": ")" + opt_out + R"("})";
    const Set long_visits{{"/time/length", "2h"},
                          {"/population/consent", R"({"withdrawn_later": 1})"},
                          {"/population/sessions/per_user_day", "24"},
                          {"/journeys/visit/states/find/think", "5m"}};
    return play(scenario_with(sdk, long_visits), take).abandoned(AbandonRecord::Why::opted_out);
  };
  CHECK(lost("drops") > 5);
  CHECK(lost("sends") == 0);
}

TEST_CASE("the SDK's rate limit is in the ledger", "[run][sdk]") {
  const Scenario scenario = scenario_with(R"({"rate_limit": 1, "rate_burst": 1})");
  CHECK(play(scenario, take).abandoned(AbandonRecord::Why::limited) > 20);
  CHECK(play(scenario_with("{}"), take).abandoned(AbandonRecord::Why::limited) == 0);
}

TEST_CASE("a target that fails for ever ends the drain of an SDK that never gives up",
          "[run][sdk]") {
  const Scenario scenario = scenario_with(R"("snowplow-js@4.10")");
  const Played played = play(scenario, [](const Heard&) { return Told{Receipt::unknown, 500}; });
  CHECK(played.heard.size() > 1'000);
  CHECK(played.abandoned(AbandonRecord::Why::exhausted) > 100);
}

TEST_CASE("devices that never come back have lost what they kept", "[run][sdk]") {
  for (const bool back : {true, false}) {
    const std::string sdk = std::string(R"({"profile": "amplitude-js@2.48", "visits_again": )") +
                            (back ? "true}" : "false}");
    const Played played = play(scenario_with(sdk), [](const Heard& heard) {
      return heard.retries == 0 ? Told{Receipt::unknown, 500} : Told{};
    });
    CHECK((played.abandoned(AbandonRecord::Why::unvisited) > 5) == !back);
  }
}

}  // namespace parallax::test
