// SPDX-License-Identifier: Apache-2.0
#include "tests/journey/played.h"

#include "tests/support/catch.h"

namespace parallax::test {

Scenario load(std::string_view text, const std::vector<std::pair<std::string, std::string>>& set) {
  LoadOptions options;
  options.set = set;
  const Loaded loaded = load_scenario_text(text, "played.json", options);
  for (const Problem& problem : loaded.problems)
    if (!problem.warning) FAIL(problem.text());
  return loaded.scenario;
}

std::vector<Played> play(const Scenario& scenario, std::uint64_t seed, LaneIndex lane) {
  const World world(scenario, seed);
  LaneJourney journey(world, lane);
  std::vector<Played> steps;
  for (Step step; journey.next(step);) steps.push_back({step.kind, step.at, *step.action});
  return steps;
}

std::vector<Action> all_actions(const Scenario& scenario, std::uint64_t seed) {
  std::vector<Action> actions;
  const World world(scenario, seed);
  for (LaneIndex lane = 0; lane < lane_count; ++lane) {
    LaneJourney journey(world, lane);
    for (Step step; journey.next(step);)
      if (step.kind == Step::Kind::action) actions.push_back(*step.action);
  }
  return actions;
}

}  // namespace parallax::test
