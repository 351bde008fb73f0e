// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/core/result.h"
#include "sim/run/findings.h"
#include "sim/run/progress.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/target.h"

/// Which faults the findings of a run need, by experiment: the run is played again without one
/// fault after the other. No fault moves a journey, and an action has the same id in each, so that
/// the runs can be compared action by action. What that proves and what not: findings.h.
namespace parallax {

struct ProofOptions {
  std::string run_id;      ///< The run's: event ids hang on it.
  unsigned runs_max = 60;  ///< Runs at most.
  Progress* progress = nullptr;
  const std::atomic<int>* interrupted = nullptr;
};

/// The scenario without the faults of these names, and without those that strike only together with
/// one of them.
Scenario without_faults(const Scenario& scenario, const std::vector<std::string>& names);

/// Plays and writes `folder`/ledger/findings.parquet. First without each fault that touched a
/// finding; then, where none of several that did is needed by itself, without all of them. Returns
/// the number of runs. The target has to do the same each time, as the embedded one does.
/// Errors: as run_scenario; more runs than `runs_max` (`invalid_input`, before the first); a run
/// that was interrupted or could not be judged.
Result<unsigned> prove_by_replay(const Scenario& scenario, const TargetPlan& target,
                                 const std::filesystem::path& folder, const ProofOptions& options);

}  // namespace parallax
