// SPDX-License-Identifier: Apache-2.0
#include "tests/run/play.h"

#include "fault/fault.h"
#include "sim/run/runner.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {

namespace {

Scenario load_checked(const std::string& scenario,
                      const std::vector<std::pair<std::string, std::string>>& set) {
  LoadOptions load;
  load.faults = fault_kinds();
  load.set = set;
  Loaded loaded = load_scenario(source(scenario), load);
  for (const Problem& problem : loaded.problems)
    if (!problem.warning) FAIL(problem.text());
  return std::move(loaded.scenario);
}

RunReport play_loaded(const Scenario& scenario, const std::string& target_json,
                      const std::vector<std::string>& bugs) {
  LoadedTarget target = load_target_text(target_json, scenario.name);
  for (const Problem& problem : target.problems) FAIL(problem.text());
  target.target.send.bugs.insert(target.target.send.bugs.end(), bugs.begin(), bugs.end());
  const TempFolder folder;
  RunOptions options;
  options.folder = folder / "run";
  Result<RunReport> report = run_scenario(scenario, target.target, options);
  if (!report) FAIL(report.error().text());
  return std::move(*report);
}

}  // namespace

RunReport play(const std::string& scenario, const std::vector<std::string>& bugs,
               const std::vector<std::pair<std::string, std::string>>& set) {
  const Scenario loaded = load_checked(scenario, set);
  return play_loaded(loaded, loaded.target_json.empty() ? "{}" : loaded.target_json, bugs);
}

RunReport play_on(const std::string& target_json, const std::string& scenario,
                  const std::vector<std::string>& bugs,
                  const std::vector<std::pair<std::string, std::string>>& set) {
  return play_loaded(load_checked(scenario, set), target_json, bugs);
}

void check_strikes(const std::string& scenario) {
  const RunReport report = play(scenario, {});
  INFO(scenario << ": " << failures(report));
  CHECK(report.verdict == Verdict::pass);
  for (const RunReport::Fault& fault : report.faults) {
    INFO(fault.name);
    CHECK(fault.struck >= 20);
  }
}

std::string failures(const RunReport& report) {
  std::string text;
  for (const CauseCount& cause : report.causes)
    text += std::string(text.empty() ? "" : ", ") + std::string(name_of(cause.verdict)) + "/" +
            std::string(name_of(cause.cause)) + " " + std::to_string(cause.actions);
  return text + (report.because.empty() ? "" : " because " + report.because);
}

}  // namespace parallax::test
