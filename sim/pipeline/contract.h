// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "sim/core/tracking_plan.h"
#include "sim/wire/shared_decode.h"

namespace parallax::pipeline {

/// Decides whether an event may enter raw_events. Without a tracking plan only the envelope is
/// looked at: the names, ids and times that the models need. With one, the business fields of known
/// events too; events the plan does not name pass, because a release may be ahead of its plan.
/// Immutable: one for all threads.
class ContractCheck {
 public:
  explicit ContractCheck(std::optional<TrackingPlan> plan);

  /// Why the event goes to the dead letters ("missing field: revenue", "wrong type: revenue is a
  /// string, not a number"); empty when it keeps the contract.
  std::string fault_of(const SharedEvent& event) const;

 private:
  std::string fault_in_fields(const SharedEvent& event, const ActionPlan& action) const;
  std::optional<TrackingPlan> plan_;
};

}  // namespace parallax::pipeline
