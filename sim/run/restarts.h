// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/run/connection.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// When the scenario's faults crash the target. Errors: it is none that we can start again, or the
/// traffic is a load, which has no such instants.
Result<std::vector<SimTime>> restarts_of(const Scenario& scenario, bool is_load,
                                         const Connection& connection);

}  // namespace parallax
