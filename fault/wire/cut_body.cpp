// SPDX-License-Identifier: Apache-2.0
// cut_body -- The connection breaks while the body is on its way: a train in a tunnel. The
// target must take none of the half batch, or remember what it took.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class CutBody final : public WireEffect {
 public:
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.strike = Strike::during_body;
  }
};

}  // namespace

FaultKind cut_body_kind() {
  return {.name = "cut_body",
          .about = "Cuts the connection in the middle of the request's body.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::during_body)},
          .params = {}};
}

Result<MadeFault> make_cut_body(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<CutBody>());
}

}  // namespace parallax::faults
