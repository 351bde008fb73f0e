// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/run/connection.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// Whether the target is one that we can start again, where a fault of the scenario asks for it.
/// Errors: it is not; `described` names it for people.
Result<void> can_restart(const Scenario& scenario, bool is_embedded, const std::string& described);

/// When the scenario's faults crash the target. Errors: as above, or the traffic is a load, which
/// has no such instants.
Result<std::vector<SimTime>> restarts_of(const Scenario& scenario, bool is_load,
                                         const Connection& connection);

}  // namespace parallax
