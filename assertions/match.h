// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "assertions/ledger_view.h"
#include "sim/core/canonical_row.h"

namespace parallax {

constexpr std::uint32_t no_action = 0xffff'ffff;  ///< Owner of a phantom.
constexpr std::uint32_t other_run = 0xffff'fffe;  ///< Owner of a foreign row.

/// Which action each row stands for.
struct Match {
  std::vector<std::uint32_t> owner;  ///< By row: action index, `no_action` or `other_run`.
  std::vector<std::uint32_t> rows;   ///< By action: how many rows it owns.
  std::vector<bool> by_id;           ///< By row: matched by an event id of its owner.
  /// Actions that arrived under an id which they share with an action that owns a row of that id,
  /// and own none of that id themselves. Ascending.
  std::vector<std::uint32_t> sharing;
  std::vector<std::uint32_t> shared_by;  ///< Those that own such rows; any order.
};

/// Ties rows to actions, each row to one at most:
/// 1. by event id, whichever emission carried it. Where actions share an id, the row goes to the
/// one
///    that it resembles most (name, user, session and sequence), then to the one with fewest rows;
/// 2. rows without an identifying id, or with an unknown one: by (session, sequence, event name,
///    user), then without the user;
/// 3. by (user, event name) and an event time within 1 s of one that an emission carries, to the
///    nearest action without a row.
/// A row whose run is stated and is not `run` is foreign. Sorts keys of 24 bytes, never records.
Match match_rows(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                 const RowSet& rows, std::string_view run_id);

}  // namespace parallax
