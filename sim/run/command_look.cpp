// SPDX-License-Identifier: Apache-2.0
// The commands that look at files and catalogues and send nothing.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "fault/fault.h"
#include "sim/pipeline/pipeline.h"
#include "sim/pipeline/postgres_pipeline.h"
#include "sim/run/command_parts.h"
#include "sim/run/restarts.h"
#include "sim/run/wall_clock.h"

namespace parallax {
namespace fs = std::filesystem;

namespace {

/// What is named, or where a checkout's "scenarios/..." is not there, the one that was installed
/// with this program: PREFIX/share/parallax/scenarios/... beside PREFIX/bin.
fs::path installed_or(const fs::path& named) {
  std::error_code code;
  if (fs::exists(named, code) || named.is_absolute() || named.empty() ||
      *named.begin() != "scenarios")
    return named;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  const fs::path installed = program.parent_path().parent_path() / "share/parallax" / named;
  return !code && fs::exists(installed, code) ? installed : named;
}

Loaded load(const std::string& file, const std::vector<std::pair<std::string, std::string>>& set) {
  LoadOptions options;
  options.set = set;
  options.now = wall_now();
  options.faults = fault_kinds();
  return load_scenario(installed_or(file), options);
}

void print_problems(const Loaded& loaded) {
  for (const Problem& problem : loaded.problems)
    fmt::print(stderr, "{}: {}\n", problem.warning ? "warning" : "error", problem.text());
}

bool is_scenario_file(const fs::path& file) {
  const std::string name = file.filename().string();
  return file.extension() == ".json" && name != "schema.json" &&
         !(name.size() > 12 && name.ends_with(".target.json"));
}

}  // namespace

std::optional<Scenario> load_or_explain(
    const std::string& file, const std::vector<std::pair<std::string, std::string>>& set) {
  Loaded loaded = load(file, set);
  print_problems(loaded);
  if (!loaded.ok()) return std::nullopt;
  return std::move(loaded.scenario);
}

std::vector<fs::path> scenario_files(const std::vector<std::string>& words) {
  std::vector<fs::path> files;
  for (const std::string& named : words) {
    const fs::path word = installed_or(named);
    std::error_code code;
    if (!fs::is_directory(word, code)) {
      files.push_back(word);
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(word, code))
      if (entry.is_regular_file() && is_scenario_file(entry.path())) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

namespace {

/// Says why the target cannot do what the scenario asks of it.
bool target_is_able(const RunCommand& command, const Scenario& scenario, const fs::path& file) {
  if (command.target.empty()) return true;
  const auto target = choose_target(command, scenario, file.string());
  if (!target) return false;
  const auto able = can_restart(
      scenario, target->send.kind == "embedded",
      target->send.url.empty() ? "a " + target->send.kind + " target" : target->send.url);
  if (!able) fmt::print(stderr, "error: {}\n", able.error().text());
  return bool(able);
}

}  // namespace

int command_validate(const RunCommand& command) {
  const std::vector<fs::path> files = scenario_files(command.scenarios);
  if (files.empty()) {
    fmt::print(stderr, "parallax: no scenario file in what was named\n");
    return exit_nothing_selected;
  }
  bool all_good = true;
  for (const fs::path& file : files) {
    const Loaded loaded = load(file.string(), command.set);
    print_problems(loaded);
    const bool good = loaded.ok() && target_is_able(command, loaded.scenario, file);
    all_good &= good;
    if (good)
      fmt::print("{}: ok, {} action types, {} journeys, {} faults, {} assertions\n", file.string(),
                 loaded.scenario.plan.actions.size(), loaded.scenario.journeys.size(),
                 loaded.scenario.faults.size(), loaded.scenario.assertions.size());
  }
  return all_good ? exit_pass : exit_usage;
}

int command_scenarios(const std::string& folder) {
  const std::vector<fs::path> files = scenario_files({folder});
  if (files.empty()) {
    fmt::print(stderr, "parallax: no scenario below {}\n", folder);
    return exit_nothing_selected;
  }
  std::size_t width = 0;
  for (const fs::path& file : files) width = std::max(width, file.string().size());
  for (const fs::path& file : files) {
    const Loaded loaded = load(file.string(), {});
    fmt::print("{:<{}}  {}\n", file.string(), width,
               loaded.ok() ? loaded.scenario.about : "(not valid: see parallax validate)");
  }
  return exit_pass;
}

namespace {

/// "at  before_send (default): the attempt is late.", a line a point.
void print_points(const FaultKind& kind) {
  const bool picks = kind.places.size() > 1 && !kind.everywhere;
  std::string_view label = picks ? "at" : "strikes at";
  for (const StrikePlace& place : kind.places) {
    const bool is_default = picks && &place == &kind.places.front();
    fmt::print("    {:<14} {}{}{}{}\n", std::exchange(label, ""), name_of(place.point),
               is_default ? " (default)" : "", place.about.empty() ? "" : ": ", place.about);
  }
}

}  // namespace

int command_faults() {
  for (const FaultKind& kind : fault_kinds()) {
    fmt::print("{:<16} {}\n", kind.name, kind.about);
    print_points(kind);
    for (const ParamKind& param : kind.params)
      fmt::print("    {:<14} {}\n", param.name, param.about);
  }
  return exit_pass;
}

int command_bugs() {
  fmt::print("The built-in pipeline:\n");
  for (const BugKind& bug : bug_kinds()) fmt::print("  {:<27} {}\n", bug.name, bug.about);
  fmt::print("\nThe reference pipeline on PostgreSQL (send.pipeline: reference):\n");
  for (const BugKind& bug : postgres_bug_kinds()) fmt::print("  {:<27} {}\n", bug.name, bug.about);
  return exit_pass;
}

int command_schema() {
  fmt::print("{}", scenario_schema(fault_kinds()));
  return exit_pass;
}

}  // namespace parallax
