// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "assertions/judgement.h"
#include "sim/run/connection.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// Reads the tables beside the canonical rows that assertions ask for. A table that cannot be read
/// is an incomplete one; one that the target has not stays away.
Result<void> read_side_tables(const Scenario& scenario, const Connection& connection,
                              const std::string& run_id, RowFacts& facts);

}  // namespace parallax
