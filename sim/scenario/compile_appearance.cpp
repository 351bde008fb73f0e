// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "sim/scenario/compile.h"

namespace parallax {
namespace {

using Type = ParamKind::Type;

/// The fault's value of that type, where its kind has one and the scenario gives it.
Node value_of(const Node& fault, const FaultKind& kind, Type type) {
  for (const ParamKind& param : kind.params)
    if (param.type == type) return fault[param.name];
  return Node(nullptr);
}

std::vector<std::string_view> field_names(const TrackingPlan& plan) {
  std::vector<std::string_view> names;
  for (const ActionPlan& action : plan.actions)
    for (const FieldPlan& field : action.fields) names.push_back(field.name);
  return names;
}

/// One fault names a thing, or all that do give it the same name: an emission only says that it is
/// called otherwise.
void rename(Compiler& compiler, const Node& at, std::string& other_name) {
  const std::string name(at.word());
  if (!other_name.empty() && other_name != name)
    return compiler.problems.error(at, "\"" + name + "\"",
                                   "\"" + other_name + "\", as another fault calls it", "");
  other_name = name;
}

void rename_action(Compiler& compiler, const Node& at, std::uint16_t action) {
  for (std::size_t i = 0; i < compiler.plan().actions.size(); ++i) {
    const ActionPlan& other = compiler.plan().actions[i];
    if (other.name == at.word() || (i != action && other.other_name == at.word()))
      return compiler.problems.error(at, "\"" + std::string(at.word()) + "\"",
                                     "a name that no other event has", "");
  }
  rename(compiler, at, compiler.plan().actions[action].other_name);
}

void rename_field(Compiler& compiler, const Node& at, std::string_view field) {
  for (ActionPlan& action : compiler.plan().actions) {
    const auto index = action.field_index(field);
    if (!index) continue;
    if (action.field_index(at.word()))
      return compiler.problems.error(at, "\"" + std::string(at.word()) + "\"",
                                     "a name that no field of " + action.name + " has", "");
    rename(compiler, at, action.fields[*index].other_name);
  }
}

void cut_field(Compiler& compiler, const Node& at, std::string_view field) {
  const auto length = static_cast<std::uint16_t>(std::clamp<std::int64_t>(
      integer_of(at).value_or(1), 1, std::numeric_limits<std::uint16_t>::max()));
  for (ActionPlan& action : compiler.plan().actions) {
    const auto index = action.field_index(field);
    if (!index) continue;
    std::uint16_t& cut_to = action.fields[*index].cut_to;
    if (cut_to != 0 && cut_to != length)
      return compiler.problems.error(at, std::to_string(cut_to) + ", as another fault cuts it");
    cut_to = length;
  }
}

}  // namespace

void compile_appearance(Compiler& compiler, const Node& fault, const FaultKind& kind) {
  const auto action = compiler.action(value_of(fault, kind, Type::action));
  const Node field = value_of(fault, kind, Type::field);
  const auto names = field_names(compiler.plan());
  if (field && std::find(names.begin(), names.end(), field.word()) == names.end())
    return compiler.problems.unknown(field, field.word(), "a field of the tracking plan", names);
  const Node other_name = value_of(fault, kind, Type::other_name);
  if (other_name && other_name.word().empty())
    return compiler.problems.error(other_name, "an empty name", "a name", "");
  if (other_name && action) rename_action(compiler, other_name, *action);
  if (other_name && field) rename_field(compiler, other_name, field.word());
  if (const Node cut = value_of(fault, kind, Type::cut); cut && field)
    cut_field(compiler, cut, field.word());
}

}  // namespace parallax
