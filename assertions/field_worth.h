// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "assertions/interval.h"
#include "assertions/witness.h"

namespace parallax {

/// What an action or a row adds to the sum of a field: `plan.field` of `plan.of`, which must be a
/// number or money. The series of an amount is its currency's index; 0 where there is none, one
/// behind the last where a row does not say it.
class FieldWorth {
 public:
  /// Both must outlive it.
  FieldWorth(const AssertionPlan& plan, const TrackingPlan& tracking)
      : plan_(plan), tracking_(tracking) {}

  /// What the action's row may hold: the owner's value, or what stands in for it, or nothing.
  std::optional<Amount> of(const Evidence& block, const Action& action);
  /// What a row holds; `owner` is null where no action owns it.
  std::optional<Amount> of(const CanonicalRow& row, const Action* owner) const;
  /// An amount with its unit.
  std::string print(std::size_t series, std::int64_t value) const;
  const FieldPlan& field() const { return tracking_.actions[*plan_.of].fields[*plan_.field]; }

 private:
  bool is_money() const { return field().type == FieldType::money; }

  const AssertionPlan& plan_;
  const TrackingPlan& tracking_;
  Witnesses witnesses_;  ///< Of the action looked at; reused, as the next.
  std::vector<std::int64_t> values_;
};

/// Errors: no field, or one that cannot be summed. `who`: "a sum".
Result<void> check_field_worth(const AssertionPlan& plan, const TrackingPlan& tracking,
                               const std::string& who);

}  // namespace parallax
