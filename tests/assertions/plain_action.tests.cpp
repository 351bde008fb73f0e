// SPDX-License-Identifier: Apache-2.0
// What is known beforehand of actions to which nothing happened is what looking closely finds.
#include "assertions/plain_action.h"

#include <functional>

#include "assertions/row_check.h"
#include "tests/assertions/judged.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

auto members(const Arrival& a) {
  return std::tuple(a.struck, a.event_first, a.event_last, a.expectation, a.without_row,
                    a.client_must, a.client_may, a.server_must, a.server_may, a.held_back,
                    a.other_project, a.set_aside, a.reached, a.client_copies, a.client_copies_max,
                    a.server_copies, a.server_copies_max, a.client_deliveries_max,
                    a.server_deliveries_max);
}

using ChangeEmission = std::function<void(Emission&)>;

/// A purchase of which the client's emission is changed before both are sent.
void deliver_changed(LedgerBuilder& built, std::uint64_t ordinal, const ChangeEmission& change) {
  const Action& act = built.act(action(ordinal));
  Emission client = emission(act, Source::client);
  change(client);
  built.send({built.queue(client)});
  built.send({built.queue(emission(act, Source::server))});
}

/// What may be the matter with an action that keeps it from being plain.
LedgerBuilder all_but_plain() {
  LedgerBuilder built;
  std::uint64_t ordinal = 0;
  for (const Sending& sending :
       {lost_answer(), refused_connection(), own_failure(), own_refusal()}) {
    built.act(action(ordinal));
    built.send({built.queue(client_emission(ordinal++))}, sending);
  }
  const std::vector<ChangeEmission> changes{
      [](Emission& e) { e.copy = 1; },
      [](Emission& e) { e.id_form = IdForm::absent; },
      [](Emission& e) { e.user_form = UserForm::digits; },
      [](Emission& e) { e.other_name = true; },
      [](Emission& e) { e.other_project = true; },
      [](Emission& e) { e.odd_fields = true; },
      [](Emission& e) { e.source = Source::server; },
      [](Emission& e) { e.withheld = Withheld::consent; },
  };
  for (const ChangeEmission& change : changes) deliver_changed(built, ordinal++, change);
  for (bool Action::*member : {&Action::refused, &Action::sampled}) {
    Action forbidden = action(ordinal++);
    forbidden.*member = !(forbidden.*member);
    built.deliver(forbidden);
  }
  Action denied = action(ordinal++);
  denied.consent = Consent::denied;
  built.deliver(denied);
  built.act(action(ordinal));
  const EmissionKey twice = built.queue(client_emission(ordinal++));
  built.send({twice});
  built.send({twice});
  built.act(action(ordinal));
  built.queue(client_emission(ordinal++), Fate::destroyed);
  built.act(action(ordinal));  // Nobody said anything of it.
  return built;
}

void move(SimTime& time, Micros by) {
  if (time != no_time) time = time + by;
}

/// Both sides, one side, clocks that are wrong or missing, fields that are left out or retyped.
LedgerBuilder plain_ones() {
  LedgerBuilder built;
  std::uint64_t ordinal = 0;
  for (const std::uint16_t type : {page_view, add_to_cart, purchase})
    built.deliver(action(ordinal++, 1, type));
  for (const Source side : both_sources) {
    const Action& act = built.act(action(ordinal++));
    built.send({built.queue(emission(act, side))});
  }
  const std::vector<ChangeEmission> changes{
      [](Emission& e) { move(e.client_ts, hour); },
      [](Emission& e) { e.client_ts = no_time; },
      [](Emission& e) { e.struck = 5; },
      [](Emission& e) { e.event_id = Uuid::from_bits(1, 2); },
      [](Emission& e) { e.forms[revenue] = FieldForm::absent; },
      [](Emission& e) { e.forms[revenue] = FieldForm::minor_units; },
      [](Emission& e) { e.seen.values[tax] = 1; },
  };
  for (const ChangeEmission& change : changes) deliver_changed(built, ordinal++, change);
  return built;
}

}  // namespace

TEST_CASE("an action to which anything happened is not plain", "[assertions][plain]") {
  const LedgerBuilder built = all_but_plain();
  const LedgerView view(built.scenario, built.ledger);
  for (std::uint32_t i = 0; i < built.ledger.actions.size(); ++i) {
    CAPTURE(i);
    CHECK_FALSE(find_plain(built.scenario, built.ledger, view, i));
  }
  LedgerBuilder confirmed;
  confirmed.scenario.plan.actions[purchase].confirmed_by = Source::server;
  confirmed.deliver(action(0));
  CHECK_FALSE(find_plain(confirmed.scenario, confirmed.ledger,
                         LedgerView(confirmed.scenario, confirmed.ledger), 0));
}

