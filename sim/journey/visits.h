// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/scenario/scenario.h"

/// What the numbers of a scenario come to on average, without playing it: for people who look at
/// it, and for tests that hold what is played against it.
namespace parallax {

/// Mean visits a session (a process), by state: the weights as a Markov chain that is cut after
/// `steps_max` states. Exact up to rounding; takes steps_max x branches steps, or fewer where
/// everybody has left.
std::vector<double> expected_visits(const JourneyPlan& journey);

/// Mean number of sessions that start in the run: the curve's weights of the hours it lasts.
double expected_sessions(const Scenario& scenario);

/// Mean number of actions in the run, by action type, refused ones included. Sessions are exact but
/// for those that the run's end cuts. What processes do by then is close: sessions are taken to
/// start evenly over the run, and each pause to last its mean.
std::vector<double> expected_actions(const Scenario& scenario);

}  // namespace parallax
