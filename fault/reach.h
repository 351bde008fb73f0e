// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// Where a fault of a scenario can strike, for people who look at the scenario.
struct FaultReach {
  bool wire = false;
  /// By action type: the sides whose emissions (wire: attempts that such an emission stands for) it
  /// may strike. Index: static_cast<std::size_t>(Source).
  struct Sides {
    bool of[2] = {false, false};
  };
  std::vector<Sides> actions;
};

/// One a fault, in the scenario's order. Found by showing each effect made-up emissions of every
/// action (all reasons to be withheld, many traits and values): what none of them reaches may still
/// be reached by a rare one. Errors: see make_fault and Selector::make.
Result<std::vector<FaultReach>> fault_reach(const Scenario& scenario);

}  // namespace parallax
