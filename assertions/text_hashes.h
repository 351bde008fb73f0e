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
/// By action type.
inline std::vector<std::uint64_t> hash_names(const TrackingPlan& plan) {
  std::vector<std::uint64_t> hashes;
  for (const ActionPlan& action : plan.actions) hashes.push_back(hash_text(action.name));
  return hashes;
}

}  // namespace parallax
