// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "assertions/judgement.h"
#include "assertions/ledger_view.h"
#include "assertions/match.h"

namespace parallax {

/// Why several rows stand for one action. The most specific cause wins, in this order:
/// 1. rows of different ids: double_fire_new_id where one side sent both, else id_regenerated;
/// 2. id_missing: an emission that reached the target carried no id;
/// 3. payload_changed, window_expired: where the run as a whole shows it (see `study`);
/// 4. on the side that has several rows: payload_changed (its copies differ), double_fire (it has
///    copies), retransmit (it was sent again);
/// 5. not_merged: a row for each side;  6. multiplied: the ledger knows no reason.
class DuplicateCauses {
 public:
  /// All must outlive this. Studies the run: what told duplicated actions from the merged ones?
  /// - Windowed: merged actions with several arrivals of an id exist, and at least 90 % of the
  ///   duplicated ones arrived further apart than every one of those.
  /// - Payload-keyed: merged ones exist, none of them has copies that differ, and at least 90 % of
  ///   the duplicated ones have.
  DuplicateCauses(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                  const RowSet& rows, const Match& match, const Judgement& judgement);

  Cause cause_of(const JudgedAction& action) const;

 private:
  /// What arrived under the commonest way of being merged: one id.
  struct Copies {
    Micros gap = 0;        ///< From the first arrival to the last.
    bool several = false;  ///< More than one arrival.
    bool sure = true;      ///< All of them acknowledged.
    bool one_id = true;    ///< All carry one identifying id.
    bool differ = false;   ///< In a business field.
  };
  Copies copies_of(std::uint32_t action) const;
  bool same_payload(const Emission& a, const Emission& b) const;
  void study(const Judgement& judgement);
  std::span<const std::uint32_t> rows_of(const JudgedAction& action) const;
  Cause by_ids(const JudgedAction& action) const;
  Cause by_side(const JudgedAction& action) const;
  Cause repeated(std::uint32_t action, Source side) const;

  const Scenario& scenario_;
  const Ledger& ledger_;
  const LedgerView& view_;
  const RowSet& rows_;
  const Match& match_;
  const Judgement& judgement_;
  Micros longest_merged_ = 0;
  bool windowed_ = false;
  bool payload_keyed_ = false;
};

}  // namespace parallax
