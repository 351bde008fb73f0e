// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "assertions/assertion.h"
#include "assertions/blame.h"
#include "assertions/row_check.h"

namespace parallax {

/// Compares rows with what really happened, and finds what the app itself got wrong: a row differs
/// from the truth, and an emission that reached the target said what the row says. Where none did,
/// it is the target's doing, which RowCheck finds.
///
/// The truth of an action: its name, its schema version, its user, its device, every field that a
/// side sends by the plan, none that no side may send, and the time between the action and the
/// server's record of it. A field whose senders did not arrive is lost coverage, not a wrong row.
class TruthCheck {
 public:
  /// `within`: how far the event time may be off. `scenario` must outlive it.
  TruthCheck(const Scenario& scenario, Micros within)
      : scenario_(scenario), within_(within), names_(scenario.plan), blame_(scenario) {}

  /// `action`: index into the ledger of the block's part.
  RowFindings check(const Evidence& block, std::uint32_t action, const CanonicalRow& row);

 private:
  void check_name(const Action& action, const CanonicalRow& row, RowFindings& found) const;
  void check_fields(const Action& action, const CanonicalRow& row, RowFindings& found) const;
  Cause field_cause(const Action& action, const CanonicalRow& row, std::size_t field) const;
  Cause unplanned_cause(const FieldPlan& field, std::size_t index) const;
  void check_user(const Action& action, const CanonicalRow& row, RowFindings& found) const;
  void check_device(const Action& action, const CanonicalRow& row, RowFindings& found) const;
  void check_time(const Action& action, const CanonicalRow& row, RowFindings& found) const;

  const Scenario& scenario_;
  Micros within_;
  NameHashes names_;
  Blame blame_;
  Witnesses witnesses_;  ///< Of the action looked at; reused.
};

}  // namespace parallax
