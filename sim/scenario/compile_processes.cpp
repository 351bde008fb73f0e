// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/scenario/compile.h"

namespace parallax {
namespace {

/// The actions that a journey does, results included, each with the node of its state.
template <class Visit>
void for_each_action(const Compiler& compiler, std::size_t journey, const Node& states,
                     Visit visit) {
  const JourneyPlan& plan = compiler.scenario.journeys[journey];
  for (std::size_t i = 0; i < plan.states.size(); ++i)
    for (auto does = plan.states[i].does; does; does = compiler.scenario.actions[*does].result)
      visit(*does, states.at(i)["does"]);
}

bool same_values(const FieldPlan& a, const FieldPlan& b) {
  return a.type == b.type && a.form.kind == b.form.kind && a.form.prefix == b.form.prefix &&
         a.form.texts == b.form.texts;
}

/// A value is passed on as its code, which another list of texts would read as another text.
void check_passed_on(Compiler& compiler, const ActionPlan& from, const ActionPlan& to,
                     const Node& at) {
  for (const FieldPlan& field : to.fields) {
    const auto same = from.field_index(field.name);
    if (!same || same_values(from.fields[*same], field)) continue;
    compiler.problems.error(
        at, "\"" + to.name + "\", whose " + field.name + " differs from that of " + from.name,
        "the same type and values in both: it takes the value of the action it follows", "");
  }
}

void check_process(Compiler& compiler, std::size_t journey, const Node& node) {
  const JourneyPlan& plan = compiler.scenario.journeys[journey];
  if (node["weight"])
    compiler.problems.error(node["weight"], "\"weight\" beside \"follows\"",
                            "one of them: a process of the server is no share of the sessions", "");
  for_each_action(compiler, journey, node["states"], [&](std::uint16_t does, const Node& at) {
    const ActionPlan& action = compiler.plan().actions[does];
    if (action.client)
      compiler.problems.error(at, "\"" + action.name + "\", which the client emits",
                              "an action that only the server emits: no client is there", "");
    check_passed_on(compiler, compiler.plan().actions[*plan.follows], action, at);
  });
}

/// Whether the actions that come of `action`, one process after the other, bring it about again.
bool comes_of_itself(const Compiler& compiler, const Node& journeys, std::uint16_t action) {
  const auto& plans = compiler.scenario.journeys;
  std::vector<bool> comes(compiler.scenario.actions.size());
  std::vector<bool> taken(plans.size());
  for (bool grew = true; grew;) {
    grew = false;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      if (taken[i] || !plans[i].follows) continue;
      if (*plans[i].follows != action && !comes[*plans[i].follows]) continue;
      taken[i] = grew = true;
      for_each_action(compiler, i, journeys.at(i)["states"],
                      [&](std::uint16_t does, const Node&) { comes[does] = true; });
    }
  }
  return comes[action];
}

}  // namespace

void check_processes(Compiler& compiler, const Node& journeys) {
  const auto& plans = compiler.scenario.journeys;
  if (compiler.problems.any_error() || plans.empty()) return;
  const auto follows = [](const JourneyPlan& plan) { return plan.follows.has_value(); };
  if (std::all_of(plans.begin(), plans.end(), follows))
    compiler.problems.error(journeys, "only journeys that follow an action",
                            "a journey that users begin", "");
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (!plans[i].follows) continue;
    check_process(compiler, i, journeys.at(i));
    if (comes_of_itself(compiler, journeys, *plans[i].follows))
      compiler.problems.error(journeys.at(i)["follows"],
                              "an action that does not come of this journey again: it would never "
                              "end; go round inside the journey instead");
  }
}

}  // namespace parallax
