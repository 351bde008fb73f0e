// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "assertions/judgement.h"
#include "assertions/ledger_view.h"
#include "assertions/match.h"

namespace parallax {

/// Tells why actions that must have a row have none. Takes those whose headline is `lost` with no
/// cause yet and makes them
/// - collapsed, id_reused: an action that carries the same id has a row of it;
/// - collapsed, null_id: all that arrived of it lacks an id, and a single id-less row stands in
///   the run (or a single one of its form: null, "", zero UUID);
/// - collapsed, same_payload: an action of the same user, event name and field values within one
///   second has a row;
/// - else lost: last_batch where exactly the last acknowledged events are missing, of the run or of
///   each lane and side; otherwise after_acknowledgement.
/// A row that absorbed others under one id, or without one, mixes their values: what it says is not
/// held against its owner. A row that shows one side only, of an action with such an equal twin, is
/// collapsed, same_payload as well: its other side was absorbed. `one_sided`: by action.
void explain_absences(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                      const RowSet& rows, const Match& match, const std::vector<bool>& one_sided,
                      Judgement& judgement);

}  // namespace parallax
