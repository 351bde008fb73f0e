// SPDX-License-Identifier: Apache-2.0
// renamed_field -- A property is sent under another name: price instead of revenue. Whoever reads
// the old name finds nothing, and the sum of a column drops without an error.
#include "fault/catalogue.h"
#include "fault/fields.h"

namespace parallax::faults {

FaultKind renamed_field_kind() {
  return {.name = "renamed_field",
          .about = "Sends a field under another name than the plan has.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "field",
                      .type = ParamKind::Type::field,
                      .about = "The field; required.",
                      .words = {}},
                     {.name = "to",
                      .type = ParamKind::Type::other_name,
                      .about = "The other name; required.",
                      .words = {}}}};
}

Result<MadeFault> make_renamed_field(const FaultPlan& plan, const FaultContext& context) {
  if (plan.param("field") == nullptr) return unusable("field", "the field that is renamed");
  if (plan.param("to") == nullptr) return unusable("to", "the name that the field is sent under");
  auto masks = field_masks(
      plan, context, [](const FieldPlan&) { return true; }, "a field of the tracking plan");
  if (!masks) return masks.error();
  return made(std::make_unique<FieldFormEffect>(FieldForm::renamed, std::move(*masks)));
}

}  // namespace parallax::faults
