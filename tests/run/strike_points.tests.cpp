// SPDX-License-Identifier: Apache-2.0
// The points of an event's life at which a scenario lets faults strike: what they leave in the
// ledger and its tables, and what a right and a wrong pipeline make of it.
#include <algorithm>
#include <map>
#include <set>

#include "sim/core/duckdb.h"
#include "tests/run/play.h"
#include "tests/run/played_run.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

struct Played : PlayedRun {
  explicit Played(const std::string& file) : PlayedRun(file) {
    for (const ReceiptRecord& receipt : ledger.receipts) receipts[receipt.attempt] = receipt;
    for (const DeliveryRecord& delivery : ledger.deliveries) sent.insert(delivery.emission);
  }

  /// "fault, point" of a table, each pair that it has, with how often.
  std::map<std::string, int> points(const std::string& table) const {
    auto database = duckdb::Database::open({});
    REQUIRE(database);
    auto connection = database->connect();
    REQUIRE(connection);
    auto rows = connection->query(
        "select fault || ' ' || point, count(*) from (select unnest(string_split(faults, ', ')) as "
        "fault, unnest(string_split(points, ', ')) as point from '" +
        (folder / ("run/ledger/" + table + ".parquet")).string() +
        "' where faults <> '') group by 1");
    REQUIRE(rows);
    std::map<std::string, int> out;
    for (const auto& row : rows->texts()) out[row[0]] = std::stoi(row[1]);
    return out;
  }

  std::map<AttemptId, ReceiptRecord> receipts;
  std::set<EmissionKey> sent;
};

Micros timeout_of(const Scenario& scenario, Source side) {
  return side == Source::client ? scenario.client_sdk.timeout : scenario.server_sdk.timeout;
}

}  // namespace

TEST_CASE("faults strike where the scenario says, and a right pipeline passes", "[run][strike]") {
  const std::string name = GENERATE("lost-on-the-way", "job-queue", "blocked-requests");
  check_strikes("scenarios/fault/" + name + ".json");
}

TEST_CASE("what is dropped from a queue was in it, and never leaves", "[run][strike]") {
  const Played run("fault/lost-on-the-way.json");
  std::map<EmissionKey, const EmissionRecord*> emissions;
  for (const EmissionRecord& record : run.ledger.emissions)
    emissions[record.emission.key()] = &record;
  std::size_t lost = 0;
  for (const AbandonRecord& abandon : run.ledger.abandons) {
    if (abandon.struck == 0) continue;
    ++lost;
    CHECK(abandon.why == AbandonRecord::Why::lost);
    CHECK(abandon.struck == 1);
    const EmissionRecord& record = *emissions.at(abandon.emission);
    CHECK(record.fate == Fate::queued);
    CHECK((record.emission.struck & 1) == 1);
    CHECK(run.sent.count(abandon.emission) == 0);
  }
  CHECK(lost == run.report.faults[0].struck);
}

TEST_CASE("a request dropped on the wire ends where it was dropped, after the SDK's timeout",
          "[run][strike]") {
  const Played run("fault/lost-on-the-way.json");
  const std::map<std::uint64_t, Strike> strikes{
      {2, Strike::before_send}, {4, Strike::during_body}, {8, Strike::after_commit}};
  std::map<Strike, std::size_t> counts;
  for (const AttemptRecord& attempt : run.ledger.attempts) {
    if (attempt.struck == 0) continue;
    CHECK(attempt.strike == strikes.at(attempt.struck));
    ++counts[attempt.strike];
    const ReceiptRecord& receipt = run.receipts.at(attempt.id);
    CHECK(receipt.by_fault);
    const bool left = attempt.strike != Strike::before_send;
    CHECK(receipt.receipt == (left ? Receipt::unknown : Receipt::rejected));
    CHECK(receipt.at - attempt.at == timeout_of(run.scenario, attempt.source));
  }
  for (const auto& [strike, count] : counts) CHECK(count >= 20);
  CHECK(counts.size() == 3);
}

