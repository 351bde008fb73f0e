// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/scenario/compile.h"
#include "sim/scenario/verdict_words.h"

namespace parallax {
namespace {

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
  return std::find(assertion_words.begin(), assertion_words.end(), that) != assertion_words.end();
}

/// An action, or an action and one of its fields where the kind can look at fields.
void compile_of(Compiler& compiler, const Node& of, AssertionPlan& out) {
  const auto any = [](FieldType) { return true; };
  const auto adds_up = [](FieldType type) {
    return type == FieldType::money || type == FieldType::integer || type == FieldType::number;
  };
  const bool names_field = of.word().find('.') != std::string_view::npos;
  if (out.that == "sum" || (out.that == "rollup" && names_field)) {
    compile_field_of(compiler, of, "a field of an action that can be added up", adds_up, out);
  } else if (names_field && (out.that == "distinct" || out.that == "drift")) {
    compile_field_of(compiler, of, "a field of an action", any, out);
  } else {
    out.of = compiler.action(of);
  }
}

void compile_assertion(Compiler& compiler, const Node& node) {
  AssertionPlan out;
  read_text(node["that"], out.that);
  if (!is_known(out.that)) return;
  name_assertion(compiler, node, out);
  const bool allows_source = false;
  out.where = compiler.predicate(node["where"], allows_source);
  if (out.that != "fields") read_ratio(node["within"], out.within);
  compile_of(compiler, node["of"], out);
  compile_assertion_keys(compiler, node, out);
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
