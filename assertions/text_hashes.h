// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/tracking_plan.h"

namespace parallax {

/// The hashes under which rows hold what emissions write as texts. Allocation-free.
inline std::uint64_t hash_of_user(const Action& seen) {
  std::array<char, 16> text;
  return hash_text({text.data(), write_user_id(seen.user, text.data())});
}
inline std::uint64_t hash_of_device(const Action& seen) {
  std::array<char, 24> text;
  return hash_text({text.data(), write_device_id(seen.device, text.data())});
}
inline std::uint64_t hash_of_session(const Action& seen) {
  std::array<char, 24> text;
  return hash_text({text.data(), write_session_id(seen.session, text.data())});
}
/// The user as the emission states it; 0 where it states none, as in rows.
inline std::uint64_t hash_of_user(const Emission& emission) {
  if (emission.user_form == UserForm::normal) return hash_of_user(emission.seen);
  if (emission.user_form == UserForm::absent) return 0;
  std::array<char, 24> text;
  return hash_text({text.data(), write_sent_user_id(emission, text.data())});
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
