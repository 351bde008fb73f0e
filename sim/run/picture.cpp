// SPDX-License-Identifier: Apache-2.0
#include "sim/run/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fault/fault.h"
#include "fault/reach.h"
#include "sim/journey/visits.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

using Reach = std::vector<FaultReach>;

bool hits_any(const FaultReach& reach, std::uint16_t type) {
  return reach.actions[type].of[0] || reach.actions[type].of[1];
}

void describe_action(const Scenario& scenario, const Reach& reach, std::uint16_t type,
                     StatePicture& state) {
  const ActionPlan& plan = scenario.plan.actions[type];
  state.does += (state.does.empty() ? "" : " > ") + plan.name;
  state.client |= plan.client;
  state.server |= plan.server;
  for (std::size_t i = 0; i < reach.size(); ++i) {
    const bool known = std::find(state.faults.begin(), state.faults.end(), i) != state.faults.end();
    if (!known && hits_any(reach[i], type)) state.faults.push_back(i);
  }
}

StatePicture state_of(const Scenario& scenario, const Reach& reach, const StatePlan& plan) {
  StatePicture state;
  state.name = plan.name;
  if (plan.does) {
    describe_action(scenario, reach, *plan.does, state);
    if (const auto result = scenario.actions[*plan.does].result)
      describe_action(scenario, reach, *result, state);
    std::sort(state.faults.begin(), state.faults.end());
  }
  double whole = 0;
  for (const Weighted& branch : plan.next) whole += branch.weight;
  for (const Weighted& branch : plan.next) {
    if (branch.index == StatePlan::leaves) {
      state.leaves += branch.weight / whole;
    } else {
      state.next.push_back({branch.index, branch.weight / whole});
    }
  }
  // Where everybody leaves, the time until then is nobody's.
  if (!state.next.empty())
    state.pause = plan.wait ? format_duration(*plan.wait) : "~" + format_duration(plan.think);
  return state;
}

JourneyPicture journey_of(const Scenario& scenario, const Reach& reach, const JourneyPlan& plan) {
  JourneyPicture journey;
  journey.name = plan.name;
  journey.start = plan.start;
  const std::vector<double> visits = expected_visits(plan);
  for (std::size_t i = 0; i < plan.states.size(); ++i) {
    journey.states.push_back(state_of(scenario, reach, plan.states[i]));
    journey.states.back().visits = visits[i];
    const auto& does = plan.states[i].does;
    if (does) journey.actions += visits[i] * (scenario.actions[*does].result ? 2 : 1);
  }
  return journey;
}

/// Share of such actions that the backend grants; whether it is asked at all is the action's own.
Ratio granted(const Scenario& scenario, std::uint16_t type) {
  for (const ActionChoice& choice : scenario.actions)
    if (choice.result == type) return choice.succeeds;
  return scenario.actions[type].result ? Ratio::whole() : scenario.actions[type].succeeds;
}

ActionPicture action_of(const Scenario& scenario, std::uint16_t type) {
  const ActionPlan& plan = scenario.plan.actions[type];
  ActionPicture action;
  action.name = plan.name;
  action.client = plan.client;
  action.server = plan.server;
  for (const FieldPlan& field : plan.fields) {
    std::string& owns = field.owner == Source::client ? action.client_owns : action.server_owns;
    owns += (owns.empty() ? "" : ", ") + field.name + (field.required ? "!" : "");
  }
  if (plan.confirmed_by) action.note = std::string(name_of(*plan.confirmed_by)) + " decides";
  if (const Ratio share = granted(scenario, type); share != Ratio::whole())
    action.note += (action.note.empty() ? "" : ", ") + format_ratio(share) + " granted";
  return action;
}

