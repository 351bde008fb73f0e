// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/run/command_parts.h"
#include "sim/run/explain_run.h"
#include "sim/run/explain_text.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

/// The event that is asked for, or the one that is meant.
std::optional<std::string> event_of(const Scenario& scenario, const std::string& asked) {
  if (asked.empty()) {
    const auto event = explained_event(scenario);
    if (!event) complain(exit_usage, "no event of this scenario is recorded by both sides");
    return event;
  }
  const auto index = scenario.plan.action_index(asked);
  if (!index) {
    std::vector<std::string_view> known;
    for (const ActionPlan& action : scenario.plan.actions) known.push_back(action.name);
    const std::string nearest = nearest_name(asked, known);
    complain(exit_usage, fmt::format("--of {}: no such action in the tracking plan{}", asked,
                                     nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    return std::nullopt;
  }
  const ActionPlan& action = scenario.plan.actions[*index];
  if (action.client && action.server) return asked;
  complain(exit_usage, fmt::format("--of {}: only the {} records it", asked,
                                   action.client ? "client" : "server"));
  return std::nullopt;
}

}  // namespace

int command_explain(const ExplainCommand& command) {
  const fs::path folder = command.folder;
  if (!fs::exists(folder / "run.json"))
    return complain(exit_usage, folder.string() + ": is no run folder: it has no run.json");
  const std::optional<Scenario> scenario = load_or_explain((folder / "scenario.json").string(), {});
  if (!scenario) return exit_usage;
  const auto event = event_of(*scenario, command.of);
  if (!event) return exit_usage;
  RunCommand with_target;
  if (fs::exists(folder / "target.json")) with_target.target = (folder / "target.json").string();
  const auto target = choose_target(with_target, *scenario, folder.string());
  if (!target) return exit_usage;
  const auto explanation = explain_run(*scenario, *target, folder, *event);
  if (!explanation) return complain(exit_for(explanation.error()), explanation.error().text());
  if (command.json) {
    std::cout << explain_text::json(*explanation).dump(2) << '\n';
  } else {
    const TerminalStyle style = style_of({});
    fmt::print("{}\n\n", report_text::one_line(fmt::format("{}, seed {}: {}", scenario->name,
                                                           scenario->seed, scenario->about)));
    std::cout << explain_text::terminal(*explanation, style.colour, style.width);
  }
  return explanation->finding == explain::Finding::too_few ? exit_unknown : exit_pass;
}

}  // namespace parallax
