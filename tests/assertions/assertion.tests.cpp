// SPDX-License-Identifier: Apache-2.0
// Each assertion with the planted defect that it alone catches.
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {

TEST_CASE("a clean run passes every assertion", "[assertions]") {
  const LedgerBuilder built = plain_purchases(100);
  const Judged judged(built, RightPipeline{built}.rows());
  for (const AssertionPlan& plan : {that("exactly_once"), that("fields"), count_of(purchase),
                                    sum_of(revenue), ratio_between(800'000, 1'200'000)}) {
    const AssertionReport report = check(judged, plan);
    INFO(plan.that << ": " << report.why);
    CHECK(report.found == Verdict::pass);
    CHECK(report.sample == 100);
  }
}

TEST_CASE("only exactly_once sees one loss that another row makes up for in number",
          "[assertions][exactly_once]") {
  const LedgerBuilder built = plain_purchases(100);
  RowSet rows = without(built, RightPipeline{built}.rows(), 7);
  rows.rows.push_back(rows.rows[50]);
  const Judged judged(built, rows);
  const AssertionReport report = check(judged, that("exactly_once"));
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.causes.size() == 2);
  CHECK(report.causes[0].examples.size() == 1);
  CHECK(check(judged, that("fields")).found == Verdict::pass);
  CHECK(check(judged, count_of(purchase)).found == Verdict::pass);
}

TEST_CASE("only fields sees two amounts that were swapped", "[assertions][fields]") {
  const LedgerBuilder built = plain_purchases(100);
  RowSet rows = RightPipeline{built}.rows();
  std::swap(row_at(built, rows, 3).values[revenue], row_at(built, rows, 4).values[revenue]);
  const Judged judged(built, rows);
  const AssertionReport report = check(judged, that("fields"));
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 1);
  CHECK(report.lines[0].bucket == "purchase.revenue (owner: server)");
  CHECK(report.lines[0].actual == "2 wrong");
  CHECK(check(judged, that("exactly_once")).found == Verdict::pass);
  CHECK(check(judged, count_of(purchase)).found == Verdict::pass);
  CHECK(check(judged, sum_of(revenue)).found == Verdict::pass);
}

TEST_CASE("fields asked about one field minds no other", "[assertions][fields]") {
  const LedgerBuilder built = plain_purchases(10);
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 3).values[tax] += 1;
  const Judged judged(built, rows);
  AssertionPlan plan = that("fields");
  plan.of = purchase;
  plan.field = revenue;
  CHECK(check(judged, plan).found == Verdict::pass);
  plan.field = tax;
  CHECK(check(judged, plan).found == Verdict::fail);
}

TEST_CASE("only count sees a loss within what exactly_once allows", "[assertions][count]") {
  const LedgerBuilder built = plain_purchases(100);
  const Judged judged(built, without(built, RightPipeline{built}.rows(), 7));
  const AssertionReport report = check(judged, count_of(purchase));
  CHECK(report.found == Verdict::fail);
  CHECK(report.expected == "100");
  CHECK(report.actual == "99");
  CHECK(report.delta == "-1");
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].verdict == ActionVerdict::lost);
  CHECK(check(judged, loose_exactly_once()).found == Verdict::pass);
  CHECK(check(judged, that("fields")).found == Verdict::pass);
  AssertionPlan loose_sum = sum_of(revenue);
  loose_sum.within = *parse_ratio("5%");
  CHECK(check(judged, loose_sum).found == Verdict::pass);
}

TEST_CASE("only sum sees that the one large order is among the allowed losses",
          "[assertions][sum]") {
  LedgerBuilder built = plain_purchases(99);
  Action large = action(99, lane_count * 100);
  large.values[revenue] = 10'000'000;
  built.deliver(large);
  const Judged judged(built, without(built, RightPipeline{built}.rows(), 99));
  AssertionPlan sum = sum_of(revenue);
  sum.within = *parse_ratio("5%");
  AssertionPlan count = count_of(purchase);
  count.within = *parse_ratio("5%");
  CHECK(check(judged, sum).found == Verdict::fail);
  CHECK(check(judged, sum).delta == "-100000.00 USD");
  CHECK(check(judged, count).found == Verdict::pass);
  CHECK(check(judged, loose_exactly_once()).found == Verdict::pass);
  CHECK(check(judged, that("fields")).found == Verdict::pass);
}

