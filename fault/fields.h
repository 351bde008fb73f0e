// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fault/fault.h"

/// For effects on business fields: which fields of which action types they are about.
namespace parallax::faults {

/// Bit i: field i of an action type.
using FieldMask = std::uint32_t;

/// By action type, the fields that the parameter "field" names, or all where it is not given, among
/// those that `fits`. Errors: there is none; `expected` says what could stand there.
Result<std::vector<FieldMask>> field_masks(const FaultPlan& plan, const FaultContext& context,
                                           const std::function<bool(const FieldPlan&)>& fits,
                                           std::string expected);

/// Those of the fields that the emission states as the plan has them.
inline FieldMask present_in(const Emission& in, FieldMask mask) {
  for (FieldMask left = mask; left != 0; left &= left - 1) {
    const auto field = static_cast<std::size_t>(__builtin_ctz(left));
    if (in.forms[field] != FieldForm::present) mask &= ~(FieldMask{1} << field);
  }
  return mask;
}

/// Sends present fields in another form.
class FieldFormEffect final : public EmissionEffect {
 public:
  FieldFormEffect(FieldForm form, std::vector<FieldMask> masks)
      : form_(form), masks_(std::move(masks)) {}
  void apply(const Emission& in, Prng draw, Captures& out) const override;
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override {
    return present_in(in, masks_[in.seen.type]) != 0;
  }

 private:
  FieldForm form_;
  std::vector<FieldMask> masks_;
};

}  // namespace parallax::faults
