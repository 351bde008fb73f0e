// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/journey/lane_journey.h"
#include "sim/scenario/load.h"

/// Scenarios played by the journeys alone, without SDKs, faults and targets.
namespace parallax::test {

/// Fails the test on any error.
Scenario load(std::string_view text,
              const std::vector<std::pair<std::string, std::string>>& set = {});
/// A step with its action as it was then.
struct Played {
  Step::Kind kind;
  SimTime at;
  Action action;
};
std::vector<Played> play(const Scenario& scenario, std::uint64_t seed, LaneIndex lane);
/// Of all lanes, each lane in the order of time.
std::vector<Action> all_actions(const Scenario& scenario, std::uint64_t seed);

}  // namespace parallax::test
