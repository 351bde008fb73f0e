// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/answers.h"

#include <nlohmann/json.hpp>

namespace parallax::serve {
namespace {

using Out = nlohmann::ordered_json;

constexpr int indent = 2;

std::string text_of(const Out& json) {
  return json.dump(indent, ' ', false, Out::error_handler_t::replace) + '\n';
}

std::string word(std::string_view name) { return std::string(name); }

/// Its text as a value; as a text where it is no JSON.
Out row_json(const std::string& text) {
  Out row = Out::parse(text, nullptr, false);
  return row.is_discarded() ? Out{{"text", text}} : row;
}

Out told_row(const ToldRow& row) {
  Out differs = Out::array();
  for (const Difference& d : row.differences)
    differs.push_back({{"column", d.column}, {"found", d.found}, {"expected", d.expected}});
  return {{"row", row.json.empty() ? Out::object() : row_json(row.json)},
          {"differs", std::move(differs)}};
}

Out told_rows(const std::vector<ToldRow>& rows) {
  Out list = Out::array();
  for (const ToldRow& row : rows) list.push_back(told_row(row));
  return list;
}

Out told_action(const ToldAction& action) {
  return {{"id", action.id},
          {"action_key", action.action_key},
          {"name", action.name},
          {"verdict", word(name_of(action.verdict))},
          {"cause", word(name_of(action.cause))},
          {"why", action.why},
          {"rows_total", action.rows_total},
          {"rows", told_rows(action.rows)},
          {"nearest", told_rows(action.nearest)},
          {"timeline", action.timeline}};
}

Out head_of(const Declared& declared, const Judged& judged) {
  const RunReport& report = judged.report;
  return {{"run", declared.id},
          {"name", declared.request.name},
          {"verdict", word(name_of(report.verdict))},
          {"because", report.because},
          {"message", judged.message}};
}

Out run_line(const RunLine& line) {
  Out json{{"run", line.id},
           {"name", line.name},
           {"created", line.created},
           {"state", line.state},
           {"actions", line.actions}};
  if (line.verdict) json["verdict"] = word(name_of(*line.verdict));
  return json;
}

}  // namespace

std::string refusal_json(const Refusal& refusal) {
  Out problems = Out::array();
  for (const Problem& problem : refusal.problems) {
    Out one{{"pointer", problem.pointer}, {"found", problem.found}, {"expected", problem.expected}};
    if (!problem.nearest.empty()) one["nearest"] = problem.nearest;
    problems.push_back(std::move(one));
  }
  return text_of({{"error",
                   {{"status", refusal.status},
                    {"message", refusal.message},
                    {"problems", std::move(problems)}}}});
}

std::string added_json(const std::vector<DeclaredRun::Added>& added) {
  Out actions = Out::array();
  for (const DeclaredRun::Added& one : added)
    actions.push_back({{"id", one.id}, {"action_key", one.action_key}, {"repeated", one.repeated}});
  return text_of({{"actions", std::move(actions)}});
}

std::string settled_json(const Declared& declared, const Judged& judged) {
  return text_of(head_of(declared, judged));
}

std::string verdict_json(const Declared& declared, const Judged& judged) {
  Out json = head_of(declared, judged);
  json["actions"] = Out::array();
  for (const ToldAction& action : judged.actions) json["actions"].push_back(told_action(action));
  json["phantoms"] = Out::array();
  for (const std::string& row : judged.phantoms) json["phantoms"].push_back(row_json(row));
  json["report"] = Out::parse(report_json(judged.report));
  return text_of(json);
}

std::string run_json(const RunLine& line) { return text_of(run_line(line)); }

std::string runs_json(const std::vector<RunLine>& lines) {
  Out runs = Out::array();
  for (const RunLine& line : lines) runs.push_back(run_line(line));
  return text_of({{"runs", std::move(runs)}});
}

}  // namespace parallax::serve