std::string choice_text(const SelectorPlan& selector, const Scenario& scenario, bool ad_block,
                        bool wire) {
  static constexpr std::string_view wholes[] = {"emissions", "sessions", "devices", "users",
                                                "hosts"};
  const std::string_view whole = wire && selector.scope == SelectorPlan::Scope::emission
                                     ? "attempts"
                                     : wholes[static_cast<std::size_t>(selector.scope)];
  switch (selector.choice) {
    case SelectorPlan::Choice::all:
      return ad_block ? format_ratio(scenario.population.ad_blocker.share) + " of users"
                      : "all " + std::string(whole);
    case SelectorPlan::Choice::rate:
      return fmt::format("{} of {}", format_ratio(selector.rate), whole);
    case SelectorPlan::Choice::burst:
      return fmt::format("{} in runs of {}", format_ratio(selector.rate), selector.burst_length) +
             (selector.inside == Ratio::whole() && selector.outside == Ratio::zero()
                  ? ""
                  : fmt::format(", {} of it and {} of the rest", format_ratio(selector.inside),
                                format_ratio(selector.outside)));
    case SelectorPlan::Choice::nth:
      return fmt::format("one in {} of a user", selector.nth);
    case SelectorPlan::Choice::ids:
      return fmt::format("{} named ids", selector.ids.size());
  }
  return {};
}

/// ", with clock_skew": the faults that must have struck before.
std::string company_text(const Scenario& scenario, const SelectorPlan& selector) {
  std::string text;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    if ((selector.with >> i & 1U) != 0)
      text += (text.empty() ? ", with " : " and ") + scenario.faults[i].name;
  return text;
}

std::string span_text(const SelectorPlan& selector) {
  const bool open = selector.until == end_of_time.since_epoch;
  if (selector.from == 0 && open) return "";
  return ", when " + format_duration(selector.from) + ".." +
         (open ? "" : format_duration(selector.until));
}

std::string strikes_text(const Scenario& scenario, const FaultReach& reach) {
  std::string text;
  for (const Source side : both_sources) {
    std::string names;
    bool all = true;
    for (std::uint16_t type = 0; type < reach.actions.size(); ++type) {
      const ActionPlan& plan = scenario.plan.actions[type];
      if (!plan.emits(side)) continue;
      const bool struck = reach.actions[type].of[static_cast<std::size_t>(side)];
      all &= struck;
      if (struck) names += (names.empty() ? "" : ", ") + plan.name;
    }
    if (!names.empty())
      text +=
          (text.empty() ? "" : "; ") + std::string(name_of(side)) + ": " + (all ? "all" : names);
  }
  return text.empty() ? "nothing" : text;
}

/// "queue", "after_commit and before_send".
std::string points_text(const FaultPlan& plan) {
  std::string text;
  for (const StrikePlace& place : places_of(plan))
    text.append(text.empty() ? "" : " and ").append(name_of(place.point));
  return text;
}

FaultPicture fault_of(const Scenario& scenario, const FaultPlan& plan, const FaultReach& reach) {
  FaultPicture fault;
  fault.name = plan.name;
  fault.kind = plan.fault;
  const bool as_population = plan.fault == "ad_block";
  fault.hits = choice_text(plan.selector, scenario, as_population, reach.wire);
  fault.hits += company_text(scenario, plan.selector) + span_text(plan.selector);
  const std::string& where = as_population && plan.selector.where.matches_everything()
                                 ? scenario.population.ad_blocker.where.text()
                                 : plan.selector.where.text();
  if (!where.empty()) fault.hits += ", where " + where;
  fault.points = points_text(plan);
  fault.strikes = strikes_text(scenario, reach);
  return fault;
}

AssertionPicture assertion_of(const Scenario& scenario, const AssertionPlan& plan) {
  AssertionPicture assertion;
  assertion.name = plan.name;
  std::string& says = assertion.says;
  const auto add = [&says](const std::string& part) { says += (says.empty() ? "" : ", ") + part; };
  const auto& actions = scenario.plan.actions;
  if (plan.between_millionths)
    add((plan.per ? actions[*plan.of].name + " per " + actions[*plan.per].name
                  : std::string("client per server")) +
        fmt::format(" {:g} .. {:g}", static_cast<double>(plan.between_millionths->first) / 1e6,
                    static_cast<double>(plan.between_millionths->second) / 1e6));
  for (const auto& [share, bound] : plan.at_most)
    add(fmt::format("{} within {} from {} to {}", format_ratio(share), format_duration(bound),
                    name_of(plan.from), name_of(plan.to)));
  if (plan.id) add(fmt::format("{} ids", name_of(*plan.id)));
  if (plan.rate) add("rate " + format_ratio(*plan.rate));
  if (plan.each_side) add("each side by itself");
  if (plan.objective != Ratio::zero()) add("at least " + format_ratio(plan.objective));
  if (plan.baseline)
    add(fmt::format("against the baseline {}..{}", format_duration(plan.baseline->first),
                    plan.baseline->second == end_of_time.since_epoch
                        ? ""
                        : format_duration(plan.baseline->second)));
  if (plan.within != Ratio::zero()) add("within " + format_ratio(plan.within));
  if (plan.by) add(*plan.by == hour ? "by hour" : "by day");
  if (plan.by_attribute) add("by " + plan.by_attribute->name);
  if (!plan.where.matches_everything()) add("where " + plan.where.text());
  for (const auto& allowed : plan.allow)
    add(fmt::format("allows {} {}{}{}", format_ratio(allowed.share), allowed.verdict,
                    allowed.cause.empty() ? "" : "/", allowed.cause));
  if (plan.expect_verdict) add("expected to " + *plan.expect_verdict);
  return assertion;
}

