// SPDX-License-Identifier: Apache-2.0
// What the assertions about rows and their values tell, word for word (ratio: told_ratio).
#include "tests/assertions/told.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// A row of this run that no action explains.
CanonicalRow phantom_like(const CanonicalRow& row) {
  CanonicalRow phantom = row;
  phantom.event_id.high += 1;
  phantom.session = session_key(4'711);
  phantom.user = user_key(4'711);
  return phantom;
}

/// A purchase whose only emission a fault destroyed.
void destroy(LedgerBuilder& built, std::uint32_t i) {
  const Action lost = action(i, i + 1);
  built.act(lost);
  Emission blocked = emission(lost, Source::client);
  blocked.struck = 1;
  built.queue(blocked, Fate::destroyed);
}

/// A purchase that the target never acknowledged.
void fail(LedgerBuilder& built, std::uint32_t i) {
  built.act(action(i, i + 1));
  built.send({built.queue(client_emission(i, i + 1))}, own_failure());
}

/// Twenty purchases, one that nobody heard of, and four of the day after.
LedgerBuilder two_days() {
  LedgerBuilder built = shoppers(20);
  destroy(built, 20);
  for (std::uint32_t i = 21; i < 25; ++i) {
    Action later = action(i, i + 1);
    later.at = later.at + day;
    built.deliver(later);
  }
  return built;
}

/// One row is lost, one stands twice, and one is nobody's.
RowSet one_lost_one_doubled(const LedgerBuilder& built) {
  RowSet rows = without(built, RightPipeline{built}.rows(), 3);
  rows.rows.push_back(phantom_like(rows.rows[7]));
  rows.rows.push_back(row_at(built, rows, 22));
  return rows;
}

}  // namespace

TEST_CASE("exactly_once tells what is wrong, what is allowed and what is excused",
          "[assertions][told]") {
  LedgerBuilder built = shoppers(20);
  destroy(built, 20);
  RowSet rows = without(built, RightPipeline{built}.rows(), 3);
  rows.rows.push_back(row_at(built, rows, 5));
  rows.rows.push_back(phantom_like(rows.rows[7]));
  CHECK(told(built, rows, loose_exactly_once()) == R"(fail
rule: each action lands exactly once, and nothing else does
expected: 21 actions right
actual: 19 right (1 excused)
delta: 2 wrong, 1 phantom rows
tolerance: lost up to 10%
why: 1 duplicated/multiplied, 1 phantom
sample: 20
- lost/last_batch 1
- duplicated/multiplied 1
examples: 2, phantoms: 1)");
}

TEST_CASE("exactly_once tells what could not be judged, and nothing of what is right",
          "[assertions][told]") {
  LedgerBuilder built = shoppers(20);
  fail(built, 20);
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 3).event_ts = no_time + 1;
  row_at(built, rows, 4).values[revenue] += 1;
  row_at(built, rows, 5).user = user_key(99);
  CHECK(told(built, rows, that("exactly_once")) == R"(unknown
rule: each action lands exactly once, and nothing else does
expected: 21 actions right
actual: 20 right
why: 1 actions could not be judged
sample: 20
- unevaluated/never_acknowledged 1
examples: 1)");
  CHECK(told(shoppers(3), RightPipeline{shoppers(3)}.rows(), that("exactly_once")) == R"(pass
rule: each action lands exactly once, and nothing else does
expected: 3 actions right
actual: 3 right
sample: 3
examples: 0)");
}

TEST_CASE("fields tells which field of which side is wrong, and where else", "[assertions][told]") {
  const LedgerBuilder built = shoppers(20);
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 3).values[revenue] += 500;
  row_at(built, rows, 4).values[tax] += 1;
  row_at(built, rows, 4).values[revenue] += 500;
  row_at(built, rows, 5).user = user_key(99);
  row_at(built, rows, 6).event_ts = row_at(built, rows, 6).event_ts + 9 * hour;
  row_at(built, rows, 7).source = Source::client;
  CHECK(told(built, rows, that("fields")) == R"(fail
rule: each row says what the authoritative side sent
expected: 20 actions right
actual: 15 right
delta: 5 wrong
why: 5 of 20 actions have a row that says something else than was sent
sample: 20
- distorted/value_changed 2
- distorted/wrong_side 1
- misattributed/wrong_user 1
- mistimed/zone_shifted 1
| purchase.revenue (owner: server) | 0 wrong | 2 wrong |  | fail
| purchase.tax (owner: server) | 0 wrong | 1 wrong |  | fail
| purchase: source, name or flags | 0 wrong | 1 wrong |  | fail
| purchase: user, session or device | 0 wrong | 1 wrong |  | fail
| purchase: time | 0 wrong | 1 wrong |  | fail
examples: 5)");
  AssertionPlan one = that("fields");
  one.of = purchase;
  one.field = revenue;
  CHECK(told(built, rows, one) == R"(fail
rule: each row says what the authoritative side sent
expected: 20 actions right
actual: 18 right
delta: 2 wrong
why: 2 of 20 actions have a row that says something else than was sent
sample: 20
- distorted/value_changed 2
| purchase.revenue (owner: server) | 0 wrong | 2 wrong |  | fail
examples: 2)");
  one.field = tax;
  CHECK(told(built, rows, one) == R"(fail
rule: each row says what the authoritative side sent
expected: 20 actions right
actual: 19 right
delta: 1 wrong
why: 1 of 20 actions have a row that says something else than was sent
sample: 20
- distorted/value_changed 1
| purchase.tax (owner: server) | 0 wrong | 1 wrong |  | fail
examples: 1)");
  rows = RightPipeline{built}.rows();
  rows.complete = false;
  CHECK(told(built, rows, that("fields")) == R"(unknown
rule: each row says what the authoritative side sent
expected: 20 actions right
actual: 20 right
why: some actions could not be judged
sample: 20
examples: 0)");
}

