// SPDX-License-Identifier: Apache-2.0
// sampling, contract and schema_version: what the plan declares, each with the planted defect that
// it alone sees.
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

void check_others_pass(const Judged& judged) {
  for (const AssertionPlan& plan : {that("exactly_once"), count_of(purchase), sum_of(revenue)}) {
    const AssertionReport report = check(judged, plan);
    INFO(plan.that << ": " << report.why);
    CHECK(report.found == Verdict::pass);
  }
}

/// A purchase of each of n users; half of them are outside the sample, and there each side obeys
/// unless `obeys` says otherwise.
template <class Obeys>
LedgerBuilder half_sampled(std::uint32_t n, Obeys obeys) {
  LedgerBuilder built;
  built.scenario.population.sampling = *parse_ratio("50%");
  for (std::uint32_t i = 0; i < n; ++i) {
    Action bought = action(i, lane_count * (i + 1));
    bought.sampled = i % 2 == 0;
    built.act(bought);
    for (const Source side : both_sources) {
      Emission sent = emission(bought, side);
      const bool sends = bought.sampled || !obeys(i, side);
      sent.withheld = sends ? Withheld::no : Withheld::sampling;
      const EmissionKey key = built.queue(sent, sends ? Fate::queued : Fate::withheld);
      if (sends) built.send({key}, bought.sampled ? Sending{} : refused_connection());
    }
  }
  return built;
}

bool always(std::uint32_t, Source) { return true; }

}  // namespace

