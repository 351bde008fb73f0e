// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/prng.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// The tracking code of both sides: turns an action into what client and server would emit, before
/// any fault. Event ids are given here by the scenario's identity policy, so no fault can move one.
/// Immutable; shared by all lanes.
class Instrumentation {
 public:
  /// Ids are a pure function of (seed, run id, action, side).
  Instrumentation(const Scenario& scenario, std::uint64_t seed, std::string_view run_id);

  /// Fills `out` with the emission of each side that the plan names and returns how many. An
  /// emission that consent, sampling or a refusal forbids comes too, marked `withheld`.
  std::size_t emit(const Action& action, std::array<Emission, 2>& out) const;
  /// The emission of one side into `out`, whatever stood there. Precondition: the plan names the
  /// side.
  void emit(const Action& action, Source side, Emission& out) const;

 private:
  /// What one side's code puts into its emissions of one action type.
  struct Camera {
    bool on = false;
    Micros after = 0;  ///< From the action to its capture.
    std::uint16_t schema_version = 1;
    std::array<FieldForm, max_fields> forms{};  ///< Before any fault.
  };
  Uuid id_for(const Action& action, Source side) const;

  IdentityPlan::Kind identity_;
  Prng ids_;
  std::vector<std::array<Camera, 2>> cameras_;  ///< By action type and side.
  std::vector<std::size_t> key_field_;  ///< By action type: the field of identity "derived".
};

/// The run id of worlds that must come out byte-identical (`generate`, the embedded pipeline).
std::string derived_run_id(std::string_view scenario_name, std::uint64_t seed);

}  // namespace parallax
