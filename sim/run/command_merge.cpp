// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/run/command_parts.h"
#include "sim/run/merge.h"

namespace parallax {
namespace fs = std::filesystem;

int command_merge(const MergeCommand& command) {
  if (!reports_are_known(command.run.reports)) return exit_usage;
  const std::vector<fs::path> folders(command.folders.begin(), command.folders.end());
  const fs::path& first = folders.front();
  for (const fs::path& folder : folders) {
    std::error_code code;
    if (fs::equivalent(folder, command.run.out, code))
      return complain(exit_usage, "--out must not be one of the shards");
    if (!fs::exists(folder / "run.json"))
      return complain(exit_usage, folder.string() + ": is no run folder: it has no run.json");
  }
  const std::optional<Scenario> scenario = load_or_explain((first / "scenario.json").string(), {});
  if (!scenario) return exit_usage;
  RunCommand run = command.run;
  if (run.target.empty()) run.target = (first / "target.json").string();
  const std::optional<TargetPlan> target =
      choose_target(run, *scenario, (first / "scenario.json").string());
  if (!target) return exit_usage;
  Progress progress(Progress::kind_for_stderr(run.quiet || run.json));
  RunOptions options;
  options.folder = run.out;
  options.progress = &progress;
  options.rerun = "parallax report merge";
  for (const std::string& folder : command.folders) options.rerun += " " + shell_word(folder);
  options.rerun += " --out " + shell_word(run.out);
  Result<RunReport> report = merge_runs(folders, *scenario, *target, options);
  progress.finish();
  if (!report) return complain(exit_for(report.error()), report.error().text());
  add_explanation(*scenario, *target, *report);
  return deliver(run, *scenario, *report);
}

}  // namespace parallax
