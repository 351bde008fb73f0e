// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "assertions/judgement.h"
#include "assertions/ledger_view.h"

namespace parallax {

/// The same of one action. `index`: into Ledger::actions.
Arrival arrival_of(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                   std::uint32_t index);

/// The event times that the one row of an action may have by the contract: a surely arrived server
/// emission's clock; else the client's, or either while the server's arrival is open. Appends to
/// `times`, which is cleared first; empty where nothing reached the target or no clock was sent.
void allowed_event_times(const Ledger& ledger, const LedgerView& view, std::uint32_t action,
                         std::vector<SimTime>& times);

}  // namespace parallax
