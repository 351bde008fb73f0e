// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "assertions/ledger_view.h"

namespace parallax {

/// An emission that may have made the row of its action. Borrows the ledger's.
struct Witness {
  const Emission* emission;
  bool sure;  ///< Acknowledged.
};

/// The emissions of an action that got as far as the target, as written.
class Witnesses {
 public:
  /// Replaces what was there; keeps the buffer.
  void summon(const Ledger& ledger, const LedgerView& view, std::uint32_t action);

  /// One of this side was acknowledged.
  bool surely(Source side) const { return sure_[static_cast<std::size_t>(side)]; }
  /// One of this side got as far as the target.
  bool perhaps(Source side) const { return there_[static_cast<std::size_t>(side)]; }
  bool empty() const { return all_.empty(); }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::vector<Witness> all_;
  std::array<bool, 2> sure_{}, there_{};  ///< By side.
};

/// Who may speak for a field by the contract: its owner; the other side where the owner's emission
/// did not surely arrive or lacks the field.
struct Testimony {
  bool owner_silent = false, other_silent = false;    ///< No surely arrived emission.
  bool owner_has_gap = false, other_has_gap = false;  ///< An emission lacks the field.

  Testimony(const Witnesses& witnesses, Source owner, std::size_t field);
  bool other_may_speak() const { return owner_silent || owner_has_gap; }
  bool may_be_missing() const {
    return (owner_silent && other_has_gap) || (owner_has_gap && (other_silent || other_has_gap));
  }
};

/// Whether an emission states a value for the field, under the field's name.
bool states_value(const Emission& emission, std::size_t field);
/// The value as a row holds it, as it was sent. Precondition: states_value.
std::int64_t sent_value(const TrackingPlan& plan, const Emission& emission, std::size_t field);

/// Appends each value of the field that the action's row may hold by the contract, perhaps several
/// times. True where it may also hold none.
bool add_allowed_values(const TrackingPlan& plan, const Witnesses& witnesses,
                        const FieldPlan& field_plan, std::size_t field,
                        std::vector<std::int64_t>& values);

}  // namespace parallax
