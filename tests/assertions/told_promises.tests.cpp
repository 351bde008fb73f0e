// SPDX-License-Identifier: Apache-2.0
// What the assertions about sessions, persons and the plan tell, word for word.
#include "tests/assertions/told.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Of each user a page view and two purchases, one session each.
LedgerBuilder visits(std::uint32_t n) {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < n; ++i)
    for (std::uint32_t k = 0; k < 3; ++k)
      built.deliver(action(k, i + 1, k == 0 ? page_view : purchase));
  return built;
}

/// As the app leaves it when nobody may send: both sides keep it back.
void keep_back(LedgerBuilder& built, const Action& done, Withheld why) {
  built.act(done);
  for (const Source side : both_sources) {
    Emission kept = emission(done, side);
    kept.withheld = why;
    built.queue(kept, Fate::withheld);
  }
}

/// Twenty who agree; two who refuse and two whom nobody heard; one whose client keeps back what it
/// might send; one refused by the backend, one outside the sample.
LedgerBuilder obeyed_and_not() {
  LedgerBuilder built = shoppers(20);
  for (std::uint32_t i = 20; i < 24; ++i) {
    Action refused = action(i, i + 1);
    refused.consent = Consent::denied;
    if (i < 22) {
      keep_back(built, refused, Withheld::consent);
    } else {
      built.deliver(refused);
    }
  }
  Action agreed = action(24, 25);
  built.act(agreed);
  built.send({built.queue(emission(agreed, Source::server))});
  Emission kept = emission(agreed, Source::client);
  kept.withheld = Withheld::consent;
  built.queue(kept, Fate::withheld);
  Action by_backend = action(25, 26);
  by_backend.refused = true;
  built.deliver(by_backend);
  Action outside = action(26, 27);
  outside.sampled = false;
  keep_back(built, outside, Withheld::sampling);
  return built;
}

}  // namespace

TEST_CASE("order tells steps, sessions and whose fault it is", "[assertions][told]") {
  LedgerBuilder built = visits(4);
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 2).event_ts = row_at(built, rows, 2).event_ts - minute;
  row_at(built, rows, 5).sequence = row_at(built, rows, 4).sequence;
  row_at(built, rows, 7).event_ts = row_at(built, rows, 8).event_ts;
  row_at(built, rows, 10).sequence = -1;
  CHECK(told(built, rows, that("order")) == R"(fail
rule: the rows of a session run in the order of its actions
expected: 0 wrong
actual: 2 wrong (of 8 steps in 4 sessions)
delta: 2
why: 2 of 8 steps are wrong
sample: 8
- mistimed/wrong_session 1
- mistimed/wrong_time 1
| numbers | 0 backwards | 1 backwards |  | fail
| target's times | 0 backwards | 1 backwards |  | fail
examples: 2)");
  AssertionPlan loose = that("order");
  loose.within = *parse_ratio("5%");
  CHECK(told(built, rows, loose) == R"(unknown
rule: the rows of a session run in the order of its actions
expected: 0 wrong
actual: 2 wrong (of 8 steps in 4 sessions)
delta: 2
tolerance: 5%
why: 2 of 8 steps are wrong: too few for this tolerance, 43 are needed
sample: 8 of 43
- mistimed/wrong_session 1
- mistimed/wrong_time 1
| numbers | 0 backwards | 1 backwards |  | unknown
| target's times | 0 backwards | 1 backwards |  | unknown
examples: 2)");
}

TEST_CASE("order does not compare rows without a time or a number", "[assertions][told]") {
  const LedgerBuilder built = visits(2);
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) {
    row.event_ts = no_time;
    row.sequence = -1;
  }
  CHECK(told(built, rows, that("order")) == R"(unknown
rule: the rows of a session run in the order of its actions
expected: 0 wrong
actual: 0 wrong (of 0 steps)
why: nothing was measured: no session has two rows to compare
sample: 0
examples: 0)");
  rows = RightPipeline{built}.rows();
  row_at(built, rows, 1).event_ts = no_time;
  row_at(built, rows, 1).sequence = 0;
  row_at(built, rows, 4).sequence = 0;
  CHECK(told(built, rows, that("order")) == R"(fail
rule: the rows of a session run in the order of its actions
expected: 0 wrong
actual: 2 wrong (of 4 steps in 2 sessions)
delta: 2
why: 2 of 4 steps are wrong
sample: 4
- mistimed/wrong_session 2
| numbers | 0 backwards | 2 backwards |  | fail
examples: 2)");
}

