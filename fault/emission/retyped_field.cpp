// SPDX-License-Identifier: Apache-2.0
// retyped_field -- A number or a boolean is sent as a text: "9.99" instead of 9.99. A contract that
// checks types drops the event; one that does not sums nothing.
#include "fault/catalogue.h"
#include "fault/fields.h"

namespace parallax::faults {

FaultKind retyped_field_kind() {
  return {.name = "retyped_field",
          .about = "Sends numbers, money or booleans as texts.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "field",
                      .type = ParamKind::Type::field,
                      .about = "The field; default all that are no texts.",
                      .words = {}}}};
}

Result<MadeFault> make_retyped_field(const FaultPlan& plan, const FaultContext& context) {
  auto masks = field_masks(
      plan, context, [](const FieldPlan& field) { return field.type != FieldType::string; },
      "a field of the tracking plan that is no string");
  if (!masks) return masks.error();
  return made(std::make_unique<FieldFormEffect>(FieldForm::as_text, std::move(*masks)));
}

}  // namespace parallax::faults
