// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cassert>
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

  /// Whether the plan names the side.
  bool emits(std::uint16_t action_type, Source side) const {
    return cameras_[action_type][static_cast<std::size_t>(side)].on;
  }
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
  Uuid derived_id(const Action& action) const;

  IdentityPlan::Kind identity_;
  Prng ids_;
  std::vector<std::array<Camera, 2>> cameras_;  ///< By action type and side.
  std::vector<std::size_t> key_field_;  ///< By action type: the field of identity "derived".
};

inline Uuid Instrumentation::id_for(const Action& action, Source side) const {
  if (identity_ == IdentityPlan::Kind::derived && key_field_[action.type] < max_fields)
    return derived_id(action);
  // Four draws an action: two for each side where they differ.
  const bool own = identity_ == IdentityPlan::Kind::independent && side == Source::server;
  const std::uint64_t first = 4 * action.id.value + (own ? 3 : 1);
  return Uuid::from_bits(ids_.at(first).bits(), ids_.at(first + 1).bits());
}

constexpr Withheld withheld_by(const Action& action) {
  if (action.consent == Consent::denied) return Withheld::consent;
  if (!action.sampled) return Withheld::sampling;
  return action.refused ? Withheld::refused : Withheld::no;
}

inline void Instrumentation::emit(const Action& action, Source side, Emission& out) const {
  const Camera& camera = cameras_[action.type][static_cast<std::size_t>(side)];
  assert(camera.on);
  out.seen = action;
  out.event_id = id_for(action, side);
  out.captured = action.at + camera.after;
  const SimTime stamp = out.captured.to_millisecond();
  out.client_ts = side == Source::client ? stamp : no_time;
  out.server_ts = side == Source::server ? stamp : no_time;
  out.clock_error = 0;
  out.struck = 0;
  out.skipped = 0;
  out.source = side;
  out.copy = 0;
  out.id_form = IdForm::normal;
  out.withheld = withheld_by(action);
  out.user_form = UserForm::normal;
  out.other_name = out.other_project = out.odd_fields = false;
  out.schema_version = camera.schema_version;
  out.retry_count = 0;
  out.forms = camera.forms;
}

/// The run id of worlds that must come out byte-identical (`generate`, the embedded pipeline).
std::string derived_run_id(std::string_view scenario_name, std::uint64_t seed);

}  // namespace parallax
