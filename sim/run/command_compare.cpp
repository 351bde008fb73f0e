// SPDX-License-Identifier: Apache-2.0
// What one scenario would look like at each vendor: the same events, deduplicated by each policy.
#include <fmt/format.h>

#include <algorithm>

#include "sim/run/command_parts.h"
#include "sim/run/compare_text.h"
#include "sim/run/interrupt.h"
#include "sim/run/report_text.h"
#include "sim/run/runner.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t width = 100;

/// The reference, then what was asked for, each once; complains about a name that is none.
std::optional<std::vector<PolicyKind>> chosen_policies(const std::string& names) {
  if (names == "all") return policy_kinds();
  std::vector<PolicyKind> chosen{policy_kinds().front()};
  for (const std::string& name : report_text::split(names, ",")) {
    const Result<PolicyKind> found = find_policy(report_text::trimmed(name));
    if (!found) {
      complain(exit_usage, "--policies: " + found.error().text());
      return std::nullopt;
    }
    const bool known = std::any_of(chosen.begin(), chosen.end(), [&](const PolicyKind& each) {
      return each.name == found->name;
    });
    if (!known) chosen.push_back(*found);
  }
  return chosen;
}

Result<RunReport> play(const RunCommand& run, const Scenario& scenario, const TargetPlan& target,
                       Progress& progress, const std::atomic<int>& interrupts) {
  RunOptions options;
  options.folder = run.out;
  options.rerun = rerun_command("run", run, run.scenarios.front(), scenario.seed);
  options.progress = &progress;
  options.interrupted = &interrupts;
  Result<RunReport> report = run_scenario(scenario, target, options);
  progress.finish();
  return report;
}

}  // namespace

int command_policies() {
  fmt::print("{}", policies_text(policy_kinds(), width));
  return exit_pass;
}

int command_compare(const CompareCommand& command) {
  const auto policies = chosen_policies(command.policies);
  if (!policies) return exit_usage;
  std::vector<std::pair<std::string, std::string>> set = command.set;
  if (command.seed) set.emplace_back("/seed", std::to_string(*command.seed));
  const std::optional<Scenario> scenario = load_or_explain(command.scenario, set);
  if (!scenario) return exit_usage;
  const fs::path out = !command.out.empty()
                           ? fs::path(command.out)
                           : fs::path("parallax-runs") /
                                 fmt::format("compare-{}-{}", scenario->name, scenario->seed);
  Progress progress(Progress::kind_for_stderr(command.quiet || command.json));
  const std::atomic<int>& interrupts = watch_interrupts();
  std::vector<Compared> all;
  int code = exit_pass;
  for (const PolicyKind& policy : *policies) {
    RunCommand run;
    run.scenarios = {command.scenario};
    run.policy = policy.name;
    run.set = command.set;
    run.out = (out / policy.name).string();
    const std::optional<TargetPlan> target = choose_target(run, *scenario, command.scenario);
    if (!target) return exit_usage;
    Result<RunReport> report = play(run, *scenario, *target, progress, interrupts);
    if (!report) return complain(exit_for(report.error()), report.error().text());
    if (const int failed = write_reports(run, *scenario, *report); failed != exit_pass)
      return failed;
    code = worst(code, exit_code(*report));
    all.push_back({policy, std::move(*report)});
    if (interrupts != 0) break;
  }
  RunCommand how;
  how.quiet = command.quiet;
  fmt::print("{}", command.json ? compare_json(all) : compare_text(all, style_of(how)));
  return code;
}

}  // namespace parallax
