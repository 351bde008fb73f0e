// SPDX-License-Identifier: Apache-2.0
// wrong_project -- A side sends with another project's key: everything is acknowledged, and nothing
// of it is in this project's tables.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class WrongProject final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.other_project = true;
  }
};

}  // namespace

FaultKind wrong_project_kind() {
  return {.name = "wrong_project",
          .about = "Sends events into another project, whose tables nobody reads.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::server,
          .params = {}};
}

Result<MadeFault> make_wrong_project(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<WrongProject>());
}

}  // namespace parallax::faults
