// SPDX-License-Identifier: Apache-2.0
#include "fault/reach.h"

#include <algorithm>

#include "fault/fault.h"
#include "fault/selector.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

/// Made-up emissions for each action, side and reason to be withheld.
constexpr std::uint64_t samples = 64;

Emission made_up(const Scenario& scenario, std::uint16_t type, Source side, std::uint64_t sample) {
  Prng draw = Prng(sample).keyed(type);
  Emission emission;
  emission.seen.type = type;
  emission.seen.user = static_cast<std::uint32_t>(draw.below(scenario.population.users));
  emission.seen.at = emission.captured =
      scenario.time.start + draw.between(0, scenario.time.length - 1);
  emission.source = side;
  const TrackingPlan& plan = scenario.plan;
  for (std::size_t i = 0; i < plan.traits.size(); ++i)
    emission.seen.traits[i] = static_cast<std::uint16_t>(draw.below(plan.traits[i].values.size()));
  const auto& fields = plan.actions[type].fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    emission.seen.values[i] = draw.between(1, 999);
    if (fields[i].on(side)) emission.forms[i] = FieldForm::present;
  }
  return emission;
}

/// Whether the backend can refuse such an action.
bool can_be_refused(const Scenario& scenario, std::uint16_t type) {
  const auto& actions = scenario.actions;
  const auto may_fail = [](const ActionChoice& choice) {
    return choice.succeeds != Ratio::whole();
  };
  const bool as_result = std::any_of(
      actions.begin(), actions.end(),
      [&](const ActionChoice& choice) { return choice.result == type && may_fail(choice); });
  return as_result || (may_fail(actions[type]) && !actions[type].result);
}

/// Why the story may withhold an emission of such an action.
std::vector<Withheld> reasons(const Scenario& scenario, std::uint16_t type) {
  std::vector<Withheld> some{Withheld::no};
  const ConsentPlan& consent = scenario.population.consent;
  if (consent.denied != Ratio::zero() || consent.withdrawn_later != Ratio::zero())
    some.push_back(Withheld::consent);
  if (scenario.population.sampling != Ratio::whole()) some.push_back(Withheld::sampling);
  if (can_be_refused(scenario, type)) some.push_back(Withheld::refused);
  return some;
}

bool reaches(const MadeFault& fault, const Emission& emission) {
  const Reach reach = fault.emission->reach();
  return emission.withheld == reach.withheld &&
         fault.where.matches(emission.seen, emission.source) &&
         (!reach.looks_closer || fault.emission->reaches(emission, Prng(emission.seen.user)));
}

bool strikes(const MadeFault& fault, const Scenario& scenario, std::uint16_t type, Source side) {
  for (std::uint64_t sample = 0; sample < samples; ++sample) {
    Emission emission = made_up(scenario, type, side, sample);
    for (const Withheld withheld : reasons(scenario, type)) {
      emission.withheld = withheld;
      emission.seen.consent = withheld == Withheld::consent ? Consent::denied : Consent::granted;
      emission.seen.sampled = withheld != Withheld::sampling;
      emission.seen.refused = withheld == Withheld::refused;
      if (reaches(fault, emission)) return true;
    }
  }
  return false;
}

}  // namespace

Result<std::vector<FaultReach>> fault_reach(const Scenario& scenario) {
  std::vector<FaultReach> all;
  for (const FaultPlan& plan : scenario.faults) {
    auto made = make_fault(plan, {scenario, scenario.time.start});
    if (!made) return made.error();
    auto selector =
        Selector::make(plan.selector, default_side(plan.fault), scenario.time.start, Prng(0));
    if (!selector) return selector.error();
    FaultReach& reach = all.emplace_back();
    reach.wire = made->wire != nullptr;
    for (std::uint16_t type = 0; type < scenario.plan.actions.size(); ++type) {
      FaultReach::Sides& sides = reach.actions.emplace_back();
      for (const Source side : both_sources) {
        if (!scenario.plan.actions[type].emits(side) || !selector->takes(side) ||
            selector->narrow(type, side, scenario.plan).never())
          continue;
        sides.of[static_cast<std::size_t>(side)] =
            made->emission == nullptr || strikes(*made, scenario, type, side);
      }
    }
  }
  return all;
}

}  // namespace parallax
