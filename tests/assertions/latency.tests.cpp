// SPDX-License-Identifier: Apache-2.0
// latency, and what it counts with.
#include "assertions/share.h"
#include "assertions/spread.h"
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// The rows of n purchases, ingested 200 ms after the server's clock, the first `slow` after 10 s.
RowSet ingested(const LedgerBuilder& built, std::size_t slow) {
  RowSet rows = RightPipeline{built}.rows();
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    CanonicalRow& row = rows.rows[i];
    row.ingestion_ts = row.server_ts + (i < slow ? 10 * second : 200 * millisecond);
  }
  return rows;
}

AssertionPlan ingestion_p(std::string_view percentile, Micros bound) {
  AssertionPlan plan = that("latency");
  plan.from = RowClock::server;
  plan.to = RowClock::ingestion;
  plan.at_most = {{*parse_ratio(percentile), bound}};
  return plan;
}

}  // namespace

TEST_CASE("only latency sees rows that were ingested slowly", "[assertions][latency]") {
  const LedgerBuilder built = plain_purchases(500);
  const Judged judged(built, ingested(built, 100));
  const AssertionReport report = check(judged, ingestion_p("90%", second));
  CHECK(report.found == Verdict::fail);
  CHECK(report.sample == 500);
  REQUIRE(report.lines.size() == 1);
  CHECK(report.lines[0].bucket == "p90");
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::slow);
  CHECK(report.causes[0].actions == 100);
  for (const AssertionPlan& plan :
       {that("exactly_once"), that("fields"), count_of(purchase), sum_of(revenue)})
    CHECK(check(judged, plan).found == Verdict::pass);
  CHECK(check(judged, ingestion_p("50%", second)).found == Verdict::pass);
  CHECK(check(judged, ingestion_p("90%", 20 * second)).found == Verdict::pass);
}

TEST_CASE("a target that drops what is slow is no faster for it", "[assertions][latency]") {
  const LedgerBuilder built = plain_purchases(500);
  RowSet rows = ingested(built, 100);
  rows.rows.erase(rows.rows.begin(), rows.rows.begin() + 100);
  const AssertionReport report = check(Judged(built, rows), ingestion_p("90%", second));
  CHECK(report.found == Verdict::fail);
  CHECK(report.sample == 500);
  CHECK(report.lines.at(0).actual == "200ms, 100 of 500 beyond");
  CHECK(report.why ==
        "more rows than p90 allows are not within 1s; 100 rows that must be there are not, and "
        "count as beyond it");
  CHECK(check(Judged(built, rows), ingestion_p("50%", second)).found == Verdict::pass);
  rows.complete = false;
  CHECK(check(Judged(built, rows), ingestion_p("90%", second)).found == Verdict::unknown);
}

TEST_CASE("a percentile needs a sample in which it would show", "[assertions][latency]") {
  const LedgerBuilder built = plain_purchases(50);
  const AssertionReport tail = check(Judged(built, ingested(built, 0)), ingestion_p("99%", second));
  CHECK(tail.found == Verdict::unknown);
  CHECK(tail.sample_needed == 900);
  const AssertionReport unsure =
      check(Judged(built, ingested(built, 8)), ingestion_p("90%", second));
  CHECK(unsure.found == Verdict::unknown);
  CHECK(unsure.sample_needed > 50);
}

TEST_CASE("latency between clocks that no row has is unknown", "[assertions][latency]") {
  const LedgerBuilder built = plain_purchases(50);
  const Judged judged(built, RightPipeline{built}.rows());
  const AssertionReport report = check(judged, ingestion_p("50%", second));
  CHECK(report.found == Verdict::unknown);
  CHECK(report.why == "nothing was measured: of 50 selected rows none has both clocks");
}

TEST_CASE("latency from client to server is 40 ms in the shop", "[assertions][latency]") {
  const LedgerBuilder built = plain_purchases(100);
  AssertionPlan plan = that("latency");
  plan.at_most = {{*parse_ratio("50%"), 40 * millisecond}};
  const Judged judged(built, RightPipeline{built}.rows());
  CHECK(check(judged, plan).found == Verdict::pass);
  plan.at_most[0].second -= millisecond;
  CHECK(check(judged, plan).found == Verdict::fail);
}

TEST_CASE("only freshness sees rows that take long to be seen", "[assertions][freshness]") {
  const LedgerBuilder built = plain_purchases(200);
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.ingestion_ts = row.server_ts + 90 * millisecond;
  AssertionPlan plan = that("freshness");
  plan.seen_within = second;
  row_at(built, rows, 7).ingestion_ts = row_at(built, rows, 7).ingestion_ts + minute;
  const Judged judged(built, rows);
  const AssertionReport report = check(judged, plan);
  CHECK(report.found == Verdict::fail);
  CHECK(report.causes.at(0).cause == Cause::slow);
  CHECK(report.actual == "1 later (of 200 rows, at worst 1m49ms)");
  for (const AssertionPlan& other : {that("exactly_once"), that("fields"), count_of(purchase)})
    CHECK(check(judged, other).found == Verdict::pass);
}

