// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "assertions/judgement.h"
#include "assertions/ledger_view.h"
#include "assertions/plain_action.h"
#include "assertions/text_hashes.h"
#include "assertions/witness.h"

namespace parallax {

/// What is wrong with a row: a cause each, `none` where nothing is.
struct RowFindings {
  Cause distorted = Cause::none;
  Cause misattributed = Cause::none;
  Cause mistimed = Cause::none;
  std::uint8_t field = 0xff;  ///< First distorted field.
  std::uint16_t fields = 0;   ///< Bit per distorted field.
  bool one_sided = false;     ///< Both sides surely arrived, and the row shows only one of them.

  std::uint16_t bits() const;
  /// Of the first in headline order.
  Cause first() const;
};

/// Compares rows with what was sent of their action, in the columns that `facts` says are filled.
///
/// A row that shows nothing of a side that surely arrived (no clock of it, or the target itself
/// counts none of its rows) came from the wrong side alone, or the other side's event is gone.
///
/// A field is right when a side that arrived sent this value and the contract lets that side speak:
/// its owner; the other side where the owner's emission did not surely arrive or lacks the field.
/// Values are compared as sent: money that was sent in minor units reads a hundredfold, and a
/// pipeline cannot know better. A value is missing only where every possible arrival had one.
class RowCheck {
 public:
  /// All must outlive this.
  RowCheck(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
           const RowFacts& facts)
      : scenario_(scenario), ledger_(ledger), view_(view), names_(scenario.plan), columns_(facts) {}

  /// `alone`: the only row of its action. Where several stand, each may be one side's row, so
  /// only what neither side sent is a finding.
  RowFindings check(std::uint32_t action, const Arrival& arrival, const CanonicalRow& row,
                    bool alone);

  /// Whether the only row of a plain action surely holds what was sent, so that `check` would find
  /// nothing: nearly every row. False says nothing. `type`: of the action.
  bool agrees(const PlainAction& plain, const Arrival& arrival, const CanonicalRow& row,
              std::uint16_t type) const;

 private:
  bool fields_agree(const PlainAction& plain, const CanonicalRow& row) const;
  bool currency_agrees(const Emission& sent, const CanonicalRow& row) const;
  bool identity_agrees(const Emission& sent, const CanonicalRow& row) const;
  bool sides_agree(const PlainAction& plain, const CanonicalRow& row) const;
  bool times_agree(const PlainAction& plain, const Arrival& arrival, const CanonicalRow& row) const;
  void check_identity(const CanonicalRow& row, RowFindings& found) const;
  void check_times(std::uint32_t action, const Arrival& arrival, const CanonicalRow& row,
                   bool alone, RowFindings& found);
  bool owner_says(const CanonicalRow& row, const ActionPlan& plan, std::size_t field) const;
  Cause clock_column(SimTime stated, SimTime Emission::*clock);
  bool has_hole(const CanonicalRow& row) const;
  void check_id(const CanonicalRow& row, RowFindings& found) const;
  void check_currency(const CanonicalRow& row, const ActionPlan& plan, RowFindings& found) const;
  bool is_spelling(const CanonicalRow& row, bool user, bool session, bool device) const;
  Cause how_blurred(const CanonicalRow& row, std::size_t field) const;
  Cause how_changed(const Emission& emission, const ActionPlan& plan, std::size_t field,
                    std::int64_t stated) const;
  bool shows(const CanonicalRow& row, Source side) const;
  void check_side(const CanonicalRow& row, const ActionPlan& plan, RowFindings& found) const;
  bool is_flag_right(bool server_authoritative, const ActionPlan& plan) const;
  void check_envelope(const CanonicalRow& row, RowFindings& found) const;
  Cause check_field(const CanonicalRow& row, const ActionPlan& plan, std::size_t field,
                    bool alone) const;

  const Scenario& scenario_;
  const Ledger& ledger_;
  const LedgerView& view_;
  NameHashes names_;
  const RowFacts& columns_;
  Witnesses witnesses_;  ///< Of the action looked at; reused.
  std::vector<SimTime> times_;
};

}  // namespace parallax
