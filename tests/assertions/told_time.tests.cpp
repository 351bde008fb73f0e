// SPDX-License-Identifier: Apache-2.0
// What the assertions about time, repetition and distributions tell, word for word.
#include "tests/assertions/told.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

AssertionPlan slo(std::string_view objective) {
  AssertionPlan plan = that("slo");
  plan.objective = *parse_ratio(objective);
  return plan;
}

/// A report on what the target shows beside its rows.
std::string beside(const LedgerBuilder& built, const RowSet& set, const AssertionPlan& plan,
                   std::vector<Reread> rereads, std::optional<Reread> resent = {}) {
  LedgerBuilder only = built;
  only.scenario.assertions = {plan};
  RowFacts facts;
  facts.complete = set.complete;
  facts.rereads = std::move(rereads);
  facts.resent = std::move(resent);
  for (const CanonicalRow& row : set.rows) facts.add(row, hash_text(run_id));
  Trial trial(only.scenario, facts, 1);
  judge_parts(only.scenario, trial, split(only.ledger, 1), set.rows);
  return told(trial.reports().front());
}

/// Ten rows, ingested a second after the server's clock, one after ten and one after a minute.
RowSet ingested(const LedgerBuilder& built) {
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.ingestion_ts = row.server_ts + second;
  row_at(built, rows, 3).ingestion_ts = row_at(built, rows, 3).server_ts + minute;
  row_at(built, rows, 4).ingestion_ts = row_at(built, rows, 4).server_ts + 10 * second;
  return rows;
}

AssertionPlan seen_within(Micros bound) {
  AssertionPlan plan = that("freshness");
  plan.seen_within = bound;
  return plan;
}

}  // namespace

TEST_CASE("latency tells each percentile, and what never came", "[assertions][told]") {
  const LedgerBuilder built = shoppers(40);
  RowSet rows = RightPipeline{built}.rows();
  for (std::size_t i = 0; i < rows.rows.size(); ++i)
    rows.rows[i].ingestion_ts = rows.rows[i].server_ts + (i < 9 ? 90 * second : second);
  AssertionPlan plan = that("latency");
  plan.from = RowClock::server;
  plan.to = RowClock::ingestion;
  plan.at_most = {{*parse_ratio("50%"), second}, {*parse_ratio("90%"), minute}};
  CHECK(told(built, rows, plan) == R"(unknown
rule: from server_ts to ingestion_ts takes no longer than the bounds
expected: p50 1s; p90 1m
actual: p50 1s7ms; p90 1m30s
why: 40 rows are too few for this percentile, 101 are needed
sample: 40 of 101
| p50 | at most 1s | 1s7ms, 9 of 40 beyond |  | pass
| p90 | at most 1m | 1m30s, 9 of 40 beyond | +30s177ms | unknown
examples: 0)");
  CHECK(told(built, without(built, rows, 30), plan) == R"(unknown
rule: from server_ts to ingestion_ts takes no longer than the bounds
expected: p50 1s; p90 1m
actual: p50 1s7ms; p90 1m30s
why: 40 rows are too few for this percentile, 101 are needed
sample: 40 of 101
| p50 | at most 1s | 1s7ms, 9 of 40 beyond |  | pass
| p90 | at most 1m | 1m30s, 9 of 40 beyond | +30s177ms | unknown
examples: 0)");
  plan.at_most = {{*parse_ratio("50%"), second - 1}, {*parse_ratio("99%"), hour}};
  CHECK(told(built, rows, plan) == R"(fail
rule: from server_ts to ingestion_ts takes no longer than the bounds
expected: p50 999ms999us; p99 1h
actual: p50 1s7ms; p99 1m30s
delta: +7ms
why: p50 is 1s7ms, beyond its bound of 999ms999us
sample: 40
| p50 | at most 999ms999us | 1s7ms, 40 of 40 beyond | +7ms | fail
| p99 | at most 1h | 1m30s, 0 of 40 beyond |  | unknown
examples: 0)");
  plan.from = RowClock::client;
  plan.to = RowClock::event;
  CHECK(told(built, rows, plan) == R"(unknown
rule: from client_ts to event_ts takes no longer than the bounds
expected: p50 999ms999us; p99 1h
actual: p50 40ms; p99 40ms
why: 40 rows are too few for this percentile, 900 are needed
sample: 40 of 900
| p50 | at most 999ms999us | 40ms, 0 of 40 beyond |  | pass
| p99 | at most 1h | 40ms, 0 of 40 beyond |  | unknown
examples: 0)");
}

TEST_CASE("freshness tells how late the latest was", "[assertions][told]") {
  const LedgerBuilder built = shoppers(10);
  const RowSet rows = ingested(built);
  const Reread same{10, 0, 0, 0, true};
  const AssertionPlan plan = seen_within(10 * second);
  CHECK(beside(built, rows, plan, {same}) == R"(fail
rule: rows are seen within 10s and stay
expected: 0 later
actual: 1 later (of 10 rows, at worst 59s959ms)
delta: 1
why: 1 of 10 rows came later, at worst 59s959ms
sample: 10
- late/slow 1
| read 2 | 10 rows | 10 rows | 0 vanished, 0 new, 0 changed | pass
examples: 1)");
}

