// SPDX-License-Identifier: Apache-2.0
// missing_field -- A property is not there: the code forgot it, sent null, or read it before an
// asynchronous call had brought it, which puts "undefined" into a text.
#include <array>

#include "fault/catalogue.h"
#include "fault/fields.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 3> form_words{"absent", "null", "undefined"};
constexpr std::array<FieldForm, 3> forms{FieldForm::absent, FieldForm::null, FieldForm::undefined};

}  // namespace

FaultKind missing_field_kind() {
  return {.name = "missing_field",
          .about = "Leaves a field out, or sends null or \"undefined\" in its place.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "field",
                      .type = ParamKind::Type::field,
                      .about = "The field; required.",
                      .words = {}},
                     {.name = "form",
                      .type = ParamKind::Type::word,
                      .about = "absent (no key), null, or for strings undefined (that word); "
                               "default absent.",
                      .words = {form_words.begin(), form_words.end()}}}};
}

Result<MadeFault> make_missing_field(const FaultPlan& plan, const FaultContext& context) {
  if (plan.param("field") == nullptr) return unusable("field", "the field that is missing");
  const auto form = word_param(plan, "form", form_words);
  if (!form) return form.error();
  const bool is_word = forms[*form] == FieldForm::undefined;
  const auto fits = [&](const FieldPlan& field) {
    return !is_word || field.type == FieldType::string;
  };
  auto masks = field_masks(plan, context, fits,
                           is_word ? "a string field: only in a text undefined leaves its name"
                                   : "a field of the tracking plan");
  if (!masks) return masks.error();
  return made(std::make_unique<FieldFormEffect>(forms[*form], std::move(*masks)));
}

}  // namespace parallax::faults
