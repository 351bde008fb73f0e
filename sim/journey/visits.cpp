// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/visits.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace parallax {
namespace {

/// The run in equal parts: how many begin, or happen, in each.
constexpr std::size_t parts = 512;
using Timeline = std::array<double, parts>;

/// Fewer than this many sessions are nobody.
constexpr double nobody = 1e-9;

double sum_of(const Timeline& line) { return std::accumulate(line.begin(), line.end(), 0.0); }

Timeline times(const Timeline& line, double factor) {
  Timeline out{};
  for (std::size_t i = 0; i < parts; ++i) out[i] = line[i] * factor;
  return out;
}

/// Adds `line`, later by `shift` parts and times `factor`; what comes behind the end is cut. A
/// shift between two parts goes to both, so that the mean stays.
void add_later(Timeline& out, const Timeline& line, double shift, double factor) {
  if (shift >= parts) return;
  const auto whole = static_cast<std::size_t>(shift);
  const double rest = shift - static_cast<double>(whole);
  for (std::size_t i = 0; i + whole < parts; ++i) {
    out[i + whole] += line[i] * factor * (1 - rest);
    if (i + whole + 1 < parts) out[i + whole + 1] += line[i] * factor * rest;
  }
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
      : scenario_(scenario), counts_(scenario.actions.size()) {}

  /// Sessions are short against a part: all of one happens when it begins.
  void play_sessions(const JourneyPlan& plan, double sessions) {
    Timeline begin;
    begin.fill(sessions / parts);
    const std::vector<double> visits = expected_visits(plan);
    for (std::size_t i = 0; i < plan.states.size(); ++i)
      if (plan.states[i].does) try_action(*plan.states[i].does, times(begin, visits[i]));
  }
  std::vector<double> take() { return std::move(counts_); }

 private:
  void play_process(const JourneyPlan& plan, const Timeline& begin) {
    const std::size_t states = plan.states.size();
    std::vector<Timeline> here(states), visits(states);
    here[plan.start] = begin;
    for (std::uint32_t step = 0; step < plan.steps_max; ++step) {
      std::vector<Timeline> next(states);
      double under_way = 0;
      for (std::size_t i = 0; i < states; ++i) {
        under_way += sum_of(here[i]);
        add_later(visits[i], here[i], 0, 1);
        leave_state(plan.states[i], here[i], next);
      }
      if (under_way < nobody) break;
      here.swap(next);
    }
    for (std::size_t i = 0; i < states; ++i)
      if (plan.states[i].does) try_action(*plan.states[i].does, visits[i]);
  }
  void leave_state(const StatePlan& state, const Timeline& here, std::vector<Timeline>& next) {
    const double pause = static_cast<double>(state.wait.value_or(state.think)) * parts /
                         static_cast<double>(scenario_.time.length);
    const double whole = weight_of(state.next);
    for (const Weighted& branch : state.next)
      if (branch.index != StatePlan::leaves)
        add_later(next[branch.index], here, pause, branch.weight / whole);
  }

  void try_action(std::uint16_t type, const Timeline& tried) {
    const ActionChoice& choice = scenario_.actions[type];
    const Timeline granted = times(tried, choice.succeeds.value());
    // The backend's no to an attempt is a matter of its result; the attempt itself happened.
    happen(type, tried, choice.result ? tried : granted);
    if (choice.result) happen(*choice.result, tried, granted);
  }
  void happen(std::uint16_t type, const Timeline& tried, const Timeline& granted) {
    counts_[type] += sum_of(tried);
    for (const JourneyPlan& plan : scenario_.journeys)
      if (plan.follows == type) play_process(plan, granted);
  }

  const Scenario& scenario_;
  std::vector<double> counts_;
};

}  // namespace

std::vector<double> expected_visits(const JourneyPlan& journey) {
  const std::size_t states = journey.states.size();
  std::vector<double> visits(states), here(states), next(states);
  here[journey.start] = 1;
  double under_way = 1;
  for (std::uint32_t step = 0; step < journey.steps_max && under_way > nobody; ++step) {
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

double expected_sessions(const Scenario& scenario) {
  const SessionPlan& sessions = scenario.population.sessions;
  const SimTime end = scenario.time.start + scenario.time.length;
  double hours = 0;
  for (SimTime at = scenario.time.start; at < end;) {
    const SimTime next = std::min(at.floor(hour) + hour, end);
    const int slot = weekday(at) * 24 + hour_of_day(at);
    hours += static_cast<double>(next - at) / static_cast<double>(hour) *
             curve_weights(sessions.curve)[static_cast<std::size_t>(slot)] / 1e3;
    at = next;
  }
  return hours / 24 * static_cast<double>(sessions.per_user_day_millionths) / 1e6 *
         scenario.population.users;
}

std::vector<double> expected_actions(const Scenario& scenario) {
  double whole = 0;
  for (const JourneyPlan& journey : scenario.journeys)
    whole += journey.follows ? 0 : journey.weight;
  const double sessions = expected_sessions(scenario);
  Counter counter(scenario);
  for (const JourneyPlan& journey : scenario.journeys)
    if (!journey.follows) counter.play_sessions(journey, sessions * journey.weight / whole);
  return counter.take();
}

}  // namespace parallax
