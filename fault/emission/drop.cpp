// SPDX-License-Identifier: Apache-2.0
// drop -- Destroys emissions before the SDK sees them: a tab closed too soon, a lost queue file, a
// crash between the commit and the tracking call.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class Drop final : public EmissionEffect {
 public:
  void apply(const Emission&, Prng, Captures&) const override {}
};

}  // namespace

FaultKind drop_kind() {
  return {.name = "drop",
          .about = "Destroys emissions at capture, before the SDK has them.",
          .wire = false,
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {}};
}

Result<MadeFault> make_drop(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<Drop>());
}

}  // namespace parallax::faults
