// SPDX-License-Identifier: Apache-2.0
// early_success -- The client reports success before the backend has decided, so refused attempts
// are reported too: the "purchase" of a declined card.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class EarlySuccess final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.withheld = Withheld::no;
  }
  Reach reach() const override { return {Withheld::refused}; }
};

}  // namespace

FaultKind early_success_kind() {
  return {.name = "early_success",
          .about = "Lets the client send its emission of an action that the backend refuses.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::client,
          .params = {}};
}

Result<MadeFault> make_early_success(const FaultPlan& plan, const FaultContext&) {
  if (plan.selector.side == Source::server)
    return unusable("side", "client: the server knows what it refused");
  return made(std::make_unique<EarlySuccess>());
}

}  // namespace parallax::faults
