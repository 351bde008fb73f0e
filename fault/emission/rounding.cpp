// SPDX-License-Identifier: Apache-2.0
// rounding -- A side rounds money before it reports it: the price as displayed instead of the price
// as charged. Each row is off by less than the step, the sum by more than anybody expects.
#include "fault/catalogue.h"
#include "fault/fields.h"
#include "sim/core/money.h"

namespace parallax::faults {
namespace {

class Rounding final : public EmissionEffect {
 public:
  Rounding(std::int64_t to, std::vector<FieldMask> masks) : to_(to), masks_(std::move(masks)) {}

  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    std::int64_t* values = out.items.back().emission.seen.values.data();
    for (FieldMask left = present_in(in, masks_[in.seen.type]); left != 0; left &= left - 1) {
      std::int64_t& value = values[__builtin_ctz(left)];
      value = scale_money(value, 1, to_) * to_;
    }
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override {
    return present_in(in, masks_[in.seen.type]) != 0;
  }

 private:
  std::int64_t to_;
  std::vector<FieldMask> masks_;  ///< By action type.
};

}  // namespace

FaultKind rounding_kind() {
  return {.name = "rounding",
          .about = "Rounds the money fields that a side reports, half up.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::client,
          .params = {{.name = "to",
                      .type = ParamKind::Type::integer,
                      .about = "Multiple to round to, in minor units, 2 .. 1000000; default 100.",
                      .words = {}},
                     {.name = "field",
                      .type = ParamKind::Type::field,
                      .about = "The money field to round; default all of them.",
                      .words = {}}}};
}

Result<MadeFault> make_rounding(const FaultPlan& plan, const FaultContext& context) {
  const auto to = integer_param(plan, "to", {2, 1'000'000}, 100);
  if (!to) return to.error();
  auto masks = field_masks(
      plan, context, [](const FieldPlan& field) { return field.type == FieldType::money; },
      "a money field in the tracking plan");
  if (!masks) return masks.error();
  return made(std::make_unique<Rounding>(*to, std::move(*masks)));
}

}  // namespace parallax::faults