TEST_CASE("an event that waits before the queue leaves late, and says when it was",
          "[run][strike]") {
  const Played run("fault/job-queue.json");
  std::map<EmissionKey, SimTime> left;
  std::map<AttemptId, SimTime> attempts;
  for (const AttemptRecord& attempt : run.ledger.attempts) attempts[attempt.id] = attempt.at;
  for (const DeliveryRecord& delivery : run.ledger.deliveries)
    left.try_emplace(delivery.emission, attempts.at(delivery.attempt));
  Micros waited = 0, straight = 0;
  for (const EmissionRecord& record : run.ledger.emissions) {
    const Emission& e = record.emission;
    if (e.source != Source::server) continue;
    CHECK(e.captured - e.seen.at < second);
    const auto found = left.find(e.key());
    REQUIRE(found != left.end());
    (e.struck & 1 ? waited : straight) =
        std::max(e.struck & 1 ? waited : straight, found->second - e.captured);
  }
  CHECK(waited > 10 * minute);
  CHECK(straight < minute);
}

TEST_CASE("an SDK whose requests are blocked tries in vain", "[run][strike]") {
  const Played run("fault/blocked-requests.json");
  std::set<std::uint32_t> blocked, heard;
  std::map<AttemptId, std::uint32_t> user_of;
  std::map<EmissionKey, std::uint32_t> users;
  for (const EmissionRecord& record : run.ledger.emissions)
    users[record.emission.key()] = record.emission.seen.user;
  for (const DeliveryRecord& delivery : run.ledger.deliveries)
    user_of[delivery.attempt] = users.at(delivery.emission);
  bool again = false;
  for (const AttemptRecord& attempt : run.ledger.attempts) {
    if (attempt.source != Source::client) continue;
    const bool struck = attempt.struck != 0;
    CHECK(struck == (attempt.strike == Strike::before_send));
    again = again || (struck && attempt.number > 1);
    (struck ? blocked : heard).insert(user_of.at(attempt.id));
  }
  CHECK(again);
  CHECK(blocked.size() > 20);
  // Until the faults are lifted at the end: then what they kept gets out.
  CHECK(heard.size() > blocked.size());
}

TEST_CASE("the ledger's tables say at which point a fault struck", "[run][strike]") {
  const Played lost("fault/lost-on-the-way.json");
  const auto emissions = lost.points("emissions");
  CHECK(emissions.size() == 1);
  CHECK(emissions.at("from_queue queue") >= 20);
  CHECK(lost.points("abandons") == emissions);
  const auto attempts = lost.points("attempts");
  CHECK(attempts.size() == 3);
  CHECK(attempts.at("on_the_way before_send") >= 20);
  CHECK(attempts.at("in_the_body during_body") >= 20);
  CHECK(attempts.at("on_the_way_back after_commit") >= 20);
}

TEST_CASE("of a fault that strikes at two points, each strike has its own", "[run][strike]") {
  const Played crash("smoke/restart.json");
  const auto attempts = crash.points("attempts");
  CHECK(attempts.size() == 2);
  CHECK(attempts.count("restart before_send") == 1);
  CHECK(attempts.count("restart after_commit") == 1);
  const Played wiped("smoke/storage_wiped.json");
  CHECK(wiped.points("emissions").count("storage_wiped capture") == 1);
  CHECK(wiped.points("abandons").count("storage_wiped queue") == 1);
}

TEST_CASE("a pipeline that keeps both copies is found by a dropped answer", "[run][strike]") {
  const RunReport report = play("scenarios/fault/lost-on-the-way.json", {"no_dedupe"});
  CHECK(report.verdict == Verdict::fail);
  CHECK(std::any_of(report.causes.begin(), report.causes.end(), [](const CauseCount& count) {
    return count.verdict == ActionVerdict::duplicated && count.cause == Cause::retransmit;
  }));
}

}  // namespace parallax::test