TEST_CASE("freshness tells each further read by itself", "[assertions][told]") {
  const LedgerBuilder built = shoppers(10);
  const RowSet rows = ingested(built);
  const Reread same{10, 0, 0, 0, true};
  const AssertionPlan plan = seen_within(hour);
  CHECK(beside(built, rows, plan, {same, {10, 0, 0, 0, false}}) == R"(unknown
rule: rows are seen within 1h and stay
expected: 0 later
actual: 0 later (of 10 rows, at worst 59s959ms)
why: a further read failed or was partial
sample: 10
| read 2 | 10 rows | 10 rows | 0 vanished, 0 new, 0 changed | pass
| read 3 | 10 rows | 10 rows | 0 vanished, 0 new, 0 changed | unknown
examples: 0)");
  CHECK(beside(built, rows, plan, {{10, 1, 0, 0, true}}) == R"(fail
rule: rows are seen within 1h and stay
expected: 0 later
actual: 0 later (of 10 rows, at worst 59s959ms)
why: 1 of 1 further reads differ
sample: 10
| read 2 | 10 rows | 10 rows | 1 vanished, 0 new, 0 changed | fail
examples: 0)");
  CHECK(beside(built, rows, plan, {{10, 0, 1, 0, true}}) == R"(fail
rule: rows are seen within 1h and stay
expected: 0 later
actual: 0 later (of 10 rows, at worst 59s959ms)
why: 1 of 1 further reads differ
sample: 10
| read 2 | 10 rows | 10 rows | 0 vanished, 1 new, 0 changed | fail
examples: 0)");
  CHECK(beside(built, rows, plan, {same, {10, 0, 0, 1, true}}) == R"(fail
rule: rows are seen within 1h and stay
expected: 0 later
actual: 0 later (of 10 rows, at worst 59s959ms)
why: 1 of 2 further reads differ
sample: 10
| read 2 | 10 rows | 10 rows | 0 vanished, 0 new, 0 changed | pass
| read 3 | 10 rows | 10 rows | 0 vanished, 0 new, 1 changed | fail
examples: 0)");
  CHECK(beside(built, rows, plan, {{9, 0, 0, 0, true}}) == R"(fail
rule: rows are seen within 1h and stay
expected: 0 later
actual: 0 later (of 10 rows, at worst 59s959ms)
why: 1 of 1 further reads differ
sample: 10
| read 2 | 10 rows | 9 rows | 0 vanished, 0 new, 0 changed | fail
examples: 0)");
  CHECK(beside(built, rows, plan, {{9, 0, 0, 0, false}}) == R"(unknown
rule: rows are seen within 1h and stay
expected: 0 later
actual: 0 later (of 10 rows, at worst 59s959ms)
why: a further read failed or was partial
sample: 10
| read 2 | 10 rows | 9 rows | 0 vanished, 0 new, 0 changed | unknown
examples: 0)");
  CHECK(beside(built, rows, plan, {}) == R"(unknown
rule: rows are seen within 1h and stay
expected: 0 later
actual: 0 later (of 10 rows, at worst 59s959ms)
why: the target was read only once
sample: 10
examples: 0)");
}

TEST_CASE("metamorphic tells what a second sending changed", "[assertions][told]") {
  const LedgerBuilder built = shoppers(10);
  RowSet rows = RightPipeline{built}.rows();
  const AssertionPlan plan = that("metamorphic");
  const Reread same{10, 0, 0, 0, true};
  CHECK(beside(built, rows, plan, {same}, Reread{12, 1, 3, 0, true}) == R"(fail
rule: neither reading nor sending everything again nor its order changes a row
expected: 0 changed
actual: 4 changed (of 10 rows: 1 vanished, 3 new, 0 changed)
delta: 4 rows
why: a second sending changes what stands: 1 vanished, 3 new, 0 changed
sample: 10
examples: 0)");
  CHECK(beside(built, rows, plan, {same}, Reread{10, 0, 1, 0, true}) == R"(fail
rule: neither reading nor sending everything again nor its order changes a row
expected: 0 changed
actual: 1 changed (of 10 rows: 0 vanished, 1 new, 0 changed)
delta: 1 rows
why: a second sending changes what stands: 0 vanished, 1 new, 0 changed
sample: 10
examples: 0)");
  CHECK(beside(built, rows, plan, {{9, 1, 0, 0, true}}, same) == R"(fail
rule: neither reading nor sending everything again nor its order changes a row
expected: 0 changed
actual: 1 changed (of 10 rows: 1 vanished, 0 new, 0 changed)
delta: 1 rows
why: reading twice changes what stands: 1 vanished, 0 new, 0 changed
sample: 10
examples: 0)");
  rows.complete = false;
  CHECK(beside(built, rows, plan, {same}, same) == R"(unknown
rule: neither reading nor sending everything again nor its order changes a row
expected: 0 changed
why: one of the reads failed or was partial
sample: 10
examples: 0)");
  CHECK(beside(built, rows, plan, {}, Reread{10, 0, 0, 0, false}) == R"(unknown
rule: neither reading nor sending everything again nor its order changes a row
expected: 0 changed
why: one of the reads failed or was partial
sample: 10
examples: 0)");
}

