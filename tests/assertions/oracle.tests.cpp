// SPDX-License-Identifier: Apache-2.0
// The ways in which oracles have gone wrong before, and what `expect` makes of a failure.
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {

TEST_CASE("nothing measured is never a pass", "[assertions]") {
  LedgerBuilder nobody;
  LedgerBuilder blocked;
  blocked.act(action(0));
  blocked.queue(client_emission(0), Fate::destroyed);
  AssertionPlan per = ratio_between(0, 1'000'000'000);
  per.per = add_to_cart;
  for (const LedgerBuilder* built : {&nobody, &blocked}) {
    RowSet rows;
    rows.complete = true;
    const Judged judged(*built, rows);
    for (const AssertionPlan& plan : {that("exactly_once"), that("fields"), count_of(purchase),
                                      sum_of(revenue), ratio_between(0, 1'000'000'000), per}) {
      CAPTURE(plan.that);
      CHECK(check(judged, plan).found == Verdict::unknown);
      CHECK_FALSE(check(judged, plan).why.empty());
    }
  }
}

TEST_CASE("a target that answers 500 for ever is unknown and never passes", "[assertions]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 10; ++i) {
    built.act(action(i, lane_count * (i + 1)));
    built.send({built.queue(client_emission(i, lane_count * (i + 1)))}, own_failure());
  }
  RowSet rows;
  rows.complete = true;
  CHECK(check(Judged(built, rows), that("exactly_once")).found == Verdict::unknown);
}

TEST_CASE("a partial read is unknown, unless it already shows too much", "[assertions]") {
  const LedgerBuilder built = plain_purchases(100);
  RowSet rows = RightPipeline{built}.rows();
  rows.complete = false;
  for (const AssertionPlan& plan : {that("exactly_once"), that("fields"), count_of(purchase),
                                    sum_of(revenue), ratio_between(800'000, 1'200'000)}) {
    CAPTURE(plan.that);
    CHECK(check(Judged(built, rows), plan).found == Verdict::unknown);
  }
  rows.rows.push_back(rows.rows[0]);
  CHECK(check(Judged(built, rows), that("exactly_once")).found == Verdict::fail);
  CHECK(check(Judged(built, rows), count_of(purchase)).found == Verdict::fail);
}

TEST_CASE("an output cut off at its tail fails", "[assertions]") {
  const LedgerBuilder built = plain_purchases(100);
  RowSet rows = RightPipeline{built}.rows();
  rows = without(built, rows, 99);
  CHECK(check(Judged(built, rows), that("exactly_once")).found == Verdict::fail);
  CHECK(check(Judged(built, rows), count_of(purchase)).found == Verdict::fail);
}

TEST_CASE("as many rows of the wrong event fail", "[assertions]") {
  const LedgerBuilder built = plain_purchases(10);
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) {
    row.type = add_to_cart;
    row.event_name = hash_text("add_to_cart");
  }
  const Judged judged(built, rows);
  CHECK(check(judged, count_of(purchase)).found == Verdict::fail);
  CHECK(check(judged, that("fields")).found == Verdict::fail);
}

TEST_CASE("a double count is never made up for by anything", "[assertions]") {
  const LedgerBuilder built = plain_purchases(10);
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.insert(rows.rows.end(), rows.rows.begin(), rows.rows.end());
  const Judged judged(built, rows);
  CHECK(judged.count(ActionVerdict::duplicated) == 10);
  CHECK(check(judged, that("exactly_once")).found == Verdict::fail);
}

TEST_CASE("failing as expected passes, and only so", "[assertions][expect]") {
  LedgerBuilder built = plain_purchases(20);
  const RowSet lost = without(built, RightPipeline{built}.rows(), 7);
  AssertionPlan plan = that("exactly_once");
  plan.name = "once";
  plan.expect_verdict = "fail";
  const auto run = [&](const RowSet& rows) {
    built.scenario.assertions = {plan};
    return Judged(built, rows).trial().reports().front();
  };
  CHECK(run(lost).verdict == Verdict::pass);
  CHECK(run(lost).found == Verdict::fail);
  CHECK(run(lost).expected_to_fail);
  CHECK(run(lost).name == "once");
  CHECK(run(RightPipeline{built}.rows()).verdict == Verdict::fail);
  CHECK(run(RowSet{}).verdict == Verdict::unknown);
  plan.expect_with = {"lost"};
  CHECK(run(lost).verdict == Verdict::pass);
  plan.expect_with = {"duplicated"};
  CHECK(run(lost).verdict == Verdict::fail);
  RowSet both = lost;
  both.rows.push_back(both.rows[0]);
  CHECK(run(both).verdict == Verdict::fail);
  plan.expect_with = {"duplicated", "lost"};
  CHECK(run(both).verdict == Verdict::pass);
}

TEST_CASE("a scenario without assertions gets exactly_once and fields", "[assertions][expect]") {
  const LedgerBuilder built = plain_purchases(5);
  const Judged judged(built, RightPipeline{built}.rows());
  const auto reports = judged.trial().reports();
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].kind == "exactly_once");
  CHECK(reports[1].kind == "fields");
  CHECK(reports[1].verdict == Verdict::pass);
}

TEST_CASE("an assertion that cannot be made is unknown, never a pass", "[assertions][expect]") {
  LedgerBuilder built = plain_purchases(5);
  built.scenario.assertions = {that("percentile"), that("sum"), that("ratio")};
  const Judged judged(built, RightPipeline{built}.rows());
  for (const AssertionReport& report : judged.trial().reports()) {
    CHECK(report.verdict == Verdict::unknown);
    CHECK_FALSE(report.why.empty());
  }
}

TEST_CASE("causes are ranked by actions and name the faults that struck", "[assertions]") {
  LedgerBuilder built = plain_purchases(20);
  for (EmissionRecord& record : built.ledger.emissions)
    if (record.emission.seen.id.value == 4) record.emission.struck = 2;
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.push_back(row_at(built, rows, 4));
  for (const std::size_t n : {8U, 9U}) rows = without(built, rows, n);
  const Judged judged(built, rows);
  const auto causes = judged.trial().causes();
  REQUIRE(causes.size() == 2);
  CHECK(causes[0].verdict == ActionVerdict::lost);
  CHECK(causes[0].actions == 2);
  CHECK(causes[0].faults.empty());
  CHECK(causes[1].cause == Cause::multiplied);
  REQUIRE(causes[1].faults.size() == 1);
  CHECK(causes[1].faults[0].first == 1);
}

}  // namespace parallax::test
