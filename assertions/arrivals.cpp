// SPDX-License-Identifier: Apache-2.0
#include "assertions/arrivals.h"

#include <algorithm>

namespace parallax {
namespace {

/// What the emissions that may make a row came to, taken together.
struct Standing {
  bool accepted = false;
  bool unknown = false;
  bool refused = false;    ///< Some ended in nothing but the target's own refusal.
  bool neglected = false;  ///< Some have no excuse for not being acknowledged.
  bool by_fault = false;
  bool destroyed = false;      ///< By a fault, before any SDK had it.
  bool abandoned = false;      ///< The SDK gave up what a fault struck on the wire.
  bool held_back = false;      ///< The side withheld it, though the action allows it.
  bool other_project = false;  ///< It was sent into another project.
  bool set_aside = false;      ///< It breaks the contract.
  bool any = false;
};

void add(const EmissionRecord& record, const EmissionFacts& facts, Standing& standing) {
  standing.any = true;
  if (record.emission.withheld != Withheld::no) standing.held_back = true;
  if (record.emission.other_project) standing.other_project = true;
  if (facts.set_aside) standing.set_aside = true;
  if (facts.accepted > 0) standing.accepted = true;
  if (facts.unknown > 0) standing.unknown = true;
  if (record.fate == Fate::destroyed) standing.destroyed = true;
  if (record.fate == Fate::destroyed || facts.by_fault > 0) standing.by_fault = true;
  if (facts.abandoned) standing.abandoned = true;
  if (record.fate != Fate::queued || facts.accepted > 0 || facts.by_fault > 0) return;
  if (facts.refused > 0) {
    standing.refused = true;
  } else if (facts.attempted() || !facts.abandoned) {
    standing.neglected = true;
  }
}

void conclude(const Standing& standing, Arrival& arrival) {
  if (standing.accepted) {
    arrival.expectation = Expectation::must;
    return;
  }
  if (standing.refused) {
    arrival.expectation = Expectation::must;
    arrival.without_row = Cause::refused_by_target;
    return;
  }
  arrival.expectation = standing.unknown ? Expectation::may : Expectation::unreachable;
  if (standing.neglected || !standing.any) {
    arrival.without_row = Cause::never_acknowledged;
  } else if (standing.unknown) {
    arrival.without_row = standing.set_aside ? Cause::set_aside : Cause::outcome_unknown;
  } else {
    const bool gave_up = standing.abandoned && !standing.destroyed;
    const bool fault = standing.by_fault && !gave_up;
    arrival.without_row = standing.other_project ? Cause::other_project
                          : standing.held_back   ? Cause::held_back
                          : fault                ? Cause::destroyed_by_fault
                                                 : Cause::abandoned_by_sdk;
  }
}

void count_copies(Source source, const EmissionFacts& facts, Arrival& arrival) {
  const bool is_client = source == Source::client;
  const bool sure = facts.accepted > 0;
  const bool maybe = facts.deliveries_max() > 0;
  (is_client ? arrival.client_must : arrival.server_must) |= sure;
  (is_client ? arrival.client_may : arrival.server_may) |= maybe;
  (is_client ? arrival.client_copies : arrival.server_copies) += sure ? 1 : 0;
  (is_client ? arrival.client_copies_max : arrival.server_copies_max) += maybe ? 1 : 0;
  (is_client ? arrival.client_deliveries_max : arrival.server_deliveries_max) +=
      facts.deliveries_max();
}

bool is_forbidden(const Action& action) {
  return action.consent == Consent::denied || !action.sampled || action.refused;
}

/// Earliest and latest of some times.
struct Span {
  SimTime first = end_of_time, last = no_time;
  void add(SimTime time) {
    first = std::min(first, time);
    last = std::max(last, time);
  }
};

/// `allowed_event_times`, of which only the ends are kept.
class EventTimes {
 public:
  void add(const Emission& emission, const EmissionFacts& facts) {
    if (!facts.reached) return;
    if (emission.source == Source::server && emission.server_ts != no_time) {
      all_.add(emission.server_ts);
      server_.add(emission.server_ts);
      server_is_sure_ = server_is_sure_ || facts.accepted > 0;
    }
    if (emission.client_ts != no_time) all_.add(emission.client_ts);
  }
  void take(Arrival& arrival) const {
    const Span& span = server_is_sure_ ? server_ : all_;
    arrival.event_last = span.last;
    arrival.event_first = span.last == no_time ? no_time : span.first;
  }

 private:
  Span server_, all_;
  bool server_is_sure_ = false;
};

}  // namespace

Arrival arrival_of(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                   std::uint32_t index) {
  const Action& action = ledger.actions[index];
  const std::optional<Source> confirmed_by = scenario.plan.actions[action.type].confirmed_by;
  Arrival arrival;
  Standing standing;
  EventTimes times;
  for (const std::uint32_t i : view.emissions_of(index)) {
    const EmissionRecord& record = ledger.emissions[i];
    const EmissionFacts& facts = view.facts(i);
    arrival.struck |= record.emission.struck | facts.struck;
    arrival.reached |= facts.reached;
    count_copies(record.emission.source, facts, arrival);
    const bool makes_row = !confirmed_by || record.emission.source == *confirmed_by;
    if (makes_row) add(record, facts, standing);
    times.add(record.emission, facts);
  }
  arrival.other_project = standing.other_project;
  arrival.set_aside = standing.set_aside;
  if (is_forbidden(action)) {
    arrival.expectation = Expectation::must_not;
  } else {
    arrival.held_back = standing.held_back;
    conclude(standing, arrival);
  }
  times.take(arrival);
  return arrival;
}

void allowed_event_times(const Ledger& ledger, const LedgerView& view, std::uint32_t action,
                         std::vector<SimTime>& times) {
  times.clear();
  bool server_is_sure = false;
  for (const std::uint32_t i : view.emissions_of(action)) {
    const Emission& emission = ledger.emissions[i].emission;
    const EmissionFacts& facts = view.facts(i);
    if (!facts.reached || emission.source != Source::server || emission.server_ts == no_time)
      continue;
    times.push_back(emission.server_ts);
    if (facts.accepted > 0) server_is_sure = true;
  }
  if (server_is_sure) return;
  for (const std::uint32_t i : view.emissions_of(action)) {
    const Emission& emission = ledger.emissions[i].emission;
    if (view.facts(i).reached && emission.client_ts != no_time) times.push_back(emission.client_ts);
  }
}

std::vector<Arrival> arrivals(const Scenario& scenario, const Ledger& ledger) {
  const LedgerView view(scenario, ledger);
  std::vector<Arrival> all;
  for (std::uint32_t i = 0; i < ledger.actions.size(); ++i)
    all.push_back(arrival_of(scenario, ledger, view, i));
  return all;
}

}  // namespace parallax