TEST_CASE("an slo tells its budget, and when it burnt too fast", "[assertions][told]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 600; ++i) {
    Action bought = action(i, i + 1);
    bought.at = TimePlan{}.start + static_cast<Micros>(i) * 5 * minute;
    built.deliver(bought);
  }
  RowSet rows = RightPipeline{built}.rows();
  CHECK(told(built, rows, slo("97%")) == R"(pass
rule: enough actions have one right row, at any time
expected: at least 97%
actual: 100.000% (600 of 600)
sample: 600
| page 1h/5m | budget burns at most x14.4 | x0.0 at worst |  | pass
| page 6h/30m | budget burns at most x6 | x0.0 at worst |  | pass
| ticket 1d/2h | budget burns at most x3 | x0.0 at worst |  | pass
examples: 0)");
  for (std::size_t i = 0; i < 17; ++i) rows = without(built, std::move(rows), 300 + i);
  // Twelve of twelve wrong in an hour, where 43 % may be: in so many hours chance does that too.
  CHECK(told(built, rows, slo("97%")) == R"(pass
rule: enough actions have one right row, at any time
expected: at least 97%
actual: 97.167% (583 of 600, 94% of the error budget)
sample: 600
- lost/after_acknowledgement 17
| page 1h/5m | budget burns at most x14.4 | x33.3 at worst |  | pass
| page 6h/30m | budget burns at most x6 | x7.9 at worst |  | pass
| ticket 1d/2h | budget burns at most x3 | x2.0 at worst |  | pass
examples: 5)");
  CHECK(told(built, rows, slo("99%")) == R"(fail
rule: enough actions have one right row, at any time
expected: at least 99%
actual: 97.167% (583 of 600, 283% of the error budget)
why: 17 of 600 actions are wrong
sample: 600
- lost/after_acknowledgement 17
| page 1h/5m | budget burns at most x14.4 | x100.0 at worst, alarm at 2026-03-03 01:50Z |  | fail
| page 6h/30m | budget burns at most x6 | x23.6 at worst, alarm at 2026-03-03 02:20Z |  | fail
| ticket 1d/2h | budget burns at most x3 | x5.9 at worst |  | pass
examples: 5)");
  rows = RightPipeline{built}.rows();
  rows.complete = false;
  CHECK(told(built, rows, slo("97%")) == R"(unknown
rule: enough actions have one right row, at any time
expected: at least 97%
actual: 100.000% (600 of 600)
why: the read is partial: it proves presence, never absence
sample: 600
| page 1h/5m | budget burns at most x14.4 | x0.0 at worst |  | pass
| page 6h/30m | budget burns at most x6 | x0.0 at worst |  | pass
| ticket 1d/2h | budget burns at most x3 | x0.0 at worst |  | pass
examples: 0)");
  CHECK(told(built, RightPipeline{built}.rows(), slo("99.9%")) == R"(unknown
rule: enough actions have one right row, at any time
expected: at least 99.9%
actual: 100.000% (600 of 600)
why: 600 actions are too few for this objective, 9000 are needed
sample: 600 of 9000
| page 1h/5m | budget burns at most x14.4 | x0.0 at worst |  | pass
| page 6h/30m | budget burns at most x6 | x0.0 at worst |  | pass
| ticket 1d/2h | budget burns at most x3 | x0.0 at worst |  | pass
examples: 0)");
}

TEST_CASE("drift tells which property differs most, and its noise", "[assertions][told]") {
  LedgerBuilder built;
  built.scenario.plan.actions[add_to_cart].fields[sku].form = {
      TextForm::Kind::list, "", {"a", "b", "c", "d"}};
  for (std::uint32_t i = 0; i < 400; ++i) {
    const Action put = action(i, i + 1, add_to_cart);
    built.act(put);
    for (const Source side : both_sources) {
      Emission sent = emission(put, side);
      sent.seen.values[sku] = side == Source::client ? i % 4 : (i % 3 == 0 ? 0 : i % 4);
      built.send({built.queue(sent)});
    }
  }
  AssertionPlan plan = that("drift");
  plan.of = add_to_cart;
  CHECK(told(built, RightPipeline{built}.rows(), plan) == R"(fail
rule: client and server events are distributed alike
expected: at most 10%
actual: 25.0% (sku)
tolerance: 10%
why: sku differs by 25.0%
sample: 800
| sku | at most 10% | 25.0% (noise floor 15.2%, p 1.6e-11) | a 50.0% -> 25.0% | fail
| country | at most 10% | 0.0% (noise floor 14.1%, p 1) |  | unknown
| platform | at most 10% | 0.0% (noise floor 14.1%, p 1) |  | unknown
examples: 0)");
}

}  // namespace parallax::test
