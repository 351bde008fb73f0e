// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/core/time.h"

/// How vendors correct the device's clock: from what the device said was "now" when it sent, and
/// the collector's own now. `no_time` for `sent` means the device did not say: nothing is
/// corrected.
namespace parallax {

/// PostHog's capture service: only what a clock is off by more than 150 s is corrected, so that the
/// network's delay moves nothing; a result more than 23 h in the future is now.
SimTime posthog_time(SimTime stated, SimTime sent, SimTime now);
/// Segment, RudderStack, Snowplow: now - (sent - stated). Moves every event by the network's delay.
SimTime shifted_time(SimTime stated, SimTime sent, SimTime now);

}  // namespace parallax
