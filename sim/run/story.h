// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/read/reader.h"
#include "sim/run/judge_run.h"
#include "sim/run/report.h"

namespace parallax {

/// The timelines of the first examples of each cause: action -> emissions with the faults that
/// struck them -> attempts and receipts -> canonical rows. Loads the lanes that they are of; at
/// most `max` examples. `reader` gives the rows' texts in one read; where it fails, they are
/// counted. Errors: a lane cannot be loaded.
Result<std::vector<RunReport::Example>> tell_examples(const JudgedRun& run, RowReader& reader,
                                                      std::string_view run_id,
                                                      const std::vector<CauseCount>& causes,
                                                      std::size_t max = 8);

}  // namespace parallax
