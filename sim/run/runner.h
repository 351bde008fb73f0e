// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/result.h"
#include "sim/run/progress.h"
#include "sim/run/report.h"
#include "sim/run/traffic.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/target.h"

namespace parallax {

/// What a run needs besides scenario and target.
struct RunOptions {
  std::filesystem::path folder;  ///< The run folder; made if missing, an older run in it replaced.
  std::string run_id;       ///< Empty: derived for the embedded pipeline, fresh for a live target.
  unsigned jobs = 1;        ///< Threads that play lanes, 1 .. lane_count. No result depends on it.
  unsigned judge_jobs = 0;  ///< Threads that judge; 0: as many as cores. No result depends on it.
  /// Judged again, larger runs get no ledger/*.parquet that they lack, and lose the verdicts of the
  /// judgement before: tables take several times as long as the judging.
  std::uint64_t tables_actions_max = std::numeric_limits<std::uint64_t>::max();
  /// Only its lanes. A shard of a live target is left unjudged: the other shards' rows are there
  /// too, and `parallax report merge` judges them together.
  Shard shard;
  std::string rerun;  ///< Printed under failures.
  Progress* progress = nullptr;
  /// Set by a signal handler: stop the traffic, drain, judge, report.
  const std::atomic<int>* interrupted = nullptr;
  /// Plays the traffic instead of `play_traffic`. Gets how to reach the target over HTTP too.
  std::function<Result<Traffic>(const LaneContext&, const TrafficOptions&,
                                const HttpTargetOptions&)>
      play;
};

/// Plays the scenario against the target, reads the canonical rows back, judges, and leaves the run
/// folder: the journals, ledger/*.parquet (see the options), scenario.json, target.json (masked),
/// run.json. The reports are written by the caller.
/// Errors: the folder cannot be written, the target cannot be used at all (kind `unsupported` or
/// `invalid_input`). An unreachable or failing target is not an Error: the report says `unknown`.
Result<RunReport> run_scenario(const Scenario& scenario, const TargetPlan& target,
                               const RunOptions& options);

/// Judges a run folder again from its journals and a new read of its target. Used after a crash of
/// Parallax, and to see whether late rows have come.
Result<RunReport> judge_folder(const Scenario& scenario, const TargetPlan& target,
                               const RunOptions& options);

}  // namespace parallax
