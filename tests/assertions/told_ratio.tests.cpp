// SPDX-License-Identifier: Apache-2.0
// What ratio tells, word for word.
#include "tests/assertions/told.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Thirty purchases a day; on the second the client sends each twice.
LedgerBuilder doubled_on_the_second_day() {
  LedgerBuilder built = shoppers(30);
  for (std::uint32_t i = 30; i < 60; ++i) {
    Action later = action(i, i + 1);
    later.at = later.at + day;
    built.deliver(later);
    Emission copy = emission(later, Source::client);
    copy.copy = 1;
    copy.struck = 4;
    built.send({built.queue(copy)});
  }
  return built;
}

}  // namespace

TEST_CASE("ratio tells its bands by day, and who pushed it out", "[assertions][told]") {
  const LedgerBuilder built = doubled_on_the_second_day();
  AssertionPlan plan = ratio_between(900'000, 1'100'000);
  plan.by = day;
  const RowSet rows = RightPipeline{built}.rows();
  CHECK(told(built, rows, plan) == R"(fail
rule: client rows per server row stay inside the band
expected: 0.900 .. 1.100
actual: 1.500 (90 client, 60 server, by the target's rows)
tolerance: 0.900 .. 1.100
why: 2026-03-03 is above the band: 2.000 +- 0.100 (n = 30)
sample: 60
- ok/double_fire 30
| 2026-03-02 | 0.900 .. 1.100 | 1.000 +- 0.100 (n = 30) |  | pass
| 2026-03-03 | 0.900 .. 1.100 | 2.000 +- 0.100 (n = 30) |  | fail
examples: 5)");
  RowSet silent = rows;
  for (CanonicalRow& row : silent.rows) row.client_rows = row.server_rows = -1;
  CHECK(told(built, silent, plan) == R"(fail
rule: client rows per server row stay inside the band
expected: 0.900 .. 1.100
actual: 1.500 (90 client, 60 server, by the ledger)
tolerance: 0.900 .. 1.100
why: 2026-03-03 is above the band: 2.000 +- 0.100 (n = 30)
sample: 60
- ok/double_fire 30
| 2026-03-02 | 0.900 .. 1.100 | 1.000 +- 0.100 (n = 30) |  | pass
| 2026-03-03 | 0.900 .. 1.100 | 2.000 +- 0.100 (n = 30) |  | fail
examples: 5)");
}

TEST_CASE("ratio tells a target that miscounts, and a band too narrow", "[assertions][told]") {
  const LedgerBuilder built = doubled_on_the_second_day();
  const RowSet rows = RightPipeline{built}.rows();
  AssertionPlan plan = ratio_between(900'000, 1'100'000);
  plan.by = day;
  RowSet boasting = rows;
  boasting.rows[3].server_rows = 5;
  CHECK(told(built, boasting, plan) == R"(fail
rule: client rows per server row stay inside the band
expected: 0.900 .. 1.100
actual: 1.406 (90 client, 64 server, by the target's rows)
tolerance: 0.900 .. 1.100
why: the pipeline distorts the ratio: its rows count 64 server rows, the ledger allows 60 .. 60
sample: 60
- ok/double_fire 29
| 2026-03-02 | 0.900 .. 1.100 | 1.000 +- 0.100 (n = 30) |  | pass
| 2026-03-03 | 0.900 .. 1.100 | 1.765 +- 0.619 (n = 30) |  | fail
examples: 5)");
  AssertionPlan few = ratio_between(1'490'000, 1'510'000);
  CHECK(told(built, rows, few) == R"(unknown
rule: client rows per server row stay inside the band
expected: 1.490 .. 1.510
actual: 1.500 (90 client, 60 server, by the target's rows)
tolerance: 1.490 .. 1.510
why: all: too few for this band, 24000 actions are needed
sample: 60 of 24000
examples: 0)");
}

TEST_CASE("ratio of two events tells both, and the baseline's", "[assertions][told]") {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 40; ++i) {
    Action put = action(2 * i, i + 1, add_to_cart);
    put.at = put.at + (i < 20 ? 0 : day);
    built.deliver(put);
    if (i >= 20 && i % 2 == 0) continue;
    Action bought = action(2 * i + 1, i + 1);
    bought.at = bought.at + (i < 20 ? 0 : day);
    built.deliver(bought);
  }
  RowSet rows = RightPipeline{built}.rows();
  AssertionPlan plan = ratio_between(900'000, 1'100'000);
  plan.per = add_to_cart;
  CHECK(told(built, rows, plan) == R"(unknown
rule: purchase per add_to_cart stays inside the band
expected: 0.900 .. 1.100
actual: 0.750 (30 purchase, 40 add_to_cart)
tolerance: 0.900 .. 1.100
why: all: too few for this band, 85 actions are needed
sample: 40 of 85
examples: 0)");
  plan.by = day;
  rows.rows.pop_back();
  CHECK(told(built, rows, plan) == R"(fail
rule: purchase per add_to_cart stays inside the band
expected: 0.900 .. 1.100
actual: 0.725 (29 purchase, 40 add_to_cart)
tolerance: 0.900 .. 1.100
why: 2026-03-03 is below the band: 0.500 +- 0.367 (n = 20)
sample: 40
- lost/last_batch 1
| 2026-03-02 | 0.900 .. 1.100 | 0.950 +- 0.209 (n = 20) |  | unknown
| 2026-03-03 | 0.900 .. 1.100 | 0.500 +- 0.367 (n = 20) |  | fail
examples: 1)");
  plan.by.reset();
  plan.baseline = {0, day};
  CHECK(told(built, rows, plan) == R"(unknown
rule: purchase per add_to_cart stays near its baseline
expected: 0.900 .. 1.100
actual: 0.526 (now 0.500 (10 purchase, 20 add_to_cart), baseline 0.950 (19 purchase, 20 add_to_cart))
tolerance: 0.900 .. 1.100
why: all: too few for this band, 28 actions are needed
sample: 20 of 28
examples: 0)");
}

}  // namespace parallax::test
