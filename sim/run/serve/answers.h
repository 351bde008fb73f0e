// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/run/serve/oracle.h"

/// The API's answers as JSON texts; openapi.json describes each.
namespace parallax::serve {

/// {"error": {status, message, problems}}.
std::string refusal_json(const Refusal& refusal);
/// What POST actions answers.
std::string added_json(const std::vector<DeclaredRun::Added>& added);
/// What POST settle answers.
std::string settled_json(const Declared& declared, const Judged& judged);
/// The verdict, each action, and report.json.
std::string verdict_json(const Declared& declared, const Judged& judged);

/// A run in the list, and what POST runs answers.
struct RunLine {
  std::string id, name, created, state;  ///< declaring, judged, or outdated: declared more since.
  std::size_t actions = 0;
  std::optional<Verdict> verdict;  ///< Of the last settle.
};
std::string run_json(const RunLine& line);
std::string runs_json(const std::vector<RunLine>& lines);

}  // namespace parallax::serve
