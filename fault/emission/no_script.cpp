// SPDX-License-Identifier: Apache-2.0
// no_script -- JavaScript is off, or never arrives: nothing of what a client would send exists, for
// whole users. The server goes on seeing them.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class NoScript final : public EmissionEffect {
 public:
  void apply(const Emission&, Prng, Captures&) const override {}
};

}  // namespace

FaultKind no_script_kind() {
  return {.name = "no_script",
          .about = "Destroys all client emissions of the users it strikes: they run no script.",
          .scope = SelectorPlan::Scope::user,
          .side = Source::client,
          .params = {}};
}

Result<MadeFault> make_no_script(const FaultPlan& plan, const FaultContext&) {
  if (plan.selector.side == Source::server) return unusable("side", "client: a server runs none");
  const auto scope = plan.selector.scope;
  if (scope != SelectorPlan::Scope::user && scope != SelectorPlan::Scope::device)
    return unusable("per", "user or device: a browser runs scripts or it does not");
  return made(std::make_unique<NoScript>());
}

}  // namespace parallax::faults
