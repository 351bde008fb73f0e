// SPDX-License-Identifier: Apache-2.0
// order, consent and identity: what they promise, each with the planted defect that it alone sees.
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Four sessions of ten page views and purchases in turn; `spoil(emission)` changes what is sent.
template <class Spoil>
LedgerBuilder sessions(Spoil spoil) {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 40; ++i) {
    const Action done = action(i, lane_count, i % 2 == 0 ? page_view : purchase);
    built.act(done);
    for (const Source side : both_sources) {
      if (side == Source::server && done.type == page_view) continue;
      Emission sent = emission(done, side);
      spoil(i, sent);
      built.send({built.queue(sent)});
    }
  }
  return built;
}

/// Everything that these assertions are not about holds.
void check_others_pass(const Judged& judged) {
  for (const AssertionPlan& plan :
       {that("exactly_once"), that("fields"), count_of(purchase), sum_of(revenue)}) {
    const AssertionReport report = check(judged, plan);
    INFO(plan.that << ": " << report.why);
    CHECK(report.found == Verdict::pass);
  }
}

/// Purchases of as many users, the n-th without consent where `refuses(n)`.
template <class Refuses>
LedgerBuilder with_consent(std::uint32_t n, Refuses refuses) {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < n; ++i) {
    Action bought = action(i, lane_count * (i + 1));
    if (!refuses(i)) {
      built.deliver(bought);
      continue;
    }
    bought.consent = Consent::denied;
    built.act(bought);
    for (const Source side : both_sources) {
      Emission kept = emission(bought, side);
      kept.withheld = Withheld::consent;
      built.queue(kept, Fate::withheld);
    }
  }
  return built;
}

bool every_tenth(std::uint32_t i) { return i % 10 == 0; }

}  // namespace

TEST_CASE("only order sees a clock that sends sessions backwards", "[assertions][order]") {
  const LedgerBuilder built = sessions([](std::uint32_t i, Emission& sent) {
    if (sent.source == Source::client && i % 4 == 0) sent.client_ts = sent.client_ts + hour;
  });
  const Judged judged(built, RightPipeline{built}.rows());
  const AssertionReport report = check(judged, that("order"));
  CHECK(report.found == Verdict::fail);
  CHECK(report.sample == 36);
  CHECK(report.actual == "10 wrong (of 36 steps in 4 sessions)");
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::wrong_clock);
  check_others_pass(judged);
}

TEST_CASE("order passes right sessions and needs two rows of one", "[assertions][order]") {
  const LedgerBuilder built = sessions([](std::uint32_t, Emission&) {});
  const AssertionReport report = check(Judged(built, RightPipeline{built}.rows()), that("order"));
  CHECK(report.found == Verdict::pass);
  CHECK(report.sample == 36);
  const LedgerBuilder alone = plain_purchases(10);
  const AssertionReport none = check(Judged(alone, RightPipeline{alone}.rows()), that("order"));
  CHECK(none.found == Verdict::unknown);
  CHECK(none.why == "nothing was measured: no session has two rows to compare");
}

TEST_CASE("order tells the target's inversions and renumbered rows apart", "[assertions][order]") {
  const LedgerBuilder built = sessions([](std::uint32_t, Emission&) {});
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 5).event_ts = row_at(built, rows, 5).event_ts - minute;
  row_at(built, rows, 15).sequence = 1;
  const AssertionReport report = check(Judged(built, rows), that("order"));
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 2);
  CHECK(report.lines[0].bucket == "numbers");
  CHECK(report.lines[1].bucket == "target's times");
}

TEST_CASE("order allows its share, and says when a few are too few", "[assertions][order]") {
  const LedgerBuilder built = sessions([](std::uint32_t, Emission&) {});
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 5).event_ts = row_at(built, rows, 5).event_ts - minute;
  AssertionPlan plan = that("order");
  plan.within = *parse_ratio("3%");
  CHECK(check(Judged(built, rows), plan).found == Verdict::pass);
  plan.within = *parse_ratio("1%");
  const AssertionReport report = check(Judged(built, rows), plan);
  CHECK(report.found == Verdict::unknown);
  CHECK(report.sample_needed > 36);
}

TEST_CASE("only consent sees a side that sends what the target then drops",
          "[assertions][consent]") {
  LedgerBuilder built = with_consent(50, every_tenth);
  for (EmissionRecord& record : built.ledger.emissions) {
    if (record.fate != Fate::withheld || record.emission.source != Source::server) continue;
    record.fate = Fate::queued;
    record.emission.withheld = Withheld::no;
  }
  for (std::size_t i = 0; i < built.ledger.emissions.size(); ++i) {
    const EmissionRecord record = built.ledger.emissions[i];
    if (record.emission.seen.consent == Consent::denied && record.fate == Fate::queued)
      built.send({record.emission.key()});
  }
  const Judged judged(built, RightPipeline{built}.rows());
  AssertionPlan plan = that("consent");
  CHECK(check(judged, plan).found == Verdict::pass);
  plan.each_side = true;
  const AssertionReport report = check(judged, plan);
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::sent_anyway);
  CHECK(report.causes[0].actions == 5);
  check_others_pass(judged);
}

