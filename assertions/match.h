// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "assertions/ledger_view.h"
#include "sim/core/canonical_row.h"

namespace parallax {

constexpr std::uint32_t no_action = 0xffff'ffff;  ///< Owner of a row that none is found for.

/// What the search beyond a part's border found for it (see strays.h).
struct Claims {
  struct Row {
    std::uint32_t row = 0;     ///< Index into the part's rows.
    std::uint32_t action = 0;  ///< Index into the part's actions.
    bool by_id = false;
  };
  std::vector<Row> rows;
  std::vector<std::uint32_t> sharing, shared_by;  ///< As in Match.
};

/// Which action each row of a part stands for.
struct Match {
  std::vector<std::uint32_t> owner;  ///< By row: action index or `no_action`.
  std::vector<std::uint32_t> rows;   ///< By action: how many rows it owns.
  std::vector<bool> by_id;           ///< By row: matched by an event id of its owner.
  /// Actions that arrived under an id which they share with an action that owns a row of that id,
  /// and own none of that id themselves. Ascending.
  std::vector<std::uint32_t> sharing;
  std::vector<std::uint32_t> shared_by;  ///< Those that own such rows; any order.
};

/// Ties rows to actions of their part, each row to one at most:
/// 1. as claimed;
/// 2. by event id, whichever emission carried it. Where actions share an id, the row goes to the
///    one that it resembles most (name, user, session and sequence), then to the one with fewest
///    rows;
/// 3. rows without an identifying id, or with an unknown one: by (session, sequence, event name,
///    user), to the one with fewest rows.
/// What is left may still belong to an action of any part: see strays.h.
Match match_rows(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                 const std::vector<CanonicalRow>& rows, const Claims& claims);

/// How much a row resembles an emission of the action; 0: not at all.
int likeness(const CanonicalRow& row, const Emission& emission, std::uint64_t name);
/// Hash of where a row or an emission stands in a session; without the user where that is 0.
std::uint64_t place_of(std::uint64_t session, std::int64_t sequence, std::uint64_t name,
                       std::uint64_t user);

}  // namespace parallax
