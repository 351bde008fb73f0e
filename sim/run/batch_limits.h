// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sim/scenario/scenario.h"
#include "sim/scenario/target.h"
#include "sim/wire/format.h"

namespace parallax {

/// A scenario whose SDKs send no more in a request than the target's wire format can hold, as the
/// SDKs of that format's vendor would.
struct FittedScenario {
  Scenario scenario;
  std::string changed;  ///< What is other than the scenario says, for people; perhaps nothing.
};
/// Errors: those of make_wire_format.
Result<FittedScenario> fit_batches(const Scenario& scenario, const TargetPlan& target);

/// Whether a load can send requests of `batch` events of many users. Error (invalid_input): it
/// cannot, and what it can.
Result<void> check_load(const WireFormat& format, std::uint32_t batch);

}  // namespace parallax
