// SPDX-License-Identifier: Apache-2.0
// Where the judge looks twice: second rows, days that a table lacks, examples of every cause, and
// why one side stands alone. Each was once broken without a test that told.
#include "assertions/match.h"
#include "tests/assertions/told.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// What rollup by purchases says of these daily totals.
AssertionReport rollup(const LedgerBuilder& built, const RowSet& set, RowSet totals) {
  AssertionPlan plan = that("rollup");
  plan.of = purchase;
  LedgerBuilder only = built;
  only.scenario.assertions = {plan};
  RowFacts facts;
  facts.complete = set.complete;
  facts.rollup = std::move(totals);
  for (const CanonicalRow& row : set.rows) facts.add(row, hash_text(run_id));
  Trial trial(only.scenario, facts, 1);
  judge_parts(only.scenario, trial, split(only.ledger, 1), set.rows);
  return trial.reports().front();
}

CanonicalRow total_of(const RowSet& rows, SimTime day_of, std::int32_t count) {
  CanonicalRow total = rows.rows.front();
  total.event_ts = day_of;
  total.client_rows = count;
  return total;
}

/// Ten purchases whose client is in the way that `spoil(emission)` says: its fate, and how it is
/// sent where it is queued.
template <class Spoil>
void without_client(LedgerBuilder& built, std::uint32_t first, Spoil spoil) {
  for (std::uint32_t i = first; i < first + 10; ++i) {
    const Action bought = action(i, i + 1);
    built.act(bought);
    built.send({built.queue(emission(bought, Source::server))});
    spoil(emission(bought, Source::client));
  }
}

}  // namespace

TEST_CASE("a second row is looked at like the first", "[assertions][edges]") {
  const LedgerBuilder built = plain_purchases(10);
  RowSet rows = RightPipeline{built}.rows();
  CanonicalRow second = row_at(built, rows, 3);
  second.values[revenue] += 500;
  rows.rows.push_back(second);
  const Judged judged(built, rows);
  CHECK(judged[3].verdict == ActionVerdict::duplicated);
  CHECK((judged[3].findings & bit_of(ActionVerdict::distorted)) != 0);
  CHECK(judged[3].fields == 1U << revenue);
  CHECK(check(judged, that("fields")).found == Verdict::fail);
}

TEST_CASE("daily totals are held against the rows where the ledger leaves room",
          "[assertions][rollup][edges]") {
  LedgerBuilder built = shoppers(10);
  const Action open = action(10, 11);
  built.act(open);
  const AttemptId attempt =
      built.send({built.queue(emission(open, Source::server))}, lost_answer());
  const RowSet rows = RightPipeline{built, {attempt}}.rows();
  const SimTime first = rows.rows.front().event_ts.floor(day);
  CHECK(rollup(built, rows, {{total_of(rows, first, 11)}, true}).found == Verdict::pass);
  const AssertionReport report = rollup(built, rows, {{total_of(rows, first, 10)}, true});
  CHECK(report.found == Verdict::fail);
  CHECK(report.lines.at(0).expected == "11 in the rows");
}

TEST_CASE("a day that the daily totals lack has its line", "[assertions][rollup][edges]") {
  LedgerBuilder built = shoppers(10);
  Action later = action(10, 11);
  later.at = later.at + day;
  built.deliver(later);
  const RowSet rows = RightPipeline{built}.rows();
  const SimTime first = rows.rows.front().event_ts.floor(day);
  const AssertionReport report = rollup(built, rows, {{total_of(rows, first, 11)}, true});
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 2);
  CHECK(report.lines[1].actual == "0");
  CHECK(report.lines[1].delta == "-1");
}

TEST_CASE("examples are of each cause in turn, the largest first, and five in all",
          "[assertions][edges]") {
  const LedgerBuilder built = plain_purchases(20);
  RowSet rows = RightPipeline{built}.rows();
  for (const std::size_t n : {5U, 6U, 7U}) rows.rows.push_back(row_at(built, rows, n));
  for (const std::size_t n : {10U, 11U, 12U, 13U}) rows = without(built, std::move(rows), n);
  const Judged judged(built, rows);
  const AssertionReport report = check(judged, that("exactly_once"));
  std::vector<ActionId> expected;
  for (const std::size_t n : {10U, 5U, 11U, 6U, 12U}) expected.push_back(judged[n].id);
  CHECK(report.examples == expected);
  for (const std::size_t n : {0U, 1U, 2U, 3U}) rows = without(built, std::move(rows), n);
  REQUIRE(Judged(built, rows).trial().causes().size() == 2);
  CHECK(Judged(built, rows).trial().causes()[0].examples.size() == 5);
}

TEST_CASE("a row is the more like an emission the more it shares with it", "[assertions][edges]") {
  const Emission sent = emission(action(3, 4), Source::server);
  const std::uint64_t name = hash_text("purchase");
  const CanonicalRow same = row_of(shop().plan, nullptr, &sent);
  CHECK(likeness(same, sent, name) == 15);
  const auto spoilt = [&](auto spoil) {
    CanonicalRow row = same;
    spoil(row);
    return likeness(row, sent, name);
  };
  CHECK(spoilt([](CanonicalRow& row) { row.event_name = 1; }) == 7);
  CHECK(spoilt([](CanonicalRow& row) { row.sequence += 1; }) == 11);
  CHECK(spoilt([](CanonicalRow& row) { row.session = 1; }) == 11);
  CHECK(spoilt([](CanonicalRow& row) { row.user = 1; }) == 13);
  CHECK(spoilt([](CanonicalRow& row) { row.event_ts = row.event_ts + hour; }) == 14);
}

TEST_CASE("ratio names why the other side stands alone", "[assertions][ratio][edges]") {
  LedgerBuilder built = shoppers(5);
  without_client(built, 10, [&](Emission client) {
    client.struck = 1;
    built.queue(client, Fate::destroyed);
  });
  without_client(built, 20, [&](const Emission& client) { built.queue(client); });
  without_client(built, 30, [&](Emission client) {
    client.withheld = Withheld::consent;
    built.queue(client, Fate::withheld);
  });
  without_client(built, 40,
                 [&](const Emission& client) { built.send({built.queue(client)}, lost_answer()); });
  AssertionPlan plan = ratio_between(900'000, 1'100'000);
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.client_rows = row.server_rows = -1;
  CHECK(told(built, rows, plan) == R"(fail
rule: client rows per server row stay inside the band
expected: 0.900 .. 1.100
actual: 0.111 (5 client, 45 server, by the ledger)
tolerance: 0.900 .. 1.100
why: all is below the band: 0.111 +- 0.156 (n = 45)
sample: 45
- ok/destroyed_by_fault 10
- ok/held_back 10
- ok/abandoned_by_sdk 10
- ok/outcome_unknown 10
examples: 5)");
}

TEST_CASE("ratio names what made a side stand more often", "[assertions][ratio][edges]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 20; ++i) {
    const Action bought = action(i, i + 1);
    built.act(bought);
    built.send({built.queue(emission(bought, Source::client))});
    const EmissionKey key = built.queue(emission(bought, Source::server));
    built.send({key});
    built.send({key});
  }
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.server_rows = 2;
  CHECK(told(built, rows, ratio_between(900'000, 1'100'000)) == R"(fail
rule: client rows per server row stay inside the band
expected: 0.900 .. 1.100
actual: 0.500 (20 client, 40 server, by the target's rows)
tolerance: 0.900 .. 1.100
why: all is below the band: 0.500 +- 0.075 (n = 20)
sample: 20
- ok/retransmit 20
examples: 5)");
}

}  // namespace parallax::test
