// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "sim/scenario/compile.h"
#include "sim/scenario/shape.h"

namespace parallax {
namespace {

using Choice = SelectorPlan::Choice;

void compile_choice(Compiler& compiler, const Node& node, SelectorPlan& out) {
  static constexpr std::array<std::pair<std::string_view, Choice>, 4> choices{
      {{"rate", Choice::rate},
       {"burst", Choice::burst},
       {"nth", Choice::nth},
       {"ids", Choice::ids}}};
  std::string_view first;
  for (const auto& [key, choice] : choices) {
    if (!node[key]) continue;
    if (!first.empty())
      return compiler.problems.error(
          node[key], "\"" + std::string(key) + "\" beside \"" + std::string(first) + "\"",
          "one of rate, burst, nth and ids", "");
    first = key;
    out.choice = choice;
  }
  read_ratio(node["rate"], out.rate);
  read_ratio(node["burst"]["rate"], out.rate);
  read_integer(node["burst"]["length"], out.burst_length);
  read_ratio(node["burst"]["inside"], out.inside);
  read_ratio(node["burst"]["outside"], out.outside);
  read_integer(node["nth"], out.nth);
  const Node ids = node["ids"];
  for (std::size_t i = 0; i < ids.size(); ++i) out.ids.emplace_back(ids.at(i).word());
  std::sort(out.ids.begin(), out.ids.end());
  if (out.choice == Choice::burst && out.rate == Ratio::whole() && out.burst_length > 1)
    compiler.problems.error(node["burst"]["rate"], "a share below 1: bursts have ends");
}

SelectorPlan::Scope scope_of(std::string_view per, SelectorPlan::Scope fallback) {
  if (per == "emission") return SelectorPlan::Scope::emission;
  if (per == "session") return SelectorPlan::Scope::session;
  if (per == "device") return SelectorPlan::Scope::device;
  if (per == "user") return SelectorPlan::Scope::user;
  if (per == "host") return SelectorPlan::Scope::host;
  return fallback;
}

const FaultKind* kind_of(const Compiler& compiler, std::string_view name) {
  const auto kind = std::find_if(compiler.faults.begin(), compiler.faults.end(),
                                 [&](const FaultKind& known) { return known.name == name; });
  return kind != compiler.faults.end() ? &*kind : nullptr;
}

/// Faults strike in the order of the scenario, emissions before attempts: only what comes before
/// can have struck already.
void compile_companion(Compiler& compiler, const Node& name, bool wire, SelectorPlan& out) {
  using Meets = StrikePlace::Meets;
  std::vector<std::string_view> before;
  const std::vector<FaultPlan>& plans = compiler.scenario.faults;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const auto places = places_of(*kind_of(compiler, plans[i].fault), plans[i]);
    if (!meets(places, Meets::emission) && !(wire && meets(places, Meets::attempt))) continue;
    if (plans[i].name == name.word()) {
      out.with |= std::uint64_t{1} << i;
      return;
    }
    before.push_back(plans[i].name);
  }
  compiler.problems.unknown(name, name.word(),
                            wire ? "a fault before this one" : "an emission fault before this one",
                            before);
}

void compile_with(Compiler& compiler, const Node& node, std::span<const StrikePlace> places,
                  SelectorPlan& out) {
  const Node with = node["with"];
  if (with && meets(places, StrikePlace::Meets::host))
    return compiler.problems.error(
        with, "\"with\"", "none: a page or process is struck before its emissions are", "");
  const bool wire = meets(places, StrikePlace::Meets::attempt);
  if (!with.is(Json::Kind::list)) {
    if (with) compile_companion(compiler, with, wire, out);
    return;
  }
  for (std::size_t i = 0; i < with.size(); ++i) compile_companion(compiler, with.at(i), wire, out);
}

void compile_selector(Compiler& compiler, const Node& node, const FaultKind& kind,
                      FaultPlan& plan) {
  SelectorPlan& out = plan.selector;
  out.scope = scope_of(node["per"].word(), kind.scope);
  out.side = kind.side;
  const Node side = node["side"];
  if (side) out.side = side.word() == "server" ? Source::server : Source::client;
  const bool allows_source = true;
  out.where = compiler.predicate(node["where"], allows_source);
  const Node when = node["when"];
  if (const auto span = parse_span(when.word())) {
    out.from = span->from;
    out.until = span->until;
  }
  if (when && out.from >= compiler.scenario.time.length)
    compiler.problems.warn(when, shown(when),
                           "a span that begins within the run's " +
                               format_duration(compiler.scenario.time.length) +
                               ": it never strikes");
  compile_choice(compiler, node, out);
  compile_with(compiler, node, places_of(kind, plan), out);
}

void check_side_emits(Compiler& compiler, const Node& node, const SelectorPlan& selector) {
  if (!selector.side) return;
  const auto& actions = compiler.plan().actions;
  const bool emits = std::any_of(actions.begin(), actions.end(), [&](const ActionPlan& action) {
    return action.emits(*selector.side);
  });
  const std::string side(name_of(*selector.side));
  if (!emits)
    compiler.problems.warn(node, "a fault of the " + side,
                           "an action that the " + side + " emits: it never strikes");
}

ParamValue compile_spread(const Node& node, ParamValue out) {
  if (const auto span = duration_of(node)) {
    out.number = *span;
    return out;
  }
  if (!node.is(Json::Kind::object) || node.size() == 0) return out;
  out.distribution = node.name(0);
  const Node inner = node.at(0);
  if (const auto mean = duration_of(inner)) out.numbers = {*mean};
  for (std::size_t i = 0; i < inner.size(); ++i)
    out.numbers.push_back(duration_of(inner.at(i)).value_or(0));
  return out;
}

ParamValue compile_param(const Node& node, const ParamKind& kind) {
  ParamValue out;
  out.name = kind.name;
  switch (kind.type) {
    case ParamKind::Type::duration:
    case ParamKind::Type::distribution:
      return compile_spread(node, std::move(out));
    case ParamKind::Type::ratio:
      out.number = ratio_of(node).value_or(Ratio{}).parts;
      break;
    case ParamKind::Type::integer:
    case ParamKind::Type::cut:
      out.number = integer_of(node).value_or(0);
      break;
    case ParamKind::Type::word:
    case ParamKind::Type::text:
    case ParamKind::Type::action:
    case ParamKind::Type::field:
    case ParamKind::Type::other_name:
      out.text = node.word();
      break;
  }
  return out;
}

/// A point that the kind does not have is refused by its shape.
void compile_params(const Node& node, const FaultKind& kind, FaultPlan& out) {
  if (const auto at = point_param(kind)) {
    const Node point = node[at->name];
    if (std::find(at->words.begin(), at->words.end(), point.word()) != at->words.end())
      out.params.push_back(compile_param(point, *at));
  }
  for (const ParamKind& param : kind.params)
    if (const Node value = node[param.name]) out.params.push_back(compile_param(value, param));
}

/// "kind" for the first of its kind, "kind-2" for the second: naming one moves no other's name, on
/// which its random streams hang.
std::string default_name(const std::vector<FaultPlan>& before, const std::string& kind) {
  const auto same = std::count_if(before.begin(), before.end(),
                                  [&](const FaultPlan& plan) { return plan.fault == kind; });
  return same == 0 ? kind : kind + "-" + std::to_string(same + 1);
}

void check_name(Compiler& compiler, const Node& node, const FaultPlan& plan) {
  for (const FaultPlan& other : compiler.scenario.faults)
    if (other.name == plan.name)
      compiler.problems.error(node["name"] ? node["name"] : node, "\"" + plan.name + "\" again",
                              "a name that no other fault has", "");
}

}  // namespace

const ParamValue* FaultPlan::param(std::string_view key) const {
  const auto at = std::find_if(params.begin(), params.end(),
                               [&](const ParamValue& value) { return value.name == key; });
  return at == params.end() ? nullptr : &*at;
}

void compile_faults(Compiler& compiler, const Node& faults) {
  if (!faults.is(Json::Kind::list)) return;
  for (std::size_t i = 0; i < faults.size() && i < max_faults; ++i) {
    const Node node = faults.at(i);
    const FaultKind* const kind = kind_of(compiler, node["fault"].word());
    if (kind == nullptr) continue;
    FaultPlan plan;
    plan.fault = kind->name;
    plan.name = default_name(compiler.scenario.faults, plan.fault);
    read_text(node["name"], plan.name);
    read_flag(node["may_miss"], plan.may_miss);
    compile_params(node, *kind, plan);
    compile_selector(compiler, node, *kind, plan);
    check_side_emits(compiler, node, plan.selector);
    compile_appearance(compiler, node, *kind);
    check_name(compiler, node, plan);
    compiler.scenario.faults.push_back(std::move(plan));
  }
}

}  // namespace parallax
