// SPDX-License-Identifier: Apache-2.0
// Faults of devices, networks and processes, played: what they leave in the ledger, and what a
// right and a wrong pipeline make of it.
#include <algorithm>
#include <map>
#include <set>

#include "tests/run/play.h"
#include "tests/run/played_run.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Fault 0 is the one that the scenario is about.
struct Played : PlayedRun {
  explicit Played(const std::string& file) : PlayedRun(file) {
    for (const EmissionRecord& record : ledger.emissions)
      emissions[record.emission.key()] = &record;
    for (const DeliveryRecord& delivery : ledger.deliveries)
      batches[delivery.attempt.value].push_back(delivery.emission);
  }

  std::map<EmissionKey, const EmissionRecord*> emissions;
  std::map<std::uint64_t, std::vector<EmissionKey>> batches;  ///< By attempt.
};

bool fails(const std::string& file, const char* bug, Cause cause) {
  const RunReport report = play("scenarios/" + file, {bug});
  INFO(file << ": " << failures(report));
  return report.verdict == Verdict::fail &&
         std::any_of(report.causes.begin(), report.causes.end(),
                     [&](const CauseCount& count) { return count.cause == cause; });
}

}  // namespace

TEST_CASE("each of these faults strikes, and a right pipeline passes", "[run][device]") {
  const std::string name = GENERATE("offline", "cookies_cut", "no_script", "worker_replay",
                                    "tls_failure", "cors", "partial", "duplicate", "slow_load",
                                    "tab_closed", "app_killed", "storage_wiped", "not_flushed");
  check_strikes("scenarios/smoke/" + name + ".json");
}

TEST_CASE("each story of devices and processes ends as it tells", "[run][device]") {
  const std::string name =
      GENERATE("two-tabs", "slow-answer", "gateway-timeout", "garbled-answer", "wrong-clock-no-tls",
               "bad-radio", "host-clocks", "time-zones", "retry-new-id", "crash-before-emit",
               "server-overflow", "late-batches");
  check_strikes("scenarios/fault/" + name + ".json");
}

TEST_CASE("what arrives twice is found by a pipeline that keeps both", "[run][device]") {
  CHECK(fails("smoke/duplicate.json", "no_dedupe", Cause::retransmit));
  CHECK(fails("fault/two-tabs.json", "no_dedupe", Cause::retransmit));
  CHECK(fails("fault/slow-answer.json", "no_dedupe", Cause::retransmit));
  CHECK(fails("fault/gateway-timeout.json", "no_dedupe", Cause::retransmit));
  CHECK(fails("smoke/worker_replay.json", "no_dedupe", Cause::double_fire));
}

TEST_CASE("what a page or process loses is abandoned by the fault, unsent", "[run][device]") {
  const std::string name = GENERATE("tab_closed", "app_killed", "not_flushed", "storage_wiped");
  CAPTURE(name);
  const Played run("smoke/" + name + ".json");
  std::set<EmissionKey> sent;
  for (const DeliveryRecord& delivery : run.ledger.deliveries) sent.insert(delivery.emission);
  std::size_t lost = 0, sides[2] = {0, 0};
  for (const AbandonRecord& abandon : run.ledger.abandons) {
    CHECK((abandon.why == AbandonRecord::Why::lost) == (abandon.struck != 0));
    if (abandon.struck == 0) continue;
    ++lost;
    ++sides[static_cast<std::size_t>(abandon.emission.source)];
    CHECK(sent.count(abandon.emission) == 0);
  }
  CHECK(lost > 5);
  CHECK(sides[static_cast<std::size_t>(name == "not_flushed" ? Source::client : Source::server)] ==
        0);
  if (name != "storage_wiped") CHECK(run.report.faults[0].struck == lost);
}

