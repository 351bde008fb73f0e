// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <vector>

#include "sim/run/runner.h"

namespace parallax {

/// Puts the run folders of the shards of one run, or of one load, together in the new run folder
/// `options.folder`, and judges the whole: all journals, all rows, the sums of the loads' tallies,
/// checked against the thresholds of the shards.
///
/// `target`: of the first folder, or another way to the same rows. With the embedded target each
/// shard has rows of its own, which are read from all of them. A folder that is given twice, or a
/// copy of one, changes nothing. A shard that is missing makes the verdict unknown at best.
/// Errors (invalid_input): folders of different scenarios, seeds, run ids or ways of dividing, and
/// two different runs of one shard.
Result<RunReport> merge_runs(const std::vector<std::filesystem::path>& folders,
                             const Scenario& scenario, const TargetPlan& target,
                             const RunOptions& options);

}  // namespace parallax