/// The day alone where the run begins with it.
std::string start_text(SimTime start) {
  const std::string text = to_rfc3339(start);
  return start == start.floor(day) ? text.substr(0, 10) : text;
}

std::string setting_of(const Scenario& scenario) {
  const PopulationPlan& population = scenario.population;
  static constexpr std::string_view curves[] = {"at every hour alike", "retail-week",
                                                "office-week"};
  return fmt::format("{} users, {:g} sessions each a day ({}), {} from {}",
                     report_text::with_thousands(population.users),
                     static_cast<double>(population.sessions.per_user_day_millionths) / 1e6,
                     curves[static_cast<std::size_t>(population.sessions.curve)],
                     format_duration(scenario.time.length), start_text(scenario.time.start));
}

}  // namespace

Result<ScenarioPicture> picture_of(const Scenario& scenario) {
  const auto reach = fault_reach(scenario);
  if (!reach) return reach.error();
  ScenarioPicture picture;
  picture.name = scenario.name;
  picture.about = scenario.about;
  picture.setting = setting_of(scenario);
  picture.sessions = expected_sessions(scenario);
  const std::vector<double> counts = expected_actions(scenario);
  double weights = 0;
  for (const JourneyPlan& plan : scenario.journeys) weights += plan.follows ? 0 : plan.weight;
  for (const JourneyPlan& plan : scenario.journeys) {
    JourneyPicture& journey = picture.journeys.emplace_back(journey_of(scenario, *reach, plan));
    journey.share = plan.weight / weights;
    if (!plan.follows) continue;
    journey.follows = scenario.plan.actions[*plan.follows].name;
    journey.share =
        counts[*plan.follows] / picture.sessions * granted(scenario, *plan.follows).value();
  }
  for (std::uint16_t type = 0; type < scenario.plan.actions.size(); ++type) {
    picture.actions.push_back(action_of(scenario, type));
    picture.actions.back().in_run = counts[type];
  }
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    picture.faults.push_back(fault_of(scenario, scenario.faults[i], (*reach)[i]));
  for (const AssertionPlan& plan : scenario.assertions)
    picture.assertions.push_back(assertion_of(scenario, plan));
  return picture;
}

std::string numbers_text(const std::vector<std::size_t>& indices) {
  std::string out;
  for (std::size_t i = 0; i < indices.size();) {
    std::size_t end = i;
    while (end + 1 < indices.size() && indices[end + 1] == indices[end] + 1) ++end;
    out += (out.empty() ? "" : " ") + std::to_string(indices[i] + 1);
    if (end > i) out += (end > i + 1 ? "-" : " ") + std::to_string(indices[end] + 1);
    i = end + 1;
  }
  return out;
}

std::string share_text(double share) {
  const double per_cent = share * 100;
  if (share > 0 && per_cent < 0.1) return "<0.1%";
  const bool whole = per_cent >= 9.95 || std::abs(per_cent - std::round(per_cent)) < 0.05;
  return whole ? fmt::format("{:.0f}%", per_cent) : fmt::format("{:.1f}%", per_cent);
}

std::string mean_text(double mean) {
  if (mean == 0) return "0";
  return mean >= 99.5 ? fmt::format("{:.0f}", mean)
                      : fmt::format("{:.{}f}", mean,
                                    mean >= 9.95     ? 1
                                    : mean >= 0.0995 ? 2
                                                     : 3);
}

}  // namespace parallax
