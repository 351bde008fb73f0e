// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/scenario/compile.h"

namespace parallax {
namespace {

/// Event names as products write them ("$pageview", "Order Completed"); no dot, which parts action
/// and field in "purchase.revenue".
bool is_action_name(std::string_view name) {
  const auto fits = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '.' && c != '\'' && c != '"' &&
           c != '\x7f';
  };
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), fits);
}

void compile_action(Compiler& compiler, const Node& node, const std::string& name) {
  if (!is_action_name(name))
    compiler.problems.error(node, "\"" + name + "\"",
                            "a name of 1 .. 100 characters without dot and quotes", "");
  ActionPlan& plan = compiler.plan().actions.emplace_back();
  ActionChoice& choice = compiler.scenario.actions.emplace_back();
  plan.name = name;
  plan.client = false;
  const Node emits = node["emits"];
  for (std::size_t i = 0; i < emits.size(); ++i) {
    bool& side = emits.at(i).word() == "server" ? plan.server : plan.client;
    if (side) compiler.problems.error(emits.at(i), "each side once");
    side = true;
  }
  if (emits.size() == 0) plan.client = true;
  read_integer(node["schema_version"], plan.schema_version);
  const Node confirmed_by = node["confirmed_by"];
  if (confirmed_by) {
    plan.confirmed_by = confirmed_by.word() == "server" ? Source::server : Source::client;
    if (!plan.emits(*plan.confirmed_by))
      compiler.problems.error(confirmed_by, "a side that emits " + name);
  }
  read_ratio(node["succeeds"], choice.succeeds);
  read_duration(node["server_after"], choice.server_after);
  if (node["server_after"] && !plan.server && !node["result"])
    compiler.problems.warn(node["server_after"], shown(node["server_after"]),
                           "an action that the server emits: it has no effect here");
  compile_fields(compiler, node["fields"]);
}

/// Follows "result" from one action; true when it comes back to it.
bool runs_in_circle(const std::vector<ActionChoice>& actions, std::size_t from) {
  std::size_t at = from;
  for (std::size_t steps = 0; steps <= actions.size(); ++steps) {
    if (!actions[at].result) return false;
    at = *actions[at].result;
    if (at == from) return true;
  }
  return false;
}

bool any_action_has(const TrackingPlan& plan, std::string_view field) {
  return std::any_of(plan.actions.begin(), plan.actions.end(), [&](const ActionPlan& action) {
    return action.field_index(field).has_value();
  });
}

}  // namespace

std::optional<std::uint16_t> Compiler::action(const Node& name) {
  if (!name.is(Json::Kind::text)) return std::nullopt;
  const auto index = plan().action_index(name.word());
  if (!index) {
    std::vector<std::string_view> known;
    for (const ActionPlan& action : plan().actions) known.push_back(action.name);
    problems.unknown(name, name.word(), "an action of the tracking plan", known);
  }
  return index;
}

Predicate Compiler::predicate(const Node& where, bool allows_source) {
  if (!where.is(Json::Kind::text)) return {};
  auto parsed = Predicate::parse(where.word(), plan(), scenario.time.start, allows_source);
  if (parsed) return std::move(parsed).value();
  problems.error(where, "a condition: " + parsed.error().what);
  return {};
}

void compile_actions(Compiler& compiler, const Node& actions) {
  if (!actions.is(Json::Kind::object)) return;
  for (std::size_t i = 0; i < actions.size(); ++i)
    compile_action(compiler, actions.at(i), actions.name(i));
  auto& choices = compiler.scenario.actions;
  for (std::size_t i = 0; i < actions.size(); ++i)
    choices[i].result = compiler.action(actions.at(i)["result"]);
  for (std::size_t i = 0; i < actions.size(); ++i)
    if (runs_in_circle(choices, i)) {
      compiler.problems.error(actions.at(i)["result"], "an action that does not lead back here");
      choices[i].result.reset();
    }
}

namespace {

/// What of "identity" login_plan.h reads: that the actions are there, and that keys of a login come
/// with one.
void check_logins(Compiler& compiler, const Node& identity) {
  const auto login = compiler.action(identity["login"]);
  (void)compiler.action(identity["logout"]);
  for (const char* key : {"logout", "by", "reset", "alias", "persistence", "bootstrap"})
    if (identity[key] && !identity["login"])
      compiler.problems.error(identity[key], "\"" + std::string(key) + "\" without \"login\"",
                              "\"login\" beside it: without one everybody is known", "");
  if (login && !compiler.plan().actions[*login].client && identity["by"].word() != "cookie")
    compiler.problems.error(identity["login"],
                            "an action that the client emits: it is where the client learns it");
}

}  // namespace

void compile_identity(Compiler& compiler, const Node& actions, const Node& identity) {
  check_logins(compiler, identity);
  const Node policy = identity["event_id"];
  IdentityPlan& out = compiler.plan().identity;
  if (policy.word() == "independent") out.kind = IdentityPlan::Kind::independent;
  if (policy.word().substr(0, 8) != "derived:") return;
  out.kind = IdentityPlan::Kind::derived;
  out.derived_from = policy.word().substr(8);
  if (!any_action_has(compiler.plan(), out.derived_from))
    return compiler.problems.error(policy, "derived: and a field of some action");
  const std::string field = "field " + out.derived_from;
  for (std::size_t i = 0; i < compiler.plan().actions.size(); ++i) {
    const ActionPlan& action = compiler.plan().actions[i];
    if (!action.client || !action.server) continue;
    const auto index = action.field_index(out.derived_from);
    const bool unique =
        index && compiler.scenario.actions[i].fields[*index].kind == FieldChoice::Kind::unique;
    if (!index)
      compiler.problems.warn(actions.at(i), "no " + field,
                             field + " on every action that both sides emit: ids derive from it");
    if (index && !unique)
      compiler.problems.warn(actions.at(i), "a " + field + " that can repeat",
                             "\"unique\": ids derive from it, so two actions would share one");
  }
}

void check_use_of_actions(Compiler& compiler, const Node& actions) {
  // A misspelt "does" leaves its action unused as well: one mistake, one message.
  if (!actions.is(Json::Kind::object) || compiler.problems.any_error()) return;
  const Scenario& scenario = compiler.scenario;
  std::vector<bool> used(scenario.actions.size());
  for (const JourneyPlan& journey : scenario.journeys)
    for (const StatePlan& state : journey.states)
      for (auto does = state.does; does && !used[*does]; does = scenario.actions[*does].result)
        used[*does] = true;
  for (std::size_t i = 0; i < used.size(); ++i)
    if (!used[i])
      compiler.problems.warn(actions.at(i), "an action that nobody does",
                             "a journey's state with \"does\": \"" + actions.name(i) + "\"");
}

}  // namespace parallax
