// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lesson.h"

#include <fmt/format.h>

#include <cassert>
#include <filesystem>

#include "fault/fault.h"
#include "sim/run/report_text.h"
#include "sim/scenario/json.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace {

constexpr std::string_view folder = "teaching/";
constexpr std::string_view story_file = "/story.md";

std::vector<std::string> embedded_names() {
  return report_text::split(embedded_scenario({}), "\n");
}

Error unknown(const std::string& what, const std::string& name,
              const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string nearest = nearest_name(name, views);
  return {Error::Kind::invalid_input,
          fmt::format("no such {}{}", what,
                      nearest.empty() ? "; `parallax dataset list` names them all"
                                      : ", did you mean " + nearest + "?"),
          name};
}

/// The scenario with what it extends, as one document. The texts are ours: what is wrong with one
/// is found by the test that loads them all.
Json merged(const std::string& name) {
  std::vector<Problem> problems;
  std::optional<Json> own = parse_json(embedded_scenario(name), name, 0, problems);
  assert(own && problems.empty());
  const Json* const base = own->find("extends");
  if (base == nullptr) return *own;
  const auto above = std::filesystem::path(name).parent_path() / base->text;
  Json out = merged(above.lexically_normal().generic_string());
  own->remove("extends");
  merge_patch(out, *own);
  return out;
}

}  // namespace

std::vector<std::string> dataset_names() {
  std::vector<std::string> out;
  for (const std::string& name : embedded_names())
    if (name.starts_with(folder) && name.ends_with(story_file))
      out.push_back(name.substr(folder.size(), name.size() - folder.size() - story_file.size()));
  return out;
}

Result<Dataset> load_dataset(const std::string& name) {
  const std::string prefix = std::string(folder) + name;
  const std::string_view story = embedded_scenario(prefix + std::string(story_file));
  if (story.empty()) return unknown("data set", name, dataset_names());
  Result<Dataset> out = parse_story(prefix + std::string(story_file), story);
  if (!out) return out;
  out->name = name;
  for (const std::string& file : embedded_names()) {
    if (!file.starts_with(prefix + "/") || file.ends_with(story_file)) continue;
    Result<Task> task = parse_task(file, embedded_scenario(file));
    if (!task) return task.error();
    out->tasks.push_back(std::move(*task));
  }
  return out;
}

Result<TaskPlace> find_task(const std::string& name) {
  std::vector<std::string> known;
  for (const std::string& dataset : dataset_names()) {
    Result<Dataset> loaded = load_dataset(dataset);
    if (!loaded) return loaded.error();
    for (std::size_t i = 0; i < loaded->tasks.size(); ++i) {
      if (loaded->tasks[i].name == name) return TaskPlace{std::move(*loaded), i};
      known.push_back(loaded->tasks[i].name);
    }
  }
  return unknown("task", name, known);
}

Result<Scenario> lesson_scenario(const std::string& dataset, std::optional<std::uint64_t> seed,
                                 std::uint32_t scale) {
  const std::string name = std::string(folder) + dataset + ".json";
  if (embedded_scenario(name).empty()) return unknown("data set", dataset, dataset_names());
  LoadOptions options;
  options.faults = fault_kinds();
  if (seed) options.set.emplace_back("/seed", std::to_string(*seed));
  const std::string text = write_json(merged(name));
  Loaded loaded = load_scenario_text(text, name, options);
  if (!loaded.ok()) return Error{Error::Kind::invalid_input, loaded.problems.front().text(), name};
  if (scale == 1) return std::move(loaded.scenario);
  const std::uint64_t users = std::uint64_t{loaded.scenario.population.users} * scale;
  options.set.emplace_back("/population/users", std::to_string(users));
  return std::move(load_scenario_text(text, name, options).scenario);
}

}  // namespace parallax
