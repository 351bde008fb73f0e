// SPDX-License-Identifier: Apache-2.0
// minor_units -- A side reports cents where the others report euros: 999 for 9.99. Yen, which has
// no cents, is right by chance.
#include "fault/catalogue.h"
#include "fault/fields.h"

namespace parallax::faults {
namespace {

class MinorUnits final : public EmissionEffect {
 public:
  MinorUnits(const TrackingPlan& plan, std::vector<FieldMask> masks)
      : plan_(plan), effect_(FieldForm::minor_units, std::move(masks)) {}
  void apply(const Emission& in, Prng draw, Captures& out) const override {
    effect_.apply(in, draw, out);
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng draw) const override {
    return plan_.currencies[in.seen.currency].exponent > 0 && effect_.reaches(in, draw);
  }

 private:
  const TrackingPlan& plan_;
  FieldFormEffect effect_;
};

}  // namespace

FaultKind minor_units_kind() {
  return {.name = "minor_units",
          .about = "Sends money in minor units: 999 for 9.99.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::client,
          .params = {{.name = "field",
                      .type = ParamKind::Type::field,
                      .about = "The money field; default all of them.",
                      .words = {}}}};
}

Result<MadeFault> make_minor_units(const FaultPlan& plan, const FaultContext& context) {
  auto masks = field_masks(
      plan, context, [](const FieldPlan& field) { return field.type == FieldType::money; },
      "a money field in the tracking plan");
  if (!masks) return masks.error();
  return made(std::make_unique<MinorUnits>(context.scenario.plan, std::move(*masks)));
}

}  // namespace parallax::faults
