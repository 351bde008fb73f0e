// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/scenario/compile.h"

namespace parallax {
namespace {

std::uint16_t page_index(std::vector<std::string>& pages, std::string_view page) {
  const auto held = std::find(pages.begin(), pages.end(), page);
  const auto index = static_cast<std::uint16_t>(held - pages.begin());
  if (held == pages.end()) pages.emplace_back(page);
  return index;
}

void compile_next(Compiler& compiler, const Node& next, const std::vector<std::string>& states,
                  StatePlan& state) {
  if (!next) state.next.push_back({StatePlan::leaves, 1});
  std::vector<std::string_view> known = views(states);
  known.emplace_back("leave");
  for (std::size_t i = 0; i < next.size() && next.is(Json::Kind::object); ++i) {
    const auto at = std::find(known.begin(), known.end(), next.name(i));
    if (at == known.end()) {
      compiler.problems.unknown(next.at(i), next.name(i), "a state of this journey", known);
      continue;
    }
    const auto index = static_cast<std::uint32_t>(at - known.begin());
    const auto weight = static_cast<std::uint32_t>(integer_of(next.at(i)).value_or(1));
    state.next.push_back({index == states.size() ? StatePlan::leaves : index, weight});
  }
}

void compile_state(Compiler& compiler, const Node& node, const std::vector<std::string>& states,
                   StatePlan& state) {
  if (state.name == "leave")
    compiler.problems.error(node, "a state called leave",
                            "another name: leave is the end of a session", "");
  state.does = compiler.action(node["does"]);
  std::string page = state.name;
  read_text(node["page"], page);
  state.page = page_index(compiler.plan().pages, page);
  read_duration(node["think"], state.think);
  state.wait = duration_of(node["wait"]);
  if (node["wait"] && node["think"])
    compiler.problems.error(node, "both wait and think", "one of them", "");
  compile_next(compiler, node["next"], states, state);
}

/// Grows `reached` until nothing changes: forwards along `next` from the start, or backwards from
/// leaving.
std::vector<bool> closure(const JourneyPlan& journey, std::vector<bool> reached, bool forwards) {
  for (bool grew = true; grew;) {
    grew = false;
    for (std::size_t from = 0; from < journey.states.size(); ++from)
      for (const Weighted& branch : journey.states[from].next) {
        const bool leaves = branch.index == StatePlan::leaves;
        if (forwards && (leaves || !reached[from] || reached[branch.index])) continue;
        if (!forwards && (reached[from] || (!leaves && !reached[branch.index]))) continue;
        reached[forwards ? branch.index : from] = true;
        grew = true;
      }
  }
  return reached;
}

void check_states(Compiler& compiler, const Node& states, const JourneyPlan& journey) {
  std::vector<bool> start(journey.states.size());
  start[journey.start] = true;
  const std::vector<bool> reached = closure(journey, std::move(start), true);
  const std::vector<bool> leaving =
      closure(journey, std::vector<bool>(journey.states.size()), false);
  const std::string& first = journey.states[journey.start].name;
  for (std::size_t i = 0; i < journey.states.size(); ++i) {
    if (!reached[i])
      compiler.problems.error(states.at(i), "a state that is never reached",
                              "a way to it from the start, " + first, "");
    if (reached[i] && !leaving[i])
      compiler.problems.error(states.at(i), "a state that can never leave",
                              "a way from it to leave", "");
  }
}

void compile_journey(Compiler& compiler, const Node& node, const std::string& name) {
  JourneyPlan& journey = compiler.scenario.journeys.emplace_back();
  journey.name = name;
  read_integer(node["weight"], journey.weight);
  journey.follows = compiler.action(node["follows"]);
  read_integer(node["steps_max"], journey.steps_max);
  const Node states = node["states"];
  if (!states.is(Json::Kind::object) || states.size() == 0) return;
  const std::vector<std::string>& names = states.json().names;
  const std::size_t before = compiler.problems.list().size();
  for (std::size_t i = 0; i < names.size(); ++i) {
    journey.states.emplace_back().name = names[i];
    compile_state(compiler, states.at(i), names, journey.states.back());
  }
  if (const Node start = node["start"]; start.is(Json::Kind::text)) {
    const auto at = std::find(names.begin(), names.end(), start.word());
    if (at == names.end())
      return compiler.problems.unknown(start, start.word(), "a state of this journey",
                                       views(names));
    journey.start = static_cast<std::uint32_t>(at - names.begin());
  }
  // A misspelt branch would make its state look unreachable as well: one mistake, one message.
  if (compiler.problems.list().size() == before) check_states(compiler, states, journey);
}

}  // namespace

void compile_journeys(Compiler& compiler, const Node& journeys) {
  if (!journeys.is(Json::Kind::object)) return;
  for (std::size_t i = 0; i < journeys.size(); ++i)
    compile_journey(compiler, journeys.at(i), journeys.name(i));
  check_processes(compiler, journeys);
}

}  // namespace parallax
