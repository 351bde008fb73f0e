// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>

#include "sim/run/command_proxy.h"
#include "sim/run/commands.h"
#include "sim/run/target_commands.h"

namespace CLI {
class App;
}

/// Groups of commands that cli.cpp puts together. Each adds its commands to the parser; the one
/// that is chosen leaves what to do in `action`. The parser outlives the call of `action`.
namespace parallax {

/// "/population/users=100" -> pointer and value. Throws CLI::ValidationError.
std::vector<std::pair<std::string, std::string>> split_sets(const std::vector<std::string>& words);

/// What the words of pipeline, init, check, clean and serve fill.
struct TargetLine {
  PipelineCommand pipeline;
  InitCommand init;
  CheckCommand check;
  CleanCommand clean;
  ServeCommand serve;
};
/// pipeline, init, check, clean, serve. `line` must outlive the call of `action`, here and below.
void add_target_commands(CLI::App& app, TargetLine& line, std::function<int()>& action);

/// What the words of dataset and grade fill.
struct TeachingLine {
  DatasetCommand dataset;
  GradeCommand grade;
  std::uint64_t seed = 0;
};
/// dataset, grade.
void add_teaching_commands(CLI::App& app, TeachingLine& line, std::function<int()>& action);

/// compare, policies.
void add_compare(CLI::App& app, std::function<int()>& action);
/// Adds --policy to a command that starts the embedded pipeline.
void add_policy(CLI::App& command, std::string& policy);
/// proxy.
void add_proxy(CLI::App& app, ProxyCommand& line, std::function<int()>& action);
/// diff.
void add_diff(CLI::App& app, std::function<int()>& action);
/// help, doctor, completion, man.
void add_about_commands(CLI::App& app, std::function<int()>& action);

}  // namespace parallax
