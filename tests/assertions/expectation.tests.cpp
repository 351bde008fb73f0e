// SPDX-License-Identifier: Apache-2.0
// What the ledger expects of an action, and what the absence of its row then means.
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// One purchase whose client emission alone was sent so.
LedgerBuilder one_sent(const Sending& sending) {
  LedgerBuilder built;
  built.act(action(0));
  built.send({built.queue(client_emission(0))}, sending);
  return built;
}

Arrival arrival_of(const LedgerBuilder& built) {
  return arrivals(built.scenario, built.ledger).front();
}

/// The one action, judged against an empty but complete read.
JudgedAction without_row(const LedgerBuilder& built) {
  RowSet nothing;
  nothing.complete = true;
  return Judged(built, nothing)[0];
}

}  // namespace

TEST_CASE("an acknowledged emission must have a row", "[assertions][arrival]") {
  const LedgerBuilder built = one_sent({});
  const Arrival arrival = arrival_of(built);
  CHECK(arrival.expectation == Expectation::must);
  CHECK(arrival.client_must);
  CHECK_FALSE(arrival.server_may);
  CHECK(arrival.client_copies == 1);
  CHECK(without_row(built).verdict == ActionVerdict::lost);
}

TEST_CASE("a lost answer leaves the row open", "[assertions][arrival]") {
  const LedgerBuilder built = one_sent(lost_answer());
  const Arrival arrival = arrival_of(built);
  CHECK(arrival.expectation == Expectation::may);
  CHECK(arrival.client_may);
  CHECK_FALSE(arrival.client_must);
  CHECK(arrival.client_copies == 0);
  CHECK(arrival.client_copies_max == 1);
  CHECK(without_row(built).verdict == ActionVerdict::excused);
  CHECK(without_row(built).cause == Cause::outcome_unknown);
}

TEST_CASE("what faults kept from the target is excused and named", "[assertions][arrival]") {
  SECTION("the connection was refused by a fault") {
    const JudgedAction judged = without_row(one_sent(refused_connection()));
    CHECK(judged.expectation == Expectation::unreachable);
    CHECK(judged.verdict == ActionVerdict::excused);
    CHECK(judged.cause == Cause::destroyed_by_fault);
  }
  SECTION("the SDK gave up what a fault had refused") {
    LedgerBuilder built = one_sent(refused_connection());
    built.abandon(built.ledger.emissions[0].emission.key(), AbandonRecord::Why::exhausted);
    CHECK(without_row(built).verdict == ActionVerdict::excused);
    CHECK(without_row(built).cause == Cause::abandoned_by_sdk);
  }
  SECTION("the emission was destroyed at capture") {
    LedgerBuilder built;
    built.act(action(0));
    built.queue(client_emission(0), Fate::destroyed);
    CHECK(without_row(built).cause == Cause::destroyed_by_fault);
  }
  SECTION("the SDK gave it up at unload") {
    LedgerBuilder built;
    built.act(action(0));
    built.abandon(built.queue(client_emission(0)), AbandonRecord::Why::unload);
    CHECK(without_row(built).verdict == ActionVerdict::excused);
    CHECK(without_row(built).cause == Cause::abandoned_by_sdk);
  }
}

TEST_CASE("a 2xx answered by a fault in the target's place acknowledges nothing",
          "[assertions][arrival]") {
  const LedgerBuilder built = one_sent({Receipt::accepted, 200, true, Strike::answered});
  CHECK(arrival_of(built).expectation == Expectation::unreachable);
  CHECK(without_row(built).verdict == ActionVerdict::excused);
}

TEST_CASE("the target's own failures excuse nothing", "[assertions][arrival]") {
  for (const Sending& sending : {own_failure(), Sending{Receipt::rejected, 429},
                                 Sending{Receipt::rejected, 408}, Sending{Receipt::rejected, 0}}) {
    const JudgedAction judged = without_row(one_sent(sending));
    CAPTURE(sending.status);
    CHECK(judged.verdict == ActionVerdict::unevaluated);
    CHECK(judged.cause == Cause::never_acknowledged);
  }
}

TEST_CASE("a fault on the other side does not excuse the target's own failure",
          "[assertions][arrival]") {
  LedgerBuilder built = one_sent(own_failure());
  built.queue(server_emission(0), Fate::destroyed);
  CHECK(without_row(built).verdict == ActionVerdict::unevaluated);
}

TEST_CASE("an attempt in flight when the run stopped proves nothing", "[assertions][arrival]") {
  Sending in_flight;
  in_flight.answered = false;
  CHECK(without_row(one_sent(in_flight)).verdict == ActionVerdict::unevaluated);
}

TEST_CASE("an emission that was queued and never heard of again is not excused",
          "[assertions][arrival]") {
  LedgerBuilder built;
  built.act(action(0));
  built.queue(client_emission(0));
  CHECK(without_row(built).verdict == ActionVerdict::unevaluated);
}

TEST_CASE("a valid event that the target refuses for good is lost", "[assertions][arrival]") {
  const LedgerBuilder built = one_sent(own_refusal());
  CHECK(arrival_of(built).expectation == Expectation::must);
  CHECK(without_row(built).verdict == ActionVerdict::lost);
  CHECK(without_row(built).cause == Cause::refused_by_target);
}

TEST_CASE("a refusal with an acknowledged sibling is no loss", "[assertions][arrival]") {
  LedgerBuilder built = one_sent(own_refusal());
  built.send({built.queue(server_emission(0))});
  const Arrival arrival = arrival_of(built);
  CHECK(arrival.expectation == Expectation::must);
  CHECK(arrival.without_row == Cause::none);
  const Judged judged(built, RightPipeline{built}.rows());
  CHECK(judged[0].verdict == ActionVerdict::ok);
}

