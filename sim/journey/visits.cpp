// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/visits.h"

#include <algorithm>
#include <utility>

#include "sim/core/ratio.h"

namespace parallax {
namespace {

double share_of(Ratio ratio) {
  return static_cast<double>(ratio.parts) / static_cast<double>(Ratio::one);
}

double weight_of(const std::vector<Weighted>& branches) {
  double sum = 0;
  for (const Weighted& branch : branches) sum += branch.weight;
  return sum;
}

/// Adds up actions and, recursively, what the server does after them.
class Counter {
 public:
  explicit Counter(const Scenario& scenario)
      : scenario_(scenario), counts_(scenario.actions.size()) {
    for (const JourneyPlan& journey : scenario.journeys)
      visits_.push_back(expected_visits(journey));
  }

  void play(std::size_t journey, double times) {
    const JourneyPlan& plan = scenario_.journeys[journey];
    for (std::size_t i = 0; i < plan.states.size(); ++i)
      if (plan.states[i].does) try_action(*plan.states[i].does, times * visits_[journey][i]);
  }
  std::vector<double> take() { return std::move(counts_); }

 private:
  void try_action(std::uint16_t type, double times) {
    const ActionChoice& choice = scenario_.actions[type];
    const double granted = times * share_of(choice.succeeds);
    // The backend's no to an attempt is a matter of its result; the attempt itself happened.
    happen(type, times, choice.result ? times : granted);
    if (choice.result) happen(*choice.result, times, granted);
  }
  void happen(std::uint16_t type, double times, double granted) {
    counts_[type] += times;
    for (std::size_t i = 0; i < scenario_.journeys.size(); ++i)
      if (scenario_.journeys[i].follows == type) play(i, granted);
  }

  const Scenario& scenario_;
  std::vector<std::vector<double>> visits_;
  std::vector<double> counts_;
};

}  // namespace

std::vector<double> expected_visits(const JourneyPlan& journey) {
  const std::size_t states = journey.states.size();
  std::vector<double> visits(states);
  std::vector<double> here(states), next(states);
  here[journey.start] = 1;
  double under_way = 1;
  for (std::uint32_t step = 0; step < journey.steps_max && under_way > 1e-12; ++step) {
    next.assign(states, 0);
    under_way = 0;
    for (std::size_t i = 0; i < states; ++i) {
      visits[i] += here[i];
      const double whole = weight_of(journey.states[i].next);
      for (const Weighted& branch : journey.states[i].next) {
        if (branch.index == StatePlan::leaves) continue;
        const double moving = here[i] * branch.weight / whole;
        next[branch.index] += moving;
        under_way += moving;
      }
    }
    here.swap(next);
  }
  return visits;
}

std::vector<double> actions_per_session(const Scenario& scenario) {
  double whole = 0;
  for (const JourneyPlan& journey : scenario.journeys)
    if (!journey.follows) whole += journey.weight;
  Counter counter(scenario);
  for (std::size_t i = 0; i < scenario.journeys.size(); ++i)
    if (!scenario.journeys[i].follows) counter.play(i, scenario.journeys[i].weight / whole);
  return counter.take();
}

double expected_sessions(const Scenario& scenario) {
  const SessionPlan& sessions = scenario.population.sessions;
  const SimTime end = scenario.time.start + scenario.time.length;
  double hours = 0;
  for (SimTime at = scenario.time.start; at < end;) {
    const SimTime next = std::min(at.floor(hour) + hour, end);
    const auto slot = static_cast<std::size_t>(weekday(at) * 24 + hour_of_day(at));
    hours += static_cast<double>(next - at) / static_cast<double>(hour) *
             curve_weights(sessions.curve)[slot] / 1e3;
    at = next;
  }
  return hours / 24 * static_cast<double>(sessions.per_user_day_millionths) / 1e6 *
         scenario.population.users;
}

}  // namespace parallax
