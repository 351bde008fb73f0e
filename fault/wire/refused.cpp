// SPDX-License-Identifier: Apache-2.0
// refused -- No connection comes about: the collector restarts, the network is off. The
// sender knows for sure that nothing arrived.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class Refused final : public WireEffect {
 public:
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.strike = Strike::before_send;
  }
};

}  // namespace

FaultKind refused_kind() {
  return {.name = "refused",
          .about = "Refuses the connection before anything is sent.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::before_send)},
          .params = {}};
}

Result<MadeFault> make_refused(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<Refused>());
}

}  // namespace parallax::faults
