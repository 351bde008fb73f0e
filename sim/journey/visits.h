// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/scenario/scenario.h"

namespace parallax {

/// Mean visits a session (a process), by state: what the weights of a journey come to, as a Markov
/// chain that is cut after `steps_max` states. Exact up to rounding; takes steps_max x branches
/// steps, or fewer where everybody has left.
std::vector<double> expected_visits(const JourneyPlan& journey);

/// How often each action of the plan is tried, by action type: in a whole session that is drawn
/// among the journeys that follow nothing. What processes do is in it too, as if no run ended.
/// Refused attempts count; what only follows a success comes as rarely as that.
std::vector<double> actions_per_session(const Scenario& scenario);

/// Mean number of sessions that start in the run: the curve's weights of the hours it lasts.
double expected_sessions(const Scenario& scenario);

}  // namespace parallax
