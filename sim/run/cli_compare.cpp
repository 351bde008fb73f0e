// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "sim/run/cli_parts.h"

namespace parallax {
namespace {

struct CompareLine {
  CompareCommand command;
  std::vector<std::string> set;
  std::uint64_t seed = 0;
};

}  // namespace

void add_policy(CLI::App& command, std::string& policy) {
  command
      .add_option("--policy", policy,
                  "The embedded pipeline dedupes as this vendor does (see parallax policies)")
      ->type_name("VENDOR");
}

void add_compare(CLI::App& app, std::function<int()>& action) {
  const auto line = std::make_shared<CompareLine>();
  CLI::App* compare = app.add_subcommand(
      "compare", "Play a scenario under several vendors' dedupe: verdicts side by side");
  CompareCommand& command = line->command;
  compare->add_option("scenario", command.scenario, "Scenario file")->required();
  compare
      ->add_option("--policies", command.policies,
                   "Names between commas, or all (see parallax policies); the reference is always "
                   "there")
      ->required()
      ->type_name("VENDOR,...");
  const CLI::Option* seed =
      compare->add_option("--seed", line->seed, "Instead of the scenario's seed");
  compare->add_option("--set", line->set, "Override: /json/pointer=value (repeatable)");
  compare->add_option(
      "--out", command.out,
      "Folder with a run folder for each policy (default parallax-runs/compare-NAME-SEED)");
  compare->add_flag("--json", command.json, "As JSON");
  compare->add_flag("--quiet,-q", command.quiet, "Only the last line");
  compare->footer(
      "Example:\n  parallax compare scenarios/fault/late-copies.json "
      "--policies posthog,segment,rudderstack\n"
      "Exit code: that of `run`, the worst of all policies");
  compare->callback([&action, line, seed] {
    line->command.set = split_sets(line->set);
    if (seed->count() > 0) line->command.seed = line->seed;
    action = [line] { return command_compare(line->command); };
  });
  app.add_subcommand("policies", "List the vendors whose dedupe the reference pipeline can play")
      ->footer("Example:\n  parallax policies")
      ->callback([&action] { action = command_policies; });
}

}  // namespace parallax
