// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "fault/fault.h"

namespace parallax::faults {

/// States the user in another form.
class UserFormEffect final : public EmissionEffect {
 public:
  explicit UserFormEffect(UserForm form) : form_(form) {}
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.user_form = form_;
  }

 private:
  UserForm form_;
};

}  // namespace parallax::faults