TEST_CASE("consent tells leaked, missing, kept back and sent anyway", "[assertions][told]") {
  const LedgerBuilder built = obeyed_and_not();
  RowSet rows = without(built, RightPipeline{built}.rows(), 3);
  const Emission& leak = film(built, 20, Source::server);
  rows.rows.push_back(row_of(built.scenario.plan, nullptr, &leak));
  CanonicalRow phantom = rows.rows[1];
  phantom.event_id.high += 1;
  phantom.session = session_key(4'711);
  phantom.user = user_key(4'711);
  rows.rows.push_back(phantom);
  phantom.event_id.high += 1;
  phantom.consent = Consent::denied;
  rows.rows.push_back(phantom);
  CHECK(told(built, rows, that("consent")) == R"(fail
rule: no row stands against consent, and none is missing with it
expected: 0 leaked; 0 missing
actual: 2 leaked; 1 missing (of 4 refused and 21 agreed actions)
why: 2 rows stand against consent, 1 are missing with it, 1 emissions were kept back in spite of consent
sample: 25
- excused/abandoned_by_sdk 1
- lost/last_batch 1
- leaked/consent_ignored 1
| leaked | 0 | 2 | +2 | fail
| missing | 0 | 1 | +1 | fail
| kept back | 0 | 1 | +1 | fail
| sent anyway | any | 4 |  | pass
examples: 3, phantoms: 1)");
  AssertionPlan each = that("consent");
  each.each_side = true;
  CHECK(told(built, rows, each) == R"(fail
rule: no row stands against consent, and none is missing with it
expected: 0 leaked; 0 missing
actual: 2 leaked; 1 missing (of 4 refused and 21 agreed actions)
why: 2 rows stand against consent, 1 are missing with it, 1 emissions were kept back in spite of consent, 4 emissions were sent against consent
sample: 25
- leaked/sent_anyway 4
- excused/abandoned_by_sdk 1
- lost/last_batch 1
- leaked/consent_ignored 1
| leaked | 0 | 2 | +2 | fail
| missing | 0 | 1 | +1 | fail
| kept back | 0 | 1 | +1 | fail
| sent anyway | 0 | 4 | +4 | fail
examples: 5, phantoms: 1)");
  CHECK(told(shoppers(3), {{}, true}, that("consent")) == R"(fail
rule: no row stands against consent, and none is missing with it
expected: 0 leaked; 0 missing
actual: 0 leaked; 3 missing (of 0 refused and 3 agreed actions)
why: 0 rows stand against consent, 3 are missing with it
sample: 3
- lost/after_acknowledgement 3
| leaked | 0 | 0 |  | pass
| missing | 0 | 3 | +3 | fail
| kept back | 0 | 0 |  | pass
| sent anyway | any | 0 |  | pass
examples: 3)");
}

TEST_CASE("identity tells who is torn, by user and by device", "[assertions][told]") {
  const LedgerBuilder built = visits(6);
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.lane = 0;
  row_at(built, rows, 3).user = user_key(1);
  row_at(built, rows, 4).user = user_key(1);
  row_at(built, rows, 7).user = 0;
  row_at(built, rows, 10).device = device_key(99);
  CHECK(told(built, rows, that("identity")) == R"(fail
rule: each person's rows stand under their user id
expected: 0 persons torn
actual: 2 torn (of 6 persons)
delta: 2
why: 2 rows of 2 persons stand under somebody else's id, 1 under none
sample: 18
- misattributed/wrong_user 2
- misattributed/not_linked 1
| another's id | 0 | 2 | +2 | fail
| no known id | 0 | 1 | +1 | fail
examples: 3)");
  AssertionPlan devices = that("identity");
  devices.id = OwnerId::device;
  CHECK(told(built, rows, devices) == R"(fail
rule: each person's rows stand under their device id
expected: 0 persons torn
actual: 1 torn (of 6 persons)
delta: 1
why: 1 rows of 1 persons stand under somebody else's id, 0 under none
sample: 18
- misattributed/wrong_device 1
| another's id | 0 | 1 | +1 | fail
| no known id | 0 | 0 |  | pass
examples: 1)");
}

TEST_CASE("sampling tells the share, the sides and the leaks", "[assertions][told]") {
  LedgerBuilder built = shoppers(10);
  built.scenario.population.sampling = *parse_ratio("50%");
  for (std::uint32_t i = 10; i < 20; ++i) {
    Action outside = action(i, i + 1);
    outside.sampled = false;
    keep_back(built, outside, Withheld::sampling);
  }
  built.ledger.emissions.back().emission.withheld = Withheld::no;
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.push_back(row_of(built.scenario.plan, nullptr, &film(built, 12, Source::server)));
  CHECK(told(built, rows, that("sampling")) == R"(fail
rule: both sides sample the same users, at the declared rate
expected: 50%
actual: 55.00% (of 20 users)
delta: 5.00 points
tolerance: +- 5%
why: 1 users are sent by one side and left out by the other, 1 rows stand for users outside the sample
sample: 20
- leaked/sampling_ignored 1
- leaked/sent_anyway 1
| share | 50% | 55.00% (of 20 users) | 5.00 points | unknown
| sides differ | 0 | 1 | +1 | fail
| leaked | 0 | 1 | +1 | fail
examples: 2)");
  AssertionPlan loose = that("sampling");
  loose.within = *parse_ratio("40%");
  loose.rate = *parse_ratio("90%");
  CHECK(told(built, RightPipeline{built}.rows(), loose) == R"(fail
rule: both sides sample the same users, at the declared rate
expected: 90%
actual: 50.00% (of 20 users)
delta: 40.00 points
tolerance: +- 40%
why: 1 users are sent by one side and left out by the other, 0 rows stand for users outside the sample
sample: 20
- leaked/sent_anyway 1
| share | 90% | 50.00% (of 20 users) | 40.00 points | pass
| sides differ | 0 | 1 | +1 | fail
| leaked | 0 | 0 |  | pass
examples: 1)");
}

TEST_CASE("schema_version tells rows by version", "[assertions][told]") {
  const LedgerBuilder built = shoppers(10);
  RowSet rows = RightPipeline{built}.rows();
  for (CanonicalRow& row : rows.rows) row.schema_version = 1;
  row_at(built, rows, 3).schema_version = 2;
  row_at(built, rows, 4).schema_version = 0;
  CHECK(told(built, rows, that("schema_version")) == R"(fail
rule: each row has a version that was sent, and a dual write counts once
expected: 0 wrong; 0 twice
actual: 2 wrong; 0 twice (of 10 rows and 0 dual writes)
delta: 2
why: 2 rows of another version, 0 of 0 dual writes counted twice
sample: 10
- distorted/other_version 2
| version 0 | 0 | 1 rows |  | fail
| version 1 | any | 8 rows |  | pass
| version 2 | 0 | 1 rows |  | fail
examples: 2)");
}

TEST_CASE("contract tells each place that is wrong and what was refused", "[assertions][told]") {
  LedgerBuilder built = shoppers(10);
  built.scenario.plan.actions[purchase].fields[revenue].required = true;
  built.act(action(10, 11));
  built.send({built.queue(client_emission(10, 11))}, own_refusal());
  RowSet rows = RightPipeline{built}.rows();
  row_at(built, rows, 3).forms[revenue] = FieldForm::null;
  row_at(built, rows, 4).forms[revenue] = FieldForm::other;
  row_at(built, rows, 4).forms[tax] = FieldForm::other;
  row_at(built, rows, 5).forms[tax] = FieldForm::absent;
  CHECK(told(built, rows, that("contract")) == R"(fail
rule: rows keep the tracking plan, and what keeps it is not refused
expected: 0 wrong
actual: 2 wrong (of 10 rows)
delta: 2
why: 2 of 10 rows are wrong; the target refused 1 actions that keep the plan
sample: 10
- lost/refused_by_target 1
- distorted/field_missing 1
- distorted/wrong_type 1
| purchase.revenue is required and missing | 0 | 1 | +1 | fail
| purchase.revenue is no money | 0 | 1 | +1 | fail
| purchase.tax is no money | 0 | 1 | +1 | fail
| actions refused although they keep the plan | 0 | 1 | +1 | fail
examples: 3)");
}

}  // namespace parallax::test
