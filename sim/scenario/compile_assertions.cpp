// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/scenario/compile.h"

namespace parallax {
namespace {

/// "purchase.revenue": the action, and the field behind the last dot.
void compile_field_of(Compiler& compiler, const Node& of, AssertionPlan& out) {
  const std::string_view whole = of.word();
  const auto dot = whole.rfind('.');
  if (dot == std::string_view::npos) {
    if (of) compiler.problems.error(of, "ACTION.FIELD, such as purchase.revenue");
    return;
  }
  std::vector<std::string> known;
  for (const ActionPlan& action : compiler.plan().actions)
    for (const FieldPlan& field : action.fields)
      if (field.type == FieldType::money || field.type == FieldType::integer ||
          field.type == FieldType::number)
        known.push_back(action.name + "." + field.name);
  if (std::find(known.begin(), known.end(), whole) == known.end())
    return compiler.problems.unknown(of, whole, "a field of an action that can be added up",
                                     views(known));
  out.of = compiler.plan().action_index(whole.substr(0, dot));
  out.field = compiler.plan().actions[*out.of].field_index(whole.substr(dot + 1));
}

void read_band(Compiler& compiler, const Node& band, AssertionPlan& out) {
  if (band.size() != 2) return;
  const auto low = millionths_of(band.at(0));
  const auto high = millionths_of(band.at(1));
  if (!low || !high) return;
  if (*low > *high)
    compiler.problems.error(band, write_json_line(band.json()), "the lower end first", "");
  out.between_millionths = {*low, *high};
}

void compile_ratio(Compiler& compiler, const Node& node, AssertionPlan& out) {
  const Node sides = node["client_per_server"];
  const Node per = node["per"];
  const Node between = node["between"];
  if (bool(sides) == bool(per) || bool(per) != bool(between))
    return compiler.problems.error(node, "a ratio of neither one kind nor the other",
                                   "\"client_per_server\" alone, or \"per\" with \"between\"", "");
  read_band(compiler, sides ? sides : between, out);
  out.per = compiler.action(per);
  if (!sides || !out.of) return;
  const ActionPlan& action = compiler.plan().actions[*out.of];
  if (!action.client || !action.server)
    compiler.problems.error(node["of"], "an action that both client and server emit");
}

void compile_against(Compiler& compiler, const Node& node, AssertionPlan& out) {
  out.against_truth = node["against"].word() == "truth";
  read_duration(node["within"], out.within_time);
  if (node["within"] && !out.against_truth)
    compiler.problems.error(node["within"], "\"within\" of what was sent",
                            "\"against\": \"truth\" beside it", "");
}

void compile_allow(const Node& allow, AssertionPlan& out) {
  for (std::size_t i = 0; i < allow.size(); ++i) {
    AssertionPlan::Allowance& made = out.allow.emplace_back();
    read_text(allow.at(i)["verdict"], made.verdict);
    read_text(allow.at(i)["cause"], made.cause);
    read_ratio(allow.at(i)["share"], made.share);
  }
}

void compile_expect(const Node& expect, AssertionPlan& out) {
  const Node verdict = expect.is(Json::Kind::object) ? expect["verdict"] : expect;
  if (verdict) out.expect_verdict = verdict.word();
  const Node with = expect["with"];
  for (std::size_t i = 0; i < with.size(); ++i) out.expect_with.emplace_back(with.at(i).word());
}

void name_assertion(Compiler& compiler, const Node& node, AssertionPlan& out) {
  const auto& before = compiler.scenario.assertions;
  const auto taken = [&](const std::string& name) {
    return std::any_of(before.begin(), before.end(),
                       [&](const AssertionPlan& plan) { return plan.name == name; });
  };
  const Node name = node["name"];
  if (name) {
    out.name = name.word();
    if (taken(out.name))
      compiler.problems.error(name, "\"" + out.name + "\" again",
                              "a name that no other assertion has", "");
    return;
  }
  const Node of = node["of"];
  const std::string base = out.that + (of ? " " + std::string(of.word()) : "");
  out.name = base;
  for (int repeat = 2; taken(out.name); ++repeat) out.name = base + " " + std::to_string(repeat);
}

bool is_known(std::string_view that) {
  return that == "exactly_once" || that == "fields" || that == "count" || that == "sum" ||
         that == "ratio";
}

void compile_assertion(Compiler& compiler, const Node& node) {
  AssertionPlan out;
  read_text(node["that"], out.that);
  if (!is_known(out.that)) return;
  name_assertion(compiler, node, out);
  const bool allows_source = false;
  out.where = compiler.predicate(node["where"], allows_source);
  if (out.that == "fields") {
    compile_against(compiler, node, out);
  } else {
    read_ratio(node["within"], out.within);
  }
  if (const Node by = node["by"]) out.by = by.word() == "hour" ? hour : day;
  if (out.that == "sum") {
    compile_field_of(compiler, node["of"], out);
  } else {
    out.of = compiler.action(node["of"]);
  }
  if (out.that == "ratio") compile_ratio(compiler, node, out);
  compile_allow(node["allow"], out);
  compile_expect(node["expect"], out);
  compiler.scenario.assertions.push_back(std::move(out));
}

}  // namespace

void compile_assertions(Compiler& compiler, const Node& assertions) {
  if (!assertions.is(Json::Kind::list)) return;
  for (std::size_t i = 0; i < assertions.size(); ++i) compile_assertion(compiler, assertions.at(i));
}

}  // namespace parallax
