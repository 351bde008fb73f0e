// SPDX-License-Identifier: Apache-2.0
// consent_overdrop -- A side drops the events of users who agreed: a banner whose answer was lost,
// a default of "denied" on some browsers.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class ConsentOverdrop final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.withheld = Withheld::consent;
  }
};

}  // namespace

FaultKind consent_overdrop_kind() {
  return {.name = "consent_overdrop",
          .about = "Holds back the emissions of users who gave their consent.",
          .scope = SelectorPlan::Scope::user,
          .side = Source::client,
          .params = {}};
}

Result<MadeFault> make_consent_overdrop(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<ConsentOverdrop>());
}

}  // namespace parallax::faults
