// SPDX-License-Identifier: Apache-2.0
// id_case -- A side writes the event id in capitals: the same id to a reader of UUIDs, another one
// to whoever compares texts.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class IdCase final : public EmissionEffect {
 public:
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.id_form = IdForm::upper_case;
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override { return in.id_form == IdForm::normal; }
};

}  // namespace

FaultKind id_case_kind() {
  return {.name = "id_case",
          .about = "Writes the event id in capitals.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::server,
          .params = {}};
}

Result<MadeFault> make_id_case(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<IdCase>());
}

}  // namespace parallax::faults