TEST_CASE("a late SDK never sees the first events, or gets them from a stub when it is there",
          "[run][device]") {
  const Played run("smoke/slow_load.json");
  std::size_t late[2] = {0, 0};
  for (const EmissionRecord& record : run.ledger.emissions) {
    const Emission& e = record.emission;
    for (const unsigned fault : {0U, 1U}) late[fault] += e.struck >> fault & 1U;
    if ((e.struck & 2) != 0) {  // The later of two on one page has the last word.
      CHECK(record.fate == Fate::queued);
      CHECK(e.captured > e.seen.at);
      CHECK(e.captured.to_millisecond() - e.client_ts <= millisecond);
    } else {
      CHECK((record.fate == Fate::destroyed) == (e.struck == 1));
      CHECK(e.captured - e.seen.at <= second);
    }
  }
  CHECK(late[0] == run.report.faults[0].struck);
  CHECK(late[1] == run.report.faults[1].struck);
}

TEST_CASE("a repeat is an attempt of its own: the same bytes, or a tab's own request",
          "[run][device]") {
  const bool own = GENERATE(false, true);
  const Played run(own ? "fault/two-tabs.json" : "smoke/duplicate.json");
  std::map<std::pair<EmissionKey, std::uint16_t>, const AttemptRecord*> first;
  std::size_t repeats = 0;
  for (const AttemptRecord& attempt : run.ledger.attempts) {
    const std::pair key{run.batches.at(attempt.id.value).front(), attempt.number};
    if (attempt.struck == 0) {
      first.emplace(key, &attempt);
      continue;
    }
    ++repeats;
    REQUIRE(first.count(key) == 1);
    const AttemptRecord& original = *first[key];
    CHECK(run.batches.at(original.id.value) == run.batches.at(attempt.id.value));
    CHECK(attempt.arrives > original.arrives);
    CHECK((attempt.sent_at == original.sent_at) != own);
  }
  CHECK(repeats == run.report.faults[0].struck);
}

TEST_CASE("of a batch taken in part the rest is refused, and sent again by who reads answers",
          "[run][device]") {
  const Played run("smoke/partial.json");
  std::map<EmissionKey, int> accepted;
  std::map<std::uint64_t, Receipt> receipts;
  for (const ReceiptRecord& receipt : run.ledger.receipts)
    receipts[receipt.attempt.value] = receipt.receipt;
  for (const DeliveryRecord& delivery : run.ledger.deliveries)
    if (receipts[delivery.attempt.value] == Receipt::accepted) ++accepted[delivery.emission];
  std::size_t parted = 0, again = 0, lost = 0;
  for (const AttemptRecord& attempt : run.ledger.attempts) {
    CHECK(run.batches.at(attempt.id.value).size() == attempt.size);
    if (attempt.struck == 0) continue;
    ++parted;
    CHECK(attempt.strike == Strike::answered);
    CHECK(attempt.answer == 400);
    for (const EmissionKey& key : run.batches.at(attempt.id.value)) {
      CHECK(accepted[key] <= (key.source == Source::client ? 1 : 0));
      ++(accepted[key] > 0 ? again : lost);
    }
  }
  CHECK(parted == run.report.faults[0].struck);
  CHECK(again > 20);  // What is turned away as its page closes is lost all the same.
  CHECK(lost > 20);
}

TEST_CASE("a combination strikes nobody whom its companion spared", "[run][device]") {
  const Played run("fault/wrong-clock-no-tls.json");
  std::size_t struck = 0;
  for (const AttemptRecord& attempt : run.ledger.attempts) {
    const EmissionKey key = run.batches.at(attempt.id.value).front();
    const bool skewed = (run.emissions.at(key)->emission.struck & 1) != 0;
    if (attempt.source == Source::client)
      CHECK(((attempt.struck & 2) != 0) == (skewed && attempt.strike == Strike::before_send));
    struck += (attempt.struck & 2) != 0 ? 1 : 0;
  }
  CHECK(struck > 20);
}

TEST_CASE("no fault of a page or process moves what users do", "[run][device]") {
  const Played plain("smoke/plain.json");
  const Played killed("smoke/app_killed.json");
  REQUIRE(plain.ledger.actions.size() == killed.ledger.actions.size());
  for (std::size_t i = 0; i < plain.ledger.actions.size(); ++i) {
    CHECK(plain.ledger.actions[i].id == killed.ledger.actions[i].id);
    CHECK(plain.ledger.actions[i].at == killed.ledger.actions[i].at);
  }
}

}  // namespace parallax::test
