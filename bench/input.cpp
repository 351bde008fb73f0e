// SPDX-License-Identifier: Apache-2.0
#include "bench/input.h"

#include <stdexcept>

#include "fault/fault.h"
#include "sim/journey/lane_journey.h"
#include "sim/scenario/load.h"

namespace parallax::bench {

Scenario load(const std::string& file, std::uint32_t users) {
  LoadOptions options;
  options.faults = fault_kinds();
  if (users > 0) options.set.emplace_back("/population/users", std::to_string(users));
  Loaded loaded = load_scenario(std::string(PARALLAX_SOURCE_DIR "/") + file, options);
  for (const Problem& problem : loaded.problems)
    if (!problem.warning) throw std::runtime_error(problem.text());
  return std::move(loaded.scenario);
}

Stagehand::Stagehand(Scenario loaded)
    : scenario(std::move(loaded)),
      world(scenario, scenario.seed),
      instrumentation(scenario, scenario.seed, bench_run) {}

std::vector<Action> actions_of(const Stagehand& hand, std::size_t most) {
  std::vector<Action> actions;
  LaneJourney journey(hand.world, 0);
  Step step;
  while (actions.size() < most && journey.next(step))
    if (step.kind == Step::Kind::action) actions.push_back(*step.action);
  return actions;
}

std::vector<Emission> emissions_of(const Stagehand& hand, const std::vector<Action>& actions) {
  std::vector<Emission> emissions;
  std::array<Emission, 2> made;
  for (const Action& action : actions) {
    const std::size_t count = hand.instrumentation.emit(action, made);
    emissions.insert(emissions.end(), made.begin(), made.begin() + count);
  }
  return emissions;
}

std::vector<const Emission*> pointers_to(const std::vector<Emission>& emissions) {
  std::vector<const Emission*> pointers;
  for (const Emission& emission : emissions) pointers.push_back(&emission);
  return pointers;
}

}  // namespace parallax::bench
