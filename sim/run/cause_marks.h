// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/run/judge_run.h"

namespace parallax {

/// The causes with what their actions have in common and what they are worth (assertions/marks.h).
/// Loads the ledger once more, lane by lane, where there is any cause. Errors: a lane cannot be
/// loaded.
Result<std::vector<CauseCount>> mark_causes(const JudgedRun& run, std::vector<CauseCount> causes);

}  // namespace parallax