TEST_CASE("only consent sees what a side kept back in spite of consent", "[assertions][consent]") {
  LedgerBuilder built = with_consent(50, every_tenth);
  Action bought = action(50, lane_count * 51);
  built.act(bought);
  built.send({built.queue(emission(bought, Source::server))});
  Emission kept = emission(bought, Source::client);
  kept.withheld = Withheld::consent;
  built.queue(kept, Fate::withheld);
  const Judged judged(built, RightPipeline{built}.rows());
  CHECK(check(judged, that("consent")).found == Verdict::fail);
  check_others_pass(judged);
}

TEST_CASE("consent fails on a row after the opt-out and on one missing after the opt-in",
          "[assertions][consent]") {
  const LedgerBuilder built = with_consent(50, every_tenth);
  const RowSet right = RightPipeline{built}.rows();
  CHECK(check(Judged(built, right), that("consent")).found == Verdict::pass);
  RowSet leaking = right;
  const Emission& refused = *built.find({built.ledger.actions[10].id, Source::server, 0});
  leaking.rows.push_back(row_of(built.scenario.plan, nullptr, &refused));
  const AssertionReport leak = check(Judged(built, leaking), that("consent"));
  CHECK(leak.found == Verdict::fail);
  CHECK(leak.causes.at(0).cause == Cause::consent_ignored);
  const AssertionReport gone = check(Judged(built, without(built, right, 7)), that("consent"));
  CHECK(gone.found == Verdict::fail);
  CHECK(gone.causes.at(0).verdict == ActionVerdict::lost);
}

TEST_CASE("consent that nobody refused is unknown", "[assertions][consent]") {
  const LedgerBuilder built = plain_purchases(10);
  const AssertionReport report = check(Judged(built, RightPipeline{built}.rows()), that("consent"));
  CHECK(report.found == Verdict::unknown);
  CHECK(report.why == "nothing was measured: nobody refused while acting");
}

TEST_CASE("only identity sees a backend that takes a person for another",
          "[assertions][identity]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 20; ++i) {
    Action seen = action(i, lane_count * (i + 1));
    built.act(seen);
    if (i == 4) seen.user = lane_count * 9;
    built.send({built.queue(emission(seen, Source::server))});
  }
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.lane = 0;
  const Judged judged(built, rows);
  const AssertionReport report = check(judged, that("identity"));
  CHECK(report.found == Verdict::fail);
  CHECK(report.actual == "1 torn (of 20 persons)");
  REQUIRE(report.causes.size() == 1);
  CHECK(report.causes[0].cause == Cause::wrong_user);
  check_others_pass(judged);
}

TEST_CASE("identity tells rows that were never linked from those of somebody else",
          "[assertions][identity]") {
  const LedgerBuilder built = plain_purchases(20);
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.lane = 0;
  CHECK(check(Judged(built, rows), that("identity")).found == Verdict::pass);
  row_at(built, rows, 3).user = 0;
  row_at(built, rows, 4).user = user_key_of("anonymous-4711");
  row_at(built, rows, 4).lane = CanonicalRow::no_lane;
  const AssertionReport report = check(Judged(built, rows), that("identity"));
  CHECK(report.found == Verdict::fail);
  REQUIRE(report.lines.size() == 2);
  CHECK(report.lines[0].actual == "0");
  CHECK(report.lines[1].actual == "2");
  CHECK(report.causes.at(0).cause == Cause::not_linked);
}

TEST_CASE("identity by device or session minds that id alone", "[assertions][identity]") {
  const LedgerBuilder built = plain_purchases(20);
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 3).device = device_key(77);
  const Judged judged(built, rows);
  AssertionPlan plan = that("identity");
  for (const auto& [id, verdict] :
       {std::pair{OwnerId::device, Verdict::fail}, std::pair{OwnerId::session, Verdict::pass}}) {
    plan.id = id;
    CHECK(check(judged, plan).found == verdict);
  }
}

TEST_CASE("identity of rows that name nobody is unknown", "[assertions][identity]") {
  const LedgerBuilder built = plain_purchases(10);
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.user = 0;
  const AssertionReport report = check(Judged(built, rows), that("identity"));
  CHECK(report.found == Verdict::unknown);
  CHECK(report.why == "nothing was measured: no selected row says whose it is");
}

}  // namespace parallax::test
