// SPDX-License-Identifier: Apache-2.0
#include "tests/run/play.h"

#include "fault/fault.h"
#include "sim/run/runner.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {

RunReport play(const std::string& scenario, const std::vector<std::string>& bugs,
               const std::vector<std::pair<std::string, std::string>>& set) {
  LoadOptions load;
  load.faults = fault_kinds();
  load.set = set;
  const Loaded loaded = load_scenario(source(scenario), load);
  for (const Problem& problem : loaded.problems)
    if (!problem.warning) FAIL(problem.text());
  LoadedTarget target = load_target_text(
      loaded.scenario.target_json.empty() ? "{}" : loaded.scenario.target_json, scenario);
  REQUIRE(target.ok());
  target.target.send.bugs.insert(target.target.send.bugs.end(), bugs.begin(), bugs.end());
  const TempFolder folder;
  RunOptions options;
  options.folder = folder / "run";
  Result<RunReport> report = run_scenario(loaded.scenario, target.target, options);
  if (!report) FAIL(report.error().text());
  return std::move(*report);
}

std::string failures(const RunReport& report) {
  std::string text;
  for (const CauseCount& cause : report.causes)
    text += std::string(text.empty() ? "" : ", ") + std::string(name_of(cause.verdict)) + "/" +
            std::string(name_of(cause.cause)) + " " + std::to_string(cause.actions);
  return text + (report.because.empty() ? "" : " because " + report.because);
}

}  // namespace parallax::test
