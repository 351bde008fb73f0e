// SPDX-License-Identifier: Apache-2.0
// consent_drift -- One side has not heard of the refusal and sends what consent forbids; the event
// still says "denied". A contract that obeys consent drops it at the door.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class ConsentDrift final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    // Consent was only the first reason: what is not sampled or was refused stays at home.
    out.items.back().emission.withheld = !in.seen.sampled  ? Withheld::sampling
                                         : in.seen.refused ? Withheld::refused
                                                           : Withheld::no;
  }
  Reach reach() const override { return {Withheld::consent}; }
};

}  // namespace

FaultKind consent_drift_kind() {
  return {.name = "consent_drift",
          .about = "Lets a side send emissions that the user's consent forbids.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::server,
          .params = {}};
}

Result<MadeFault> make_consent_drift(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<ConsentDrift>());
}

}  // namespace parallax::faults
