// SPDX-License-Identifier: Apache-2.0
// regenerated_id -- A side mints its own event id instead of passing the shared one on, so that the
// two records of one action look like two.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class RegeneratedId final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.event_id = mint_id(in, draw);
  }
};

}  // namespace

FaultKind regenerated_id_kind() {
  return {.name = "regenerated_id",
          .about = "Gives emissions of a side a fresh event id of their own.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::server,
          .params = {}};
}

Result<MadeFault> make_regenerated_id(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<RegeneratedId>());
}

}  // namespace parallax::faults
