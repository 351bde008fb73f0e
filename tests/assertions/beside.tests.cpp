// SPDX-License-Identifier: Apache-2.0
// What a target shows beside its rows: daily totals, rejected events, and the same rows when they
// are asked for again. Each assertion about them with the planted defect that it alone sees.
#include <map>

#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// What the plan's assertion says when the target shows this beside its rows.
AssertionReport found(const LedgerBuilder& built, const RowSet& set, const AssertionPlan& plan,
                      RowFacts beside) {
  LedgerBuilder only = built;
  only.scenario.assertions = {plan};
  beside.complete = set.complete;
  for (const CanonicalRow& row : set.rows) beside.add(row, hash_text(run_id));
  Trial trial(only.scenario, beside, 1);
  judge_parts(only.scenario, trial, split(only.ledger, 1), set.rows);
  return trial.reports().front();
}

/// Purchases of three days, one an hour.
LedgerBuilder three_days() {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 72; ++i) {
    Action bought = action(i, lane_count * (i + 1));
    bought.at = bought.at + static_cast<Micros>(i) * hour;
    built.deliver(bought);
  }
  return built;
}

/// The right totals of the rows, a row a day.
RowSet daily_totals(const RowSet& set) {
  std::map<SimTime, CanonicalRow> days;
  for (const CanonicalRow& row : set.rows) days.emplace(row.event_ts.floor(day), row);
  RowSet totals{{}, true};
  for (auto& [at, total] : days) {
    total.event_ts = at;
    total.client_rows = 0;
    total.values[revenue] = 0;
    for (const CanonicalRow& row : set.rows) {
      if (row.event_ts.floor(day) != at) continue;
      ++total.client_rows;
      total.values[revenue] += row.values[revenue];
    }
    totals.rows.push_back(total);
  }
  return totals;
}

RowFacts with_totals(RowSet totals) {
  RowFacts beside;
  beside.rollup = std::move(totals);
  return beside;
}

AssertionPlan rollup_of(std::optional<std::size_t> field) {
  AssertionPlan plan = that("rollup");
  plan.of = purchase;
  plan.field = field;
  return plan;
}

/// `n` purchases; order_id is required, and of the n-th the client's emission lacks it.
LedgerBuilder one_breaks_the_plan(std::uint32_t n) {
  LedgerBuilder built;
  built.scenario.plan.actions[purchase].fields[order_id].required = true;
  for (std::uint32_t i = 0; i <= n; ++i) {
    const Action bought = action(i, lane_count * (i + 1));
    built.act(bought);
    Emission client = emission(bought, Source::client);
    if (i == n) {
      client.forms[order_id] = FieldForm::absent;
      client.struck = 1;
    }
    built.send({built.queue(client)});
    built.send({built.queue(emission(bought, Source::server))});
  }
  return built;
}

CanonicalRow rejected_row(const Emission& emission, const char* reason) {
  CanonicalRow row;
  row.event_id = emission.event_id;
  row.id_form = IdForm::normal;
  row.type = purchase;
  row.source = emission.source;
  row.forms[0] = FieldForm::present;
  row.values[0] = static_cast<std::int64_t>(hash_text(reason));
  return row;
}

RowFacts with_rejected(std::vector<CanonicalRow> rows) {
  RowFacts beside;
  beside.rejected = RowSet{std::move(rows), true};
  return beside;
}

}  // namespace

TEST_CASE("right daily totals pass, by count and by amount", "[assertions][rollup]") {
  const LedgerBuilder built = three_days();
  const RowSet rows = RightPipeline{built}.rows();
  const RowFacts beside = with_totals(daily_totals(rows));
  const AssertionReport count = found(built, rows, rollup_of({}), beside);
  INFO(count.why);
  CHECK(count.found == Verdict::pass);
  CHECK(count.expected == "72");
  CHECK(count.sample == 72);
  CHECK(count.lines.size() == 3);
  CHECK(found(built, rows, rollup_of(revenue), beside).found == Verdict::pass);
}

TEST_CASE("only rollup sees a total that is not its rows', though the sum of days is right",
          "[assertions][rollup]") {
  const LedgerBuilder built = three_days();
  const RowSet rows = RightPipeline{built}.rows();
  RowSet totals = daily_totals(rows);
  --totals.rows[0].client_rows;
  ++totals.rows[1].client_rows;
  const AssertionReport report = found(built, rows, rollup_of({}), with_totals(totals));
  CHECK(report.found == Verdict::fail);
  CHECK(report.delta == "0");
  CHECK(report.why ==
        "2 of 3 daily totals are not those of the rows, or not what the ledger allows");
  CHECK(report.lines.at(0).delta == "-1");
  AssertionPlan by_day = count_of(purchase);
  by_day.by = day;
  for (const AssertionPlan& other : {that("exactly_once"), that("fields"), by_day, sum_of(revenue)})
    CHECK(found(built, rows, other, with_totals(totals)).found == Verdict::pass);
}

TEST_CASE("a rollup that is off by the smallest unit of money fails", "[assertions][rollup]") {
  const LedgerBuilder built = three_days();
  const RowSet rows = RightPipeline{built}.rows();
  RowSet totals = daily_totals(rows);
  ++totals.rows[2].values[revenue];
  const AssertionReport report = found(built, rows, rollup_of(revenue), with_totals(totals));
  CHECK(report.found == Verdict::fail);
  CHECK(report.delta == "0.01 USD");
  totals.rows.pop_back();
  CHECK(found(built, rows, rollup_of({}), with_totals(totals)).found == Verdict::fail);
}