TEST_CASE("rows that vanish, change or come later are not fresh", "[assertions][freshness]") {
  AssertionPlan plan = that("freshness");
  plan.seen_within = second;
  const LedgerBuilder built = plain_purchases(10);
  RowSet set = RightPipeline{built}.rows();
  for (CanonicalRow& row : set.rows) row.ingestion_ts = row.server_ts + 90 * millisecond;
  const auto found = [&](const std::vector<Reread>& rereads) {
    LedgerBuilder only = built;
    only.scenario.assertions = {plan};
    RowFacts facts;
    facts.complete = true;
    facts.rereads = rereads;
    for (const CanonicalRow& row : set.rows) facts.add(row, hash_text(run_id));
    Trial trial(only.scenario, facts, 1);
    judge_parts(only.scenario, trial, split(only.ledger, 1), set.rows);
    return trial.reports().front();
  };
  CHECK(found({}).found == Verdict::unknown);
  CHECK(found({}).why == "the target was read only once");
  CHECK(found({{10, 0, 0, 0, true}, {10, 0, 0, 0, true}}).found == Verdict::pass);
  CHECK(found({{10, 0, 0, 0, true}, {0, 0, 0, 0, false}}).found == Verdict::unknown);
  for (const Reread& read :
       {Reread{9, 1, 0, 0, true}, Reread{11, 0, 1, 0, true}, Reread{10, 0, 0, 1, true}}) {
    const AssertionReport report = found({{10, 0, 0, 0, true}, read});
    CHECK(report.found == Verdict::fail);
    CHECK(report.why == "1 of 2 further reads differ");
  }
}

TEST_CASE("freshness of rows that do not say when they came is unknown",
          "[assertions][freshness]") {
  const LedgerBuilder built = plain_purchases(10);
  const AssertionReport report =
      check(Judged(built, RightPipeline{built}.rows()), that("freshness"));
  CHECK(report.found == Verdict::unknown);
  CHECK(report.why == "nothing was measured: no selected row says when it was ingested");
}

TEST_CASE("a spread counts every value and shows percentiles within a sixty-fourth",
          "[assertions][latency]") {
  Spread spread;
  for (std::int64_t i = -1'000; i < 1'000; ++i) spread.add(i * 1'000);
  CHECK(spread.count() == 2'000);
  for (const auto& [share, exact] :
       {std::pair{"0.05%", -1'000'000}, std::pair{"25%", -501'000}, std::pair{"50%", -1'000},
        std::pair{"50.05%", 0}, std::pair{"75%", 499'000}, std::pair{"100%", 999'000}}) {
    const std::int64_t found = spread.percentile(*parse_ratio(share));
    INFO(share);
    CHECK(found >= exact);
    CHECK(found <= exact + std::abs(exact) / 64 + 1);
  }
  Spread extremes;
  extremes.add(std::numeric_limits<std::int64_t>::min());
  extremes.add(std::numeric_limits<std::int64_t>::max());
  CHECK(extremes.percentile(Ratio::whole()) == std::numeric_limits<std::int64_t>::max());
  CHECK(extremes.percentile(*parse_ratio("50%")) < 0);
}

TEST_CASE("merged spreads are the whole, and the distance is that of their functions",
          "[assertions][latency]") {
  Spread a, b, both, c;
  for (std::int64_t i = 0; i < 100; ++i) {
    (i % 2 == 0 ? a : b).add(i);
    both.add(i);
    c.add(i + 50);
  }
  a.merge(b);
  CHECK(distance(a, both) == 0);
  CHECK(a.count() == 100);
  CHECK(distance(both, c) == 0.5);
}

TEST_CASE("a share is judged by the exact binomial test", "[assertions][latency]") {
  const Ratio one_in_ten = *parse_ratio("10%");
  CHECK(judge_share(0, 0, one_in_ten).verdict == Verdict::unknown);
  CHECK(judge_share(1, 10, one_in_ten).verdict == Verdict::pass);
  const ShareVerdict two = judge_share(2, 10, one_in_ten);
  CHECK(two.verdict == Verdict::unknown);
  CHECK(two.needed >= 144);  // (3 / 0.1)^2 * 0.2 * 0.8
  CHECK(two.needed <= 145);
  CHECK(judge_share(40, 200, one_in_ten).verdict == Verdict::fail);
  CHECK(judge_share(1, 1'000'000, Ratio::zero()).verdict == Verdict::fail);
  CHECK(sample_for(*parse_ratio("1%")) == 900);
}

}  // namespace parallax::test
