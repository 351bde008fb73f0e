// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "assertions/assertion.h"

namespace parallax {

/// An assertion that is nothing but its tally: `Kind` is made from plan and scenario.
template <class Kind>
class TallyOf final : public Assertion {
 public:
  TallyOf(const AssertionPlan& plan, const Scenario& scenario) : plan_(plan), scenario_(scenario) {}
  std::unique_ptr<Tally> tally() const override { return std::make_unique<Kind>(plan_, scenario_); }

 private:
  const AssertionPlan& plan_;
  const Scenario& scenario_;
};

template <class Kind>
Result<std::unique_ptr<Assertion>> make_tally_of(const AssertionPlan& plan,
                                                 const Scenario& scenario) {
  return std::unique_ptr<Assertion>(std::make_unique<TallyOf<Kind>>(plan, scenario));
}

}  // namespace parallax
