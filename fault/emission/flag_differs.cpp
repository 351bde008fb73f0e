// SPDX-License-Identifier: Apache-2.0
// flag_differs -- A feature flag or experiment is evaluated anew on one side, which then reports
// another variant than the user saw.
#include "fault/catalogue.h"
#include "fault/fields.h"

namespace parallax::faults {
namespace {

/// The other variants of a field: texts of a list, or true and false. 0: it cannot differ.
std::int64_t variants_of(const FieldPlan& field) {
  if (field.type == FieldType::boolean) return 2;
  const bool is_list = field.type == FieldType::string && field.form.kind == TextForm::Kind::list;
  return is_list ? static_cast<std::int64_t>(field.form.texts.size()) : 0;
}

class FlagDiffers final : public EmissionEffect {
 public:
  FlagDiffers(const TrackingPlan& plan, std::vector<FieldMask> masks)
      : plan_(plan), masks_(std::move(masks)) {}

  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, 0});
    Action& seen = out.items.back().emission.seen;
    for (FieldMask left = present_in(in, masks_[in.seen.type]); left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(__builtin_ctz(left));
      const std::int64_t variants = variants_of(plan_.actions[in.seen.type].fields[i]);
      seen.values[i] = (seen.values[i] + draw.between(1, variants - 1)) % variants;
    }
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override {
    return present_in(in, masks_[in.seen.type]) != 0;
  }

 private:
  const TrackingPlan& plan_;
  std::vector<FieldMask> masks_;  ///< By action type.
};

}  // namespace

FaultKind flag_differs_kind() {
  return {.name = "flag_differs",
          .about = "Reports another variant of a flag than the user saw.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::server,
          .params = {{.name = "field",
                      .type = ParamKind::Type::field,
                      .about = "The boolean or picked field; required.",
                      .words = {}}}};
}

Result<MadeFault> make_flag_differs(const FaultPlan& plan, const FaultContext& context) {
  if (plan.param("field") == nullptr) return unusable("field", "the field that holds the variant");
  auto masks = field_masks(
      plan, context, [](const FieldPlan& field) { return variants_of(field) > 1; },
      "a boolean field, or a string with a \"pick\" of two or more");
  if (!masks) return masks.error();
  return made(std::make_unique<FlagDiffers>(context.scenario.plan, std::move(*masks)));
}

}  // namespace parallax::faults
