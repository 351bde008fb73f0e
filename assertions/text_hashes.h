// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/tracking_plan.h"

namespace parallax {

/// The hashes under which rows hold the names of actions, by action type.
inline std::vector<std::uint64_t> hash_names(const TrackingPlan& plan) {
  std::vector<std::uint64_t> hashes;
  for (const ActionPlan& action : plan.actions) hashes.push_back(hash_text(action.name));
  return hashes;
}

}  // namespace parallax
