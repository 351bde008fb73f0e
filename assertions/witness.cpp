// SPDX-License-Identifier: Apache-2.0
#include "assertions/witness.h"

#include "sim/core/canonical_row.h"

namespace parallax {

void Witnesses::summon(const Ledger& ledger, const LedgerView& view, std::uint32_t action) {
  all_.clear();
  sure_ = there_ = {};
  for (const std::uint32_t i : view.emissions_of(action)) {
    const EmissionFacts& facts = view.facts(i);
    if (!facts.reached) continue;
    const bool sure = facts.accepted > 0;
    all_.push_back({&ledger.emissions[i].emission, sure});
    const auto side = static_cast<std::size_t>(view.brief(i).source);
    there_[side] = true;
    sure_[side] = sure_[side] || sure;
  }
}

Testimony::Testimony(const Witnesses& witnesses, Source owner, std::size_t field)
    : owner_silent(!witnesses.surely(owner)), other_silent(!witnesses.surely(other(owner))) {
  for (const Witness& w : witnesses)
    if (!states_value(*w.emission, field))
      (w.emission->source == owner ? owner_has_gap : other_has_gap) = true;
}

bool states_value(const Emission& emission, std::size_t field) {
  const FieldForm form = emission.forms[field];
  return form != FieldForm::absent && form != FieldForm::null && form != FieldForm::renamed;
}

std::int64_t sent_value(const TrackingPlan& plan, const Emission& emission, std::size_t field) {
  const FieldPlan& field_plan = plan.actions[emission.seen.type].fields[field];
  const FieldForm form = emission.forms[field];
  if (form == FieldForm::truncated || form == FieldForm::undefined)
    return static_cast<std::int64_t>(
        hash_text(sent_text(field_plan, form, emission.seen.values[field])));
  std::int64_t value = emission.seen.values[field];
  if (form == FieldForm::minor_units && field_plan.type == FieldType::money)
    for (int i = 0; i < plan.currencies[emission.seen.currency].exponent; ++i) value *= 10;
  return comparable(field_plan, value);
}

bool add_allowed_values(const TrackingPlan& plan, const Witnesses& witnesses,
                        const FieldPlan& field_plan, std::size_t field,
                        std::vector<std::int64_t>& values) {
  const Testimony testimony(witnesses, field_plan.owner, field);
  for (const Witness& w : witnesses) {
    const bool may_speak = w.emission->source == field_plan.owner || testimony.other_may_speak();
    if (may_speak && states_value(*w.emission, field))
      values.push_back(sent_value(plan, *w.emission, field));
  }
  return testimony.may_be_missing();
}

}  // namespace parallax
