// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "assertions/assertion.h"
#include "sim/read/reader.h"
#include "sim/run/report.h"

namespace parallax {

/// The timelines of the first examples of each cause: action -> emissions with the faults that
/// struck them -> attempts and receipts -> canonical rows. One pass over the ledger for all of
/// them; at most `max` examples. `reader` gives the rows' texts; where it fails, the compact row is
/// described.
std::vector<RunReport::Example> tell_examples(const Evidence& evidence, RowReader& reader,
                                              std::string_view run_id,
                                              const std::vector<CauseCount>& causes,
                                              std::size_t max = 8);

}  // namespace parallax
