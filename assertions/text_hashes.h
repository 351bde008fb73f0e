// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "sim/core/canonical_row.h"
#include "sim/core/event.h"
#include "sim/core/id.h"
#include "sim/core/tracking_plan.h"

namespace parallax {

/// The user as rows hold it: as the emission states it, 0 where it states none.
inline std::uint64_t stated_user(const Emission& emission) {
  if (emission.user_form == UserForm::normal) return user_key(emission.seen.user);
  if (emission.user_form == UserForm::absent) return 0;
  std::array<char, 24> text;
  return user_key_of({text.data(), write_sent_user_id(emission, text.data())});
}

/// The names of events, the plan's and those that faults give them.
class NameHashes {
 public:
  explicit NameHashes(const TrackingPlan& plan) {
    for (const ActionPlan& action : plan.actions) names_.push_back(hash_text(action.name));
    for (const ActionPlan& action : plan.actions) names_.push_back(hash_text(action.other_name));
  }
  std::uint64_t operator[](std::uint16_t type) const { return names_[type]; }
  std::uint64_t of(const Emission& emission) const {
    return names_[(emission.other_name ? names_.size() / 2 : 0) + emission.seen.type];
  }

 private:
  std::vector<std::uint64_t> names_;
};

}  // namespace parallax
