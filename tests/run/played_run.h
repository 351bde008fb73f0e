// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>

#include "fault/fault.h"
#include "sim/core/ledger.h"
#include "sim/run/runner.h"
#include "sim/run/traffic.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {

/// One run of a file below scenarios/ against the embedded pipeline, in this process, with its
/// ledger.
struct PlayedRun {
  explicit PlayedRun(const std::string& file) {
    LoadOptions load;
    load.faults = fault_kinds();
    Loaded loaded = load_scenario(source("scenarios/" + file), load);
    for (const Problem& problem : loaded.problems) FAIL(problem.text());
    scenario = std::move(loaded.scenario);
    const LoadedTarget target = load_target_text("{}", file);
    REQUIRE(target.ok());
    RunOptions options;
    options.folder = folder / "run";
    Result<RunReport> result = run_scenario(scenario, target.target, options);
    if (!result) FAIL(result.error().text());
    report = std::move(*result);
    Result<Ledger> read = read_ledger(journal_files(folder / "run/ledger"));
    REQUIRE(read);
    ledger = std::move(*read);
  }

  TempFolder folder;
  Scenario scenario;
  RunReport report;
  Ledger ledger;
};

}  // namespace parallax::test