TEST_CASE("count tells each day", "[assertions][told]") {
  const LedgerBuilder built = two_days();
  RowSet rows = one_lost_one_doubled(built);
  AssertionPlan plan = count_of(purchase);
  plan.by = day;
  CHECK(told(built, rows, plan) == R"(fail
rule: as many rows as actions that arrived
expected: 24
actual: 25
delta: 1
why: the rows are not as many as the ledger allows
sample: 25
- lost/last_batch 1
- duplicated/multiplied 1
| 2026-03-02 | 20 | 20 | 0 | pass
| 2026-03-03 | 4 | 5 | 1 | fail
examples: 2)");
  plan.within = *parse_ratio("20%");
  CHECK(told(built, rows, plan) == R"(fail
rule: as many rows as actions that arrived
expected: 24
actual: 25
delta: 1
tolerance: 20%
why: the rows are not as many as the ledger allows
sample: 25
- lost/last_batch 1
- duplicated/multiplied 1
| 2026-03-02 | 20 | 20 | 0 | pass
| 2026-03-03 | 4 | 5 | 1 | fail
examples: 2)");
  rows.complete = false;
  CHECK(told(built, rows, plan) == R"(fail
rule: as many rows as actions that arrived
expected: 24
actual: 25
delta: 1
tolerance: 20%
why: the rows are not as many as the ledger allows
sample: 25
- unevaluated/read_incomplete 2
- duplicated/multiplied 1
| 2026-03-02 | 20 | 20 | 0 | unknown
| 2026-03-03 | 4 | 5 | 1 | fail
examples: 3)");
}

TEST_CASE("sum tells each day", "[assertions][told]") {
  const LedgerBuilder built = two_days();
  const RowSet rows = one_lost_one_doubled(built);
  AssertionPlan amount = sum_of(revenue);
  amount.by = day;
  CHECK(told(built, rows, amount) == R"(fail
rule: the rows' revenue adds up to what arrived
expected: 546.56 USD
actual: 577.75 USD
delta: 31.19 USD
why: the rows' revenue does not add up to what arrived
sample: 25
- lost/last_batch 1
- duplicated/multiplied 1
| 2026-03-02 | 411.70 USD | 409.68 USD | -2.02 USD | fail
| 2026-03-03 | 134.86 USD | 168.07 USD | 33.21 USD | fail
examples: 2)");
  amount.within = *parse_ratio("50%");
  CHECK(told(built, rows, amount) == R"(pass
rule: the rows' revenue adds up to what arrived
expected: 546.56 USD
actual: 577.75 USD
delta: 31.19 USD
tolerance: 50%
sample: 25
| 2026-03-02 | 411.70 USD | 409.68 USD | -2.02 USD | pass
| 2026-03-03 | 134.86 USD | 168.07 USD | 33.21 USD | pass
examples: 0)");
}

TEST_CASE("distinct tells what is missing and what is of nothing", "[assertions][told]") {
  const LedgerBuilder built = shoppers(20);
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 3).values[order_id] = row_at(built, rows, 4).values[order_id];
  row_at(built, rows, 5).values[order_id] = 4'711;
  AssertionPlan plan = that("distinct");
  plan.of = purchase;
  plan.field = order_id;
  CHECK(told(built, rows, plan) == R"(fail
rule: as many different order_id as arrived
expected: 20
actual: 19
delta: -1
why: 2 values are missing, 1 are of nothing that arrived
sample: 20
- distorted/value_changed 2
examples: 2)");
  plan.by = day;
  plan.within = *parse_ratio("10%");
  CHECK(told(built, rows, plan) == R"(pass
rule: as many different order_id as arrived
expected: 20
actual: 19
delta: -1
tolerance: 10%
sample: 20
| 2026-03-02 | 20 | 19 | -1 | pass
examples: 0)");
  AssertionPlan users = that("distinct");
  users.id = OwnerId::user;
  row_at(built, rows, 6).user = row_at(built, rows, 7).user;
  CHECK(told(built, rows, users) == R"(fail
rule: as many different user ids as arrived
expected: 20
actual: 19
delta: -1
why: 1 values are missing, 0 are of nothing that arrived
sample: 20
- distorted/value_changed 2
- misattributed/wrong_user 1
examples: 3)");
}

}  // namespace parallax::test