TEST_CASE("the arrival of a plain action is the one that is found by asking for everything",
          "[assertions][plain]") {
  const LedgerBuilder built = plain_ones();
  const LedgerView view(built.scenario, built.ledger);
  const std::vector<Arrival> asked = arrivals(built.scenario, built.ledger);
  for (std::uint32_t i = 0; i < asked.size(); ++i) {
    CAPTURE(i);
    const PlainAction plain = find_plain(built.scenario, built.ledger, view, i);
    REQUIRE(plain);
    CHECK(members(arrival_of(plain)) == members(asked[i]));
  }
}

TEST_CASE("a row agrees with its plain action only where the close look finds nothing",
          "[assertions][plain]") {
  const LedgerBuilder built = plain_ones();
  const Scenario& scenario = built.scenario;
  const LedgerView view(scenario, built.ledger);
  const std::vector<std::function<void(CanonicalRow&)>> changes{
      [](CanonicalRow&) {},
      [](CanonicalRow& r) { r.event_id = Uuid::from_bits(3, 4); },
      [](CanonicalRow& r) { r.id_form = IdForm::absent; },
      [](CanonicalRow& r) { r.event_name = hash_text("other"); },
      [](CanonicalRow& r) { r.type = page_view; },
      [](CanonicalRow& r) { ++r.user; },
      [](CanonicalRow& r) { ++r.device; },
      [](CanonicalRow& r) { ++r.session; },
      [](CanonicalRow& r) { ++r.sequence; },
      [](CanonicalRow& r) { r.client_ts = r.client_ts == no_time ? SimTime{1} : no_time; },
      [](CanonicalRow& r) { move(r.client_ts, hour); },
      [](CanonicalRow& r) { r.server_ts = r.server_ts == no_time ? SimTime{1} : no_time; },
      [](CanonicalRow& r) { move(r.server_ts, hour); },
      [](CanonicalRow& r) { move(r.event_ts, minute); },
      [](CanonicalRow& r) { r.event_ts = no_time; },
      [](CanonicalRow& r) { r.client_rows = r.client_rows == 0 ? 1 : 0; },
      [](CanonicalRow& r) { r.server_rows = r.server_rows == 0 ? 1 : 0; },
      [](CanonicalRow& r) { r.source = Source::client; },
      [](CanonicalRow& r) { r.source = Source::server; },
      [](CanonicalRow& r) { r.server_authoritative = true; },
      [](CanonicalRow& r) { r.server_authoritative = false; },
      [](CanonicalRow& r) { r.consent = Consent::denied; },
      [](CanonicalRow& r) { r.currency = 1; },
      [](CanonicalRow& r) { ++r.values[0]; },
      [](CanonicalRow& r) { ++r.values[revenue]; },
      [](CanonicalRow& r) { r.values[revenue] *= 100; },
      [](CanonicalRow& r) { r.forms[0] = FieldForm::null; },
      [](CanonicalRow& r) { r.forms[revenue] = FieldForm::other; },
      [](CanonicalRow& r) { r.forms[tax] = FieldForm::absent; },
  };
  std::size_t agreed = 0, found = 0;
  for (const bool all_columns : {true, false}) {
    RowFacts facts;
    facts.event_id = facts.user = facts.device = facts.session = facts.sequence = all_columns;
    facts.event_ts = facts.client_ts = facts.server_ts = all_columns;
    RowCheck check(scenario, built.ledger, view, facts);
    for (std::uint32_t i = 0; i < built.ledger.actions.size(); ++i) {
      const PlainAction plain = find_plain(scenario, built.ledger, view, i);
      const CanonicalRow right =
          row_of(scenario.plan, plain.by(Source::client), plain.by(Source::server));
      for (std::size_t change = 0; change < changes.size(); ++change) {
        CanonicalRow row = right;
        changes[change](row);
        CAPTURE(all_columns, i, change);
        const std::uint16_t type = built.ledger.actions[i].type;
        const RowFindings close = check.check(i, arrival_of(plain), row, true);
        const bool agrees = check.agrees(plain, arrival_of(plain), row, type);
        const bool is_finding = close.bits() != 0 || close.fields != 0 || close.one_sided;
        CHECK_FALSE((agrees && is_finding));
        agreed += agrees ? 1 : 0;
        found += is_finding ? 1 : 0;
      }
    }
  }
  CHECK(agreed > 20);
  CHECK(found > 200);
}

}  // namespace parallax::test