TEST_CASE("an event that a fault made invalid may be refused, with its whole batch",
          "[assertions][arrival]") {
  LedgerBuilder built;
  built.scenario.plan.actions[purchase].fields[order_id].required = true;
  built.act(action(0));
  built.act(action(1));
  Emission broken = client_emission(0);
  broken.forms[order_id] = FieldForm::absent;
  broken.struck = 1;
  built.send({built.queue(broken), built.queue(client_emission(1))}, own_refusal());
  RowSet nothing;
  nothing.complete = true;
  const Judged judged(built, nothing);
  for (const std::size_t i : {0U, 1U}) {
    CHECK(judged[i].verdict == ActionVerdict::excused);
    CHECK(judged[i].cause == Cause::destroyed_by_fault);
  }
}

TEST_CASE("an acknowledged event that breaks the contract through a fault may be set aside",
          "[assertions][arrival]") {
  LedgerBuilder built;
  built.act(action(0));
  Emission broken = client_emission(0);
  broken.forms[revenue] = FieldForm::as_text;
  broken.struck = 1;
  built.send({built.queue(broken)});
  CHECK(arrival_of(built).expectation == Expectation::may);
  CHECK(without_row(built).verdict == ActionVerdict::excused);
}

TEST_CASE("consent, sampling and refusals forbid a row whatever arrived", "[assertions][arrival]") {
  const auto forbid = [](auto change) {
    LedgerBuilder built;
    Action forbidden = action(0);
    change(forbidden);
    built.deliver(forbidden);
    return built;
  };
  struct Case {
    LedgerBuilder built;
    Cause cause;
  };
  const Case cases[] = {
      {forbid([](Action& a) { a.consent = Consent::denied; }), Cause::consent_ignored},
      {forbid([](Action& a) { a.sampled = false; }), Cause::sampling_ignored},
      {forbid([](Action& a) { a.refused = true; }), Cause::refused_counted},
  };
  for (const Case& c : cases) {
    CHECK(arrival_of(c.built).expectation == Expectation::must_not);
    CHECK(without_row(c.built).verdict == ActionVerdict::ok);
    RowSet rows;
    rows.complete = true;
    rows.rows.push_back(
        row_of(c.built.scenario.plan, nullptr, &c.built.ledger.emissions[1].emission));
    const Judged judged(c.built, rows);
    CHECK(judged[0].verdict == ActionVerdict::leaked);
    CHECK(judged[0].cause == c.cause);
  }
}

TEST_CASE("only the confirming side makes a row", "[assertions][arrival]") {
  LedgerBuilder built;
  built.scenario.plan.actions[purchase].confirmed_by = Source::server;
  built.act(action(0));
  built.send({built.queue(client_emission(0))});
  built.queue(server_emission(0), Fate::destroyed);
  CHECK(arrival_of(built).expectation == Expectation::unreachable);
  CHECK(without_row(built).verdict == ActionVerdict::excused);
  RowSet rows;
  rows.complete = true;
  rows.rows.push_back(row_of(built.scenario.plan, &film(built, 0, Source::client), nullptr));
  const Judged judged(built, rows);
  CHECK(judged[0].verdict == ActionVerdict::leaked);
  CHECK(judged[0].cause == Cause::unconfirmed);
}

TEST_CASE("a row of what never reached the target is leaked", "[assertions][arrival]") {
  LedgerBuilder built;
  built.act(action(0));
  built.queue(client_emission(0), Fate::destroyed);
  RowSet rows;
  rows.complete = true;
  rows.rows.push_back(row_of(built.scenario.plan, &film(built, 0, Source::client), nullptr));
  const Judged judged(built, rows);
  CHECK(judged[0].verdict == ActionVerdict::leaked);
  CHECK(judged[0].cause == Cause::never_sent);
}

TEST_CASE("a row after a cut or lost answer is recovered", "[assertions][arrival]") {
  const Sending cut{Receipt::rejected, 0, true, Strike::during_body};
  for (const Sending& sending : {lost_answer(), cut}) {
    LedgerBuilder built = one_sent(sending);
    const Judged judged(built, RightPipeline{built, {built.ledger.attempts[0].id}}.rows());
    CHECK(judged[0].verdict == ActionVerdict::recovered);
  }
}

TEST_CASE("a partial read proves presence and never absence", "[assertions][arrival]") {
  LedgerBuilder built = ten_purchases();
  RowSet rows = RightPipeline{built}.rows();
  rows.rows.pop_back();
  rows.complete = false;
  const Judged judged(built, rows);
  CHECK(judged.count(ActionVerdict::ok) == 9);
  CHECK(judged.count(ActionVerdict::unevaluated) == 1);
  CHECK(judged.count(ActionVerdict::lost) == 0);
}

TEST_CASE("the ledger need not be in the order of the ids", "[assertions][arrival]") {
  LedgerBuilder built = ten_purchases();
  std::reverse(built.ledger.actions.begin(), built.ledger.actions.end());
  std::reverse(built.ledger.emissions.begin(), built.ledger.emissions.end());
  std::reverse(built.ledger.attempts.begin(), built.ledger.attempts.end());
  const Judged judged(built, RightPipeline{built}.rows());
  CHECK(judged.count(ActionVerdict::ok) == 10);
}

}  // namespace parallax::test
