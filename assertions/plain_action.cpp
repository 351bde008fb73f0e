// SPDX-License-Identifier: Apache-2.0
#include "assertions/plain_action.h"

#include <algorithm>

namespace parallax {

PlainAction find_plain(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                       std::uint32_t action) {
  const Action& fact = ledger.actions[action];
  if (fact.consent == Consent::denied || !fact.sampled || fact.refused ||
      scenario.plan.actions[fact.type].confirmed_by)
    return {};
  PlainAction plain;
  for (const std::uint32_t i : view.emissions_of(action)) {
    const auto side = static_cast<std::size_t>(view.brief(i).source);
    if (!view.facts(i).plain || plain.sent[side] != nullptr) return {};
    plain.sent[side] = &ledger.emissions[i].emission;
    plain.became[side] = &view.facts(i);
  }
  return plain;
}

Arrival arrival_of(const PlainAction& plain) {
  Arrival arrival;
  SimTime first = end_of_time, last = no_time;
  for (std::size_t side = 0; side < plain.sent.size(); ++side) {
    if (plain.sent[side] == nullptr) continue;
    arrival.struck |= plain.sent[side]->struck | plain.became[side]->struck;
    const SimTime time = plain.sent[side]->client_ts;
    if (time == no_time) continue;
    first = std::min(first, time);
    last = std::max(last, time);
  }
  const Emission* const server = plain.by(Source::server);
  if (server != nullptr && server->server_ts != no_time) first = last = server->server_ts;
  if (last != no_time) arrival.event_first = first;
  arrival.event_last = last;
  arrival.expectation = Expectation::must;
  arrival.reached = true;
  arrival.client_must = arrival.client_may = plain.by(Source::client) != nullptr;
  arrival.server_must = arrival.server_may = server != nullptr;
  arrival.client_copies = arrival.client_copies_max = arrival.client_deliveries_max =
      arrival.client_must ? 1 : 0;
  arrival.server_copies = arrival.server_copies_max = arrival.server_deliveries_max =
      arrival.server_must ? 1 : 0;
  return arrival;
}

}  // namespace parallax
