// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/skew.h"

namespace parallax {
namespace {

constexpr Micros posthog_deadband = 150 * second;
constexpr Micros posthog_future_max = 23 * hour;

}  // namespace

SimTime posthog_time(SimTime stated, SimTime sent, SimTime now) {
  SimTime at = stated;
  if (sent != no_time) {
    const Micros skew = sent - now;
    if (skew > posthog_deadband) at = stated - (skew - posthog_deadband);
    if (skew < -posthog_deadband) at = stated - (skew + posthog_deadband);
  }
  return at - now > posthog_future_max ? now : at;
}

SimTime shifted_time(SimTime stated, SimTime sent, SimTime now) {
  return sent == no_time ? stated : now - (sent - stated);
}

}  // namespace parallax
