// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/run/judge_run.h"
#include "sim/run/report.h"

namespace parallax {

/// Fills in everything the report tells about actions, rows, deliveries, faults and assertions from
/// the ledger and the judgement: the journals are the only source of numbers.
void summarise(const JudgedRun& run, RunReport& report);

/// The run's verdict: the worst of the assertions, of `obstacles` (sentences; each that is not
/// empty makes the run at best unknown), of faults that never struck, and of having measured
/// nothing. `because` is the first sentence that made the verdict as bad as it is.
void conclude(const std::vector<std::string>& obstacles, RunReport& report);

}  // namespace parallax
