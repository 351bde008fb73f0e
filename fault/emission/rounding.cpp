// SPDX-License-Identifier: Apache-2.0
// rounding -- A side rounds money before it reports it: the price as displayed instead of the price
// as charged. Each row is off by less than the step, the sum by more than anybody expects.
#include <algorithm>

#include "fault/catalogue.h"
#include "sim/core/money.h"

namespace parallax::faults {
namespace {

/// Bit i: field i of the action type is money that the side reports and the fault rounds.
using FieldMask = std::uint32_t;

class Rounding final : public EmissionEffect {
 public:
  Rounding(std::int64_t to, std::vector<FieldMask> masks) : to_(to), masks_(std::move(masks)) {}

  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    std::int64_t* values = out.items.back().emission.seen.values.data();
    for (FieldMask left = present(in); left != 0; left &= left - 1) {
      std::int64_t& value = values[__builtin_ctz(left)];
      value = scale_money(value, 1, to_) * to_;
    }
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in) const override { return present(in) != 0; }

 private:
  FieldMask present(const Emission& in) const {
    FieldMask mask = masks_[in.seen.type];
    for (FieldMask left = mask; left != 0; left &= left - 1) {
      const auto field = static_cast<std::size_t>(__builtin_ctz(left));
      if (in.forms[field] != FieldForm::present) mask &= ~(FieldMask{1} << field);
    }
    return mask;
  }

  std::int64_t to_;
  std::vector<FieldMask> masks_;  ///< By action type.
};

FieldMask mask_of(const ActionPlan& action, const ParamValue* only) {
  FieldMask mask = 0;
  for (std::size_t i = 0; i < action.fields.size(); ++i) {
    const FieldPlan& field = action.fields[i];
    const bool wanted = only == nullptr || only->text == field.name;
    if (wanted && field.type == FieldType::money) mask |= FieldMask{1} << i;
  }
  return mask;
}

}  // namespace

FaultKind rounding_kind() {
  return {.name = "rounding",
          .about = "Rounds the money fields that a side reports, half up.",
          .wire = false,
          .scope = SelectorPlan::Scope::emission,
          .side = Source::client,
          .params = {{.name = "to",
                      .type = ParamKind::Type::integer,
                      .about = "Multiple to round to, in minor units, 2 .. 1000000; default 100.",
                      .words = {}},
                     {.name = "field",
                      .type = ParamKind::Type::text,
                      .about = "The money field to round; default all of them.",
                      .words = {}}}};
}

Result<MadeFault> make_rounding(const FaultPlan& plan, const FaultContext& context) {
  const auto to = integer_param(plan, "to", {2, 1'000'000}, 100);
  if (!to) return to.error();
  const ParamValue* field = plan.param("field");
  std::vector<FieldMask> masks;
  for (const ActionPlan& action : context.scenario.plan.actions)
    masks.push_back(mask_of(action, field));
  if (std::all_of(masks.begin(), masks.end(), [](FieldMask mask) { return mask == 0; }))
    return unusable(field != nullptr ? "field" : "fault", "a money field in the tracking plan");
  return made(std::make_unique<Rounding>(*to, std::move(masks)));
}

}  // namespace parallax::faults
