// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string_view>

#include "sim/scenario/node.h"
#include "sim/scenario/scenario.h"

/// The second pass over a scenario: from a document whose shape has been checked to plain structs.
/// Whatever has the wrong shape is skipped here, and what is wrong between parts (an action that
/// does not exist, a state that cannot be reached) is reported. One function a part, in the order
/// of their dependence.
namespace parallax {

struct Compiler {
  Scenario& scenario;
  Problems& problems;
  std::span<const FaultKind> faults;

  TrackingPlan& plan() { return scenario.plan; }
  /// The index of an action by name; reports an unknown one.
  std::optional<std::uint16_t> action(const Node& name);
  /// The predicate at the node, or the one that matches everything.
  Predicate predicate(const Node& where, bool allows_source);
};

void compile_time(Compiler& compiler, const Node& time);
/// Traits, context and currencies, on which actions and predicates stand.
void compile_traits(Compiler& compiler, const Node& population);
void compile_actions(Compiler& compiler, const Node& actions);
/// The fields of actions.back() of both lists.
void compile_fields(Compiler& compiler, const Node& fields);
void compile_identity(Compiler& compiler, const Node& actions, const Node& identity);
void compile_sdk(Compiler& compiler, const Node& sdk);
/// Journeys; names the pages.
void compile_journeys(Compiler& compiler, const Node& journeys);
/// What journeys that follow an action must keep to.
void check_processes(Compiler& compiler, const Node& journeys);
/// Warns of actions that no journey does.
void check_use_of_actions(Compiler& compiler, const Node& actions);
/// The rest of the population: needs the whole plan for its predicates.
void compile_population(Compiler& compiler, const Node& population);
void compile_faults(Compiler& compiler, const Node& faults);
/// What one fault calls events and fields, and where it cuts texts: kept in the plan, since all who
/// write and read events must know. Reports names that the plan does not have.
void compile_appearance(Compiler& compiler, const Node& fault, const FaultKind& kind);
void compile_assertions(Compiler& compiler, const Node& assertions);
void compile_deploys(Compiler& compiler, const Node& deploys);
/// What is of one kind of assertion alone; `out.that` and `out.of` are read already.
void compile_assertion_keys(Compiler& compiler, const Node& node, AssertionPlan& out);
/// "purchase.revenue": the action, and the field behind the last dot, among the fields of a type
/// that `fits`; `what` says of them what they can.
void compile_field_of(Compiler& compiler, const Node& of, std::string_view what,
                      bool (*fits)(FieldType), AssertionPlan& out);
/// Warns of what cannot be seen at the scenario's pace and sent_at.
void check_visibility(Compiler& compiler, const Node& root);

/// A map of weights: the names in order and their weights with index 0, 1, ...
std::vector<Weighted> weights_of(const Node& pick);

/// Whether a trait or field may have this name; reports what it cannot be.
bool check_plan_name(Compiler& compiler, const Node& at, std::string_view name);

/// {"by": TRAIT, VALUE: ..., "else": ...} as the member for each value of the trait, in its order.
struct TraitMembers {
  std::size_t trait = 0;
  std::vector<Node> members;
};
/// Reports an unknown trait or value, and a value without member.
std::optional<TraitMembers> trait_members(Compiler& compiler, const Node& object);

}  // namespace parallax