TEST_CASE("only ratio sees clients that fire twice while dedupe mends it", "[assertions][ratio]") {
  const LedgerBuilder built = purchases(500, [](std::uint32_t i) { return i % 5 == 0; });
  const Judged judged(built, RightPipeline{built}.rows());
  const AssertionReport report = check(judged, ratio_between(950'000, 1'050'000));
  INFO(report.why);
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::double_fire);
  CHECK(report.causes[0].actions == 100);
  REQUIRE(report.causes[0].faults.size() == 1);
  CHECK(report.causes[0].faults[0] == std::pair<std::size_t, std::uint64_t>{2, 100});
  for (const AssertionPlan& plan :
       {that("exactly_once"), that("fields"), count_of(purchase), sum_of(revenue)})
    CHECK(check(judged, plan).found == Verdict::pass);
}

TEST_CASE("the ratio is the ledger's where the target does not tell", "[assertions][ratio]") {
  const LedgerBuilder built = purchases(500, [](std::uint32_t i) { return i % 5 == 0; });
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.client_rows = row.server_rows = -1;
  const AssertionReport report = check(Judged(built, rows), ratio_between(950'000, 1'050'000));
  CHECK(report.found == Verdict::fail);
  CHECK(report.actual == "1.200 (600 client, 500 server, by the ledger)");
}

TEST_CASE("a ratio that the pipeline itself distorts fails inside its band",
          "[assertions][ratio]") {
  const LedgerBuilder built = plain_purchases(500);
  RowSet rows = RightPipeline{built}.rows();
  rows.rows[0].client_rows = 3;
  const AssertionReport report = check(Judged(built, rows), ratio_between(500'000, 1'500'000));
  CHECK(report.found == Verdict::fail);
  CHECK(report.why.find("the pipeline distorts the ratio") == 0);
}

TEST_CASE("a sample too small for its band answers unknown and says what it needs",
          "[assertions][ratio]") {
  const auto report_of = [](std::uint32_t n, std::int64_t low, std::int64_t high) {
    const LedgerBuilder built = purchases(n, [](std::uint32_t i) { return i % 5 == 0; });
    return check(Judged(built, RightPipeline{built}.rows()), ratio_between(low, high));
  };
  const AssertionReport inside = report_of(10, 1'100'000, 1'300'000);
  CHECK(inside.found == Verdict::unknown);
  CHECK(inside.sample_needed > 100);
  CHECK(inside.sample_needed < 1'000);
  CHECK(report_of(500, 1'100'000, 1'300'000).found == Verdict::pass);
  const AssertionReport outside = report_of(10, 950'000, 1'150'000);
  CHECK(outside.found == Verdict::unknown);
  CHECK(outside.sample_needed > 100);
  CHECK(report_of(1'000, 950'000, 1'150'000).found == Verdict::fail);
}

TEST_CASE("one event per another is a rate over the rows", "[assertions][ratio]") {
  LedgerBuilder built = plain_purchases(200);
  for (std::uint32_t i = 200; i < 600; ++i)
    built.deliver(action(i, lane_count * (i + 1), add_to_cart));
  const Judged judged(built, RightPipeline{built}.rows());
  AssertionPlan plan = ratio_between(400'000, 600'000);
  plan.per = add_to_cart;
  CHECK(check(judged, plan).found == Verdict::pass);
  plan.between_millionths = {700'000, 900'000};
  CHECK(check(judged, plan).found == Verdict::fail);
  plan.per = page_view;
  CHECK(check(judged, plan).found == Verdict::unknown);
}

TEST_CASE("an open outcome widens what is expected and nothing more", "[assertions][count]") {
  LedgerBuilder built = plain_purchases(9);
  built.act(action(9, 640));
  const AttemptId open = built.send({built.queue(client_emission(9, 640))}, lost_answer());
  CHECK(check(Judged(built, RightPipeline{built}.rows()), count_of(purchase)).expected ==
        "9 .. 10");
  CHECK(check(Judged(built, RightPipeline{built}.rows()), count_of(purchase)).found ==
        Verdict::pass);
  RowSet rows = RightPipeline{built, {open}}.rows();
  CHECK(check(Judged(built, rows), count_of(purchase)).found == Verdict::pass);
  rows.rows.push_back(rows.rows.back());
  CHECK(check(Judged(built, rows), count_of(purchase)).found == Verdict::fail);
}

TEST_CASE("counts by hour see rows that moved to another hour", "[assertions][count]") {
  const LedgerBuilder built = plain_purchases(10);
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 4).event_ts = row_at(built, rows, 4).event_ts + 2 * hour;
  AssertionPlan plan = count_of(purchase);
  CHECK(check(Judged(built, rows), plan).found == Verdict::pass);
  plan.by = hour;
  const AssertionReport report = check(Judged(built, rows), plan);
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 2);
  CHECK(report.lines[0].bucket == "2026-03-02 00:00");
  CHECK(report.lines[0].delta == "-1");
  CHECK(report.lines[1].bucket == "2026-03-02 02:00");
}

TEST_CASE("an action that may lie in either of two hours is right in both", "[assertions][count]") {
  LedgerBuilder built = plain_purchases(5);
  Action late = action(5, 640);
  built.act(late);
  Emission client = emission(late, Source::client);
  client.client_ts = client.client_ts + 3 * hour;
  built.send({built.queue(client)});
  const AttemptId open = built.send({built.queue(emission(late, Source::server))}, lost_answer());
  AssertionPlan plan = count_of(purchase);
  plan.by = hour;
  CHECK(check(Judged(built, RightPipeline{built}.rows()), plan).found == Verdict::pass);
  CHECK(check(Judged(built, RightPipeline{built, {open}}.rows()), plan).found == Verdict::pass);
}

TEST_CASE("money of different currencies is never added", "[assertions][sum]") {
  LedgerBuilder built = plain_purchases(4);
  built.scenario.plan.currencies.push_back({"JPY", 0});
  Action yen = action(4, 640);
  yen.currency = 1;
  yen.values[revenue] = 900;
  built.deliver(yen);
  const AssertionReport report = check(Judged(built, RightPipeline{built}.rows()), sum_of(revenue));
  CHECK(report.found == Verdict::pass);
  CHECK(report.expected == "50.02 USD; 900 JPY");
}

TEST_CASE("a value that nobody who arrived could know is not asked of the sum",
          "[assertions][sum]") {
  LedgerBuilder built = plain_purchases(5);
  built.act(action(5, 640));
  Emission gap = client_emission(5, 640);
  gap.forms[revenue] = FieldForm::absent;
  built.send({built.queue(gap)});
  built.queue(server_emission(5, 640), Fate::destroyed);
  CHECK(check(Judged(built, RightPipeline{built}.rows()), sum_of(revenue)).found == Verdict::pass);
}

TEST_CASE("exactly_once fails on phantoms", "[assertions][exactly_once]") {
  const LedgerBuilder built = plain_purchases(10);
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.push_back(rows.rows[0]);
  rows.rows.back().event_id = Uuid::from_bits(1, 1);
  rows.rows.back().session = 9;
  const AssertionReport report = check(Judged(built, rows), that("exactly_once"));
  CHECK(report.found == Verdict::fail);
  CHECK(report.phantoms == 1);
  CHECK(report.why == "1 phantom");
}

TEST_CASE("an allowance holds for its verdict, cause and share only",
          "[assertions][exactly_once]") {
  const LedgerBuilder built = plain_purchases(100);
  RowSet rows = without(built, RightPipeline{built}.rows(), 7);
  const Judged one(built, rows);
  const Judged two(built, without(built, rows, 20));
  AssertionPlan plan = that("exactly_once");
  plan.allow = {{"lost", "after_acknowledgement", *parse_ratio("1%")}};
  CHECK(check(one, plan).found == Verdict::pass);
  CHECK(check(two, plan).found == Verdict::fail);
  plan.allow[0].cause = "last_batch";
  CHECK(check(one, plan).found == Verdict::fail);
  plan.allow[0] = {"duplicated", "", Ratio::whole()};
  CHECK(check(one, plan).found == Verdict::fail);
}

TEST_CASE("an action below the share of one is not allowed by rounding",
          "[assertions][exactly_once]") {
  const LedgerBuilder built = plain_purchases(100);
  AssertionPlan plan = that("exactly_once");
  plan.allow = {{"lost", "", *parse_ratio("0.9%")}};
  const Judged judged(built, without(built, RightPipeline{built}.rows(), 7));
  CHECK(check(judged, plan).found == Verdict::fail);
}

}  // namespace parallax::test