TEST_CASE("only sampling sees a side that samples other users", "[assertions][sampling]") {
  const LedgerBuilder right = half_sampled(1'000, always);
  CHECK(check(Judged(right, RightPipeline{right}.rows()), that("sampling")).found == Verdict::pass);
  const LedgerBuilder built = half_sampled(
      1'000, [](std::uint32_t i, Source side) { return side == Source::client || i != 501; });
  const Judged judged(built, RightPipeline{built}.rows());
  const AssertionReport report = check(judged, that("sampling"));
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::sent_anyway);
  CHECK(report.lines.at(1).actual == "1");
  check_others_pass(judged);
}

TEST_CASE("only sampling sees that the rate is not the declared one", "[assertions][sampling]") {
  const LedgerBuilder built = half_sampled(1'000, always);
  const Judged judged(built, RightPipeline{built}.rows());
  AssertionPlan plan = that("sampling");
  plan.rate = *parse_ratio("20%");
  const AssertionReport report = check(judged, plan);
  CHECK(report.found == Verdict::fail);
  CHECK(report.why == "50.00% of the users are in the sample, not 20%");
  check_others_pass(judged);
}

TEST_CASE("a row of a user outside the sample fails sampling", "[assertions][sampling]") {
  const LedgerBuilder built = half_sampled(1'000, always);
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.push_back(row_of(built.scenario.plan, nullptr, &film(built, 1, Source::server)));
  const AssertionReport report = check(Judged(built, rows), that("sampling"));
  CHECK(report.found == Verdict::fail);
  CHECK(report.causes.at(0).cause == Cause::sampling_ignored);
}

TEST_CASE("sampling of few users says how many it needs, and of none is unknown",
          "[assertions][sampling]") {
  const LedgerBuilder few = half_sampled(20, always);
  const AssertionReport report = check(Judged(few, RightPipeline{few}.rows()), that("sampling"));
  CHECK(report.found == Verdict::unknown);
  CHECK(report.sample_needed >= 900);  // (3 / 0.05)^2 * 0.5 * 0.5
  CHECK(report.sample_needed <= 901);
  const LedgerBuilder nobody;
  CHECK(check(Judged(nobody, {{}, true}), that("sampling")).found == Verdict::unknown);
}

TEST_CASE("users whose emissions were destroyed count for either side", "[assertions][sampling]") {
  LedgerBuilder built = half_sampled(1'000, always);
  for (std::uint32_t i = 1'000; i < 1'200; ++i) {
    const Action lost = action(i, lane_count * (i + 1));
    built.act(lost);
    Emission blocked = emission(lost, Source::client);
    blocked.struck = 1;
    built.queue(blocked, Fate::destroyed);
  }
  const AssertionReport report =
      check(Judged(built, RightPipeline{built}.rows()), that("sampling"));
  CHECK(report.found == Verdict::pass);
  CHECK(report.actual == "41.67% .. 58.33% (of 1200 users)");
}

TEST_CASE("only contract sees a required field that both sides forget", "[assertions][contract]") {
  LedgerBuilder built;
  built.scenario.plan.actions[purchase].fields[order_id].required = true;
  for (std::uint32_t i = 0; i < 20; ++i) {
    const Action bought = action(i, lane_count * (i + 1));
    built.act(bought);
    for (const Source side : both_sources) {
      Emission sent = emission(bought, side);
      if (i == 7) sent.forms[order_id] = FieldForm::absent;
      built.send({built.queue(sent)});
    }
  }
  const Judged judged(built, RightPipeline{built}.rows());
  const AssertionReport report = check(judged, that("contract"));
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 1);
  CHECK(report.lines[0].bucket == "purchase.order_id is required and missing");
  CHECK(report.causes.at(0).cause == Cause::field_missing);
  check_others_pass(judged);
  CHECK(check(judged, that("fields")).found == Verdict::pass);
}

TEST_CASE("contract names wrong types, values off the list and unknown events",
          "[assertions][contract]") {
  LedgerBuilder built = plain_purchases(20);
  FieldPlan& listed = built.scenario.plan.actions[purchase].fields[order_id];
  listed.form = {TextForm::Kind::list, "", {"card", "cash"}};
  for (EmissionRecord& record : built.ledger.emissions) record.emission.seen.values[order_id] = 1;
  RowSet rows = RightPipeline{built}.rows();
  CHECK(check(Judged(built, rows), that("contract")).found == Verdict::pass);
  row_at(built, rows, 3).forms[revenue] = FieldForm::other;
  row_at(built, rows, 4).values[order_id] = comparable(listed, 0) + 1;
  row_at(built, rows, 5).type = CanonicalRow::no_type;
  const AssertionReport report = check(Judged(built, rows), that("contract"));
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 3);
  CHECK(report.lines[0].bucket == "purchase.order_id is none of the listed values");
  CHECK(report.lines[1].bucket == "purchase.revenue is no money");
  CHECK(report.lines[2].bucket == "rows of an event that the plan does not know");
  CHECK(report.why == "3 of 20 rows are wrong");
}

TEST_CASE("contract fails when the target refuses what keeps it", "[assertions][contract]") {
  LedgerBuilder built = plain_purchases(5);
  built.act(action(5, lane_count * 6));
  built.send({built.queue(client_emission(5, lane_count * 6))}, own_refusal());
  const AssertionReport report =
      check(Judged(built, RightPipeline{built}.rows()), that("contract"));
  CHECK(report.found == Verdict::fail);
  CHECK(report.why == "the target refused 1 actions that keep the plan");
  CHECK(report.causes.at(0).cause == Cause::refused_by_target);
  const LedgerBuilder nothing;
  CHECK(check(Judged(nothing, {{}, true}), that("contract")).found == Verdict::unknown);
}

TEST_CASE("only schema_version sees rows of a version that nobody sent",
          "[assertions][schema_version]") {
  const LedgerBuilder built = plain_purchases(20);
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.schema_version = -1;
  CHECK(check(Judged(built, rows), that("schema_version")).found == Verdict::unknown);
  for (CanonicalRow& row : rows.rows) row.schema_version = 1;
  CHECK(check(Judged(built, rows), that("schema_version")).found == Verdict::pass);
  row_at(built, rows, 3).schema_version = 2;
  const Judged judged(built, rows);
  const AssertionReport report = check(judged, that("schema_version"));
  CHECK(report.found == Verdict::fail);
  CHECK(report.why == "1 rows of another version, 0 of 0 dual writes counted twice");
  check_others_pass(judged);
  CHECK(check(judged, that("fields")).found == Verdict::pass);
}

TEST_CASE("a dual write counts once, under either version", "[assertions][schema_version]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 20; ++i) {
    const Action bought = action(i, lane_count * (i + 1));
    built.act(bought);
    for (const std::uint8_t copy : {std::uint8_t{0}, std::uint8_t{1}}) {
      Emission sent = emission(bought, Source::server);
      sent.copy = copy;
      sent.schema_version = static_cast<std::uint16_t>(copy + 1);
      built.send({built.queue(sent)});
    }
  }
  RowSet rows = RightPipeline{built}.rows();
  for (std::size_t i = 0; i < rows.rows.size(); ++i)
    rows.rows[i].schema_version = static_cast<std::int16_t>(i % 2 + 1);
  AssertionPlan plan = that("schema_version");
  CHECK(check(Judged(built, rows), plan).found == Verdict::fail);
  plan.versions = {1, 2};
  CHECK(check(Judged(built, rows), plan).found == Verdict::pass);
  rows.rows.push_back(rows.rows[0]);
  const AssertionReport twice = check(Judged(built, rows), plan);
  CHECK(twice.found == Verdict::fail);
  CHECK(twice.why == "0 rows of another version, 1 of 20 dual writes counted twice");
}

}  // namespace parallax::test