TEST_CASE("a rollup of wrong rows is wrong by the ledger", "[assertions][rollup]") {
  const LedgerBuilder built = three_days();
  const RowSet rows = without(built, RightPipeline{built}.rows(), 3);
  const AssertionReport report = found(built, rows, rollup_of({}), with_totals(daily_totals(rows)));
  CHECK(report.found == Verdict::fail);
  CHECK(report.lines.at(0).expected == report.lines.at(1).expected);
}

TEST_CASE("daily totals that nobody shows, or half of them, are unknown", "[assertions][rollup]") {
  const LedgerBuilder built = three_days();
  RowSet rows = RightPipeline{built}.rows();
  RowSet totals = daily_totals(rows);
  CHECK(found(built, rows, rollup_of({}), {}).found == Verdict::unknown);
  CHECK(found(built, rows, rollup_of({}), {}).why.find("read.rollup") != std::string::npos);
  totals.complete = false;
  CHECK(found(built, rows, rollup_of({}), with_totals(totals)).found == Verdict::unknown);
  totals.complete = true;
  rows.complete = false;
  CHECK(found(built, rows, rollup_of({}), with_totals(totals)).found == Verdict::unknown);
  const LedgerBuilder nothing;
  CHECK(found(nothing, {{}, true}, rollup_of({}), with_totals({{}, true})).found ==
        Verdict::unknown);
}

TEST_CASE("what breaks the plan is among the rejected for its reason, and contract holds",
          "[assertions][contract]") {
  const LedgerBuilder built = one_breaks_the_plan(10);
  const RowSet rows = RightPipeline{built}.rows();
  const Emission& bad = film(built, 10, Source::client);
  for (const char* reason : {"missing field: order_id", "order_id"})
    CHECK(found(built, rows, that("contract"), with_rejected({rejected_row(bad, reason)})).found ==
          Verdict::pass);
}

TEST_CASE("only contract sees what is not rejected, or for another reason, or without one",
          "[assertions][contract]") {
  const LedgerBuilder built = one_breaks_the_plan(10);
  const RowSet rows = RightPipeline{built}.rows();
  const CanonicalRow bad = rejected_row(film(built, 10, Source::client), "order_id");
  const CanonicalRow vague = rejected_row(film(built, 10, Source::client), "revenue");
  const CanonicalRow good = rejected_row(film(built, 3, Source::server), "order_id");
  const auto fails = [&](std::vector<CanonicalRow> rejected) {
    const RowFacts beside = with_rejected(std::move(rejected));
    CHECK(found(built, rows, that("exactly_once"), beside).found == Verdict::pass);
    CHECK(found(built, rows, that("fields"), beside).found == Verdict::pass);
    const AssertionReport report = found(built, rows, that("contract"), beside);
    CHECK(report.found == Verdict::fail);
    return report;
  };
  const AssertionReport missing = fails({});
  REQUIRE(missing.causes.size() == 1);
  CHECK(missing.causes[0].cause == Cause::not_rejected);
  CHECK(missing.why == "1 events break the plan and are not among the rejected");
  CHECK(fails({vague}).causes.at(0).cause == Cause::wrong_reason);
  CHECK(fails({bad, good}).why == "1 rejected events keep the plan");
  RowFacts half = with_rejected({bad});
  half.rejected->complete = false;
  CHECK(found(built, rows, that("contract"), half).found == Verdict::unknown);
}

TEST_CASE("what is lost because it was rejected is named so", "[assertions][contract]") {
  const LedgerBuilder built = one_breaks_the_plan(10);
  const RowSet rows = without(built, RightPipeline{built}.rows(), 3);
  const AssertionReport report =
      found(built, rows, that("contract"),
            with_rejected({rejected_row(film(built, 10, Source::client), "order_id"),
                           rejected_row(film(built, 3, Source::client), "order_id"),
                           rejected_row(film(built, 3, Source::server), "order_id")}));
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::rejected_wrongly);
  CHECK(report.causes[0].actions == 1);
}

TEST_CASE("neither reading twice nor sending twice nor in another order may change a row",
          "[assertions][metamorphic]") {
  const LedgerBuilder built = plain_purchases(10);
  const RowSet rows = RightPipeline{built}.rows();
  const auto judge = [&](const Reread& again, const std::optional<Reread>& resent,
                         const std::optional<Reordered>& reordered = {}) {
    RowFacts beside;
    beside.rereads = {again};
    beside.resent = resent;
    beside.reordered = reordered;
    return found(built, rows, that("metamorphic"), beside);
  };
  const Reread same{10, 0, 0, 0, true}, other{10, 0, 0, 2, true}, broken{0, 0, 0, 0, false};
  CHECK(judge(same, same).found == Verdict::pass);
  CHECK(judge(same, same).actual == "0 changed (of 10 rows, read 2 times, sent twice)");
  const Reordered equal{10, 0, true}, unequal{10, 2, true}, partial{10, 0, false};
  CHECK(judge(same, same, equal).actual ==
        "0 changed (of 10 rows, read 2 times, sent twice, and in another order)");
  CHECK(judge(same, other).found == Verdict::fail);
  CHECK(judge(other, same).why ==
        "reading twice changes what stands: 0 vanished, 0 new, 2 changed");
  CHECK(judge(same, same, unequal).found == Verdict::fail);
  CHECK(judge(same, same, unequal).why ==
        "in another order of arrival 2 of 10 actions are judged otherwise");
  CHECK(judge(broken, same).found == Verdict::unknown);
  CHECK(judge(same, same, partial).found == Verdict::unknown);
  CHECK(judge(same, {}).found == Verdict::unknown);
}

}  // namespace parallax::test
