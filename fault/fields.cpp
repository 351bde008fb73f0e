// SPDX-License-Identifier: Apache-2.0
#include "fault/fields.h"

#include <algorithm>

#include "fault/params.h"

namespace parallax::faults {
namespace {

/// Forms that the fast encoders do not know.
bool is_odd(FieldForm form) {
  return form == FieldForm::renamed || form == FieldForm::truncated || form == FieldForm::undefined;
}

}  // namespace

Result<std::vector<FieldMask>> field_masks(const FaultPlan& plan, const FaultContext& context,
                                           const std::function<bool(const FieldPlan&)>& fits,
                                           std::string expected) {
  const ParamValue* only = plan.param("field");
  std::vector<FieldMask> masks;
  for (const ActionPlan& action : context.scenario.plan.actions) {
    FieldMask& mask = masks.emplace_back(0);
    for (std::size_t i = 0; i < action.fields.size(); ++i)
      if ((only == nullptr || only->text == action.fields[i].name) && fits(action.fields[i]))
        mask |= FieldMask{1} << i;
  }
  if (std::all_of(masks.begin(), masks.end(), [](FieldMask mask) { return mask == 0; }))
    return unusable(only != nullptr ? "field" : "fault", std::move(expected));
  return masks;
}

void FieldFormEffect::apply(const Emission& in, Prng, Captures& out) const {
  out.items.push_back({in, 0});
  Emission& changed = out.items.back().emission;
  for (FieldMask left = present_in(in, masks_[in.seen.type]); left != 0; left &= left - 1)
    changed.forms[static_cast<std::size_t>(__builtin_ctz(left))] = form_;
  changed.odd_fields = changed.odd_fields || is_odd(form_);
}

}  // namespace parallax::faults
