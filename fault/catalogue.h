// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "fault/fault.h"
#include "fault/params.h"

/// What each fault file defines: its kind (name, sentence, defaults, parameters) and its maker.
/// Only the fault files and catalogue.cpp include this.
namespace parallax::faults {

#define EMISSION_FAULT(name) \
  FaultKind name##_kind();   \
  Result<MadeFault> make_##name(const FaultPlan& plan, const FaultContext& context);
#define WIRE_FAULT(name) EMISSION_FAULT(name)
#define HOST_FAULT(name) EMISSION_FAULT(name)
#include "fault/faults.inc"
#undef EMISSION_FAULT
#undef WIRE_FAULT
#undef HOST_FAULT

/// What the makers return for an effect without a rate of its own.
inline MadeFault made(std::unique_ptr<EmissionEffect> effect) {
  return {std::move(effect), nullptr, nullptr, std::nullopt, {}};
}
inline MadeFault made(std::unique_ptr<WireEffect> effect) {
  return {nullptr, std::move(effect), nullptr, std::nullopt, {}};
}
inline MadeFault made(std::unique_ptr<HostEffect> effect) {
  return {nullptr, nullptr, std::move(effect), std::nullopt, {}};
}

/// Where the plan's fault strikes, of a kind that strikes at one place.
StrikePoint point_of(const FaultPlan& plan);
/// What an attempt that ends at this point is struck by. Precondition: before_send, during_body or
/// after_commit.
Strike strike_at(StrikePoint point);

/// A new version-4 id for `in`: a function of the draw and of everything that tells the emission
/// from others. It follows `in.event_id`, and with it the run id, or a live target would take the
/// ids of a second run for repeats.
Uuid mint_id(const Emission& in, Prng draw);

}  // namespace parallax::faults
