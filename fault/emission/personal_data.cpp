// SPDX-License-Identifier: Apache-2.0
// personal_data -- A side puts into its event what nobody may send: an email address in a property,
// a name in a form field that was tracked whole.
#include "fault/catalogue.h"
#include "fault/fields.h"

namespace parallax::faults {
namespace {

class PersonalData final : public EmissionEffect {
 public:
  explicit PersonalData(std::vector<FieldMask> masks) : masks_(std::move(masks)) {}

  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    Emission& changed = out.items.back().emission;
    for (FieldMask left = masks_[in.seen.type]; left != 0; left &= left - 1)
      changed.forms[static_cast<std::size_t>(__builtin_ctz(left))] = FieldForm::present;
    changed.odd_fields = true;
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override { return masks_[in.seen.type] != 0; }

 private:
  std::vector<FieldMask> masks_;  ///< By action type.
};

}  // namespace

FaultKind personal_data_kind() {
  return {.name = "personal_data",
          .about = "Sends a field that no side may send.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::client,
          .params = {{.name = "field",
                      .type = ParamKind::Type::field,
                      .about = "The field, \"on\": \"nobody\"; default all such fields.",
                      .words = {}}}};
}

Result<MadeFault> make_personal_data(const FaultPlan& plan, const FaultContext& context) {
  auto masks = field_masks(
      plan, context, [](const FieldPlan& field) { return !field.on_client && !field.on_server; },
      "a field of the tracking plan with \"on\": \"nobody\"");
  if (!masks) return masks.error();
  return made(std::make_unique<PersonalData>(std::move(*masks)));
}

}  // namespace parallax::faults
