// SPDX-License-Identifier: Apache-2.0
// truncated_field -- A text is cut at a length limit of the SDK or of a column: two long values
// become the same one, and a cut id joins nothing.
#include "fault/catalogue.h"
#include "fault/fields.h"

namespace parallax::faults {
namespace {

/// Cuts the texts that are longer than the plan's `cut_to`, and reaches only those.
class TruncatedField final : public EmissionEffect {
 public:
  TruncatedField(const TrackingPlan& plan, std::vector<FieldMask> masks)
      : plan_(plan), masks_(std::move(masks)) {}

  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    Emission& changed = out.items.back().emission;
    for (FieldMask left = too_long(in); left != 0; left &= left - 1)
      changed.forms[static_cast<std::size_t>(__builtin_ctz(left))] = FieldForm::truncated;
    changed.odd_fields = true;
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override { return too_long(in) != 0; }

 private:
  FieldMask too_long(const Emission& in) const {
    FieldMask mask = present_in(in, masks_[in.seen.type]);
    for (FieldMask left = mask; left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(__builtin_ctz(left));
      const FieldPlan& field = plan_.actions[in.seen.type].fields[i];
      if (field.form.text(in.seen.values[i]).size() <= field.cut_to) mask &= ~(FieldMask{1} << i);
    }
    return mask;
  }

  const TrackingPlan& plan_;
  std::vector<FieldMask> masks_;  ///< By action type.
};

}  // namespace

FaultKind truncated_field_kind() {
  return {.name = "truncated_field",
          .about = "Cuts the texts of a field at a length.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "field",
                      .type = ParamKind::Type::field,
                      .about = "The string field; required.",
                      .words = {}},
                     {.name = "length",
                      .type = ParamKind::Type::cut,
                      .about = "Bytes that are left, 1 .. 65535; required.",
                      .words = {}}}};
}

Result<MadeFault> make_truncated_field(const FaultPlan& plan, const FaultContext& context) {
  if (plan.param("field") == nullptr) return unusable("field", "the field whose texts are cut");
  if (plan.param("length") == nullptr) return unusable("length", "the bytes that are left");
  const auto fits = [](const FieldPlan& field) {
    return field.type == FieldType::string && field.cut_to > 0 &&
           field.form.longest() > field.cut_to;
  };
  auto masks = field_masks(plan, context, fits, "a string field with texts above that length");
  if (!masks) return masks.error();
  return made(std::make_unique<TruncatedField>(context.scenario.plan, std::move(*masks)));
}

}  // namespace parallax::faults
