// SPDX-License-Identifier: Apache-2.0
// `scenarios show`: one scenario as a picture, found by its name or its file.
#include <fmt/format.h>

#include <algorithm>

#include "sim/run/command_parts.h"
#include "sim/run/picture.h"
#include "sim/run/report.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

/// The file that `word` names: a path, or the name of a scenario below `folder`. Nothing, and a
/// word to stderr, where there is none or several.
std::optional<fs::path> find_scenario(const std::string& word, const std::string& folder) {
  std::error_code code;
  if (fs::is_regular_file(word, code)) return word;
  const std::vector<fs::path> files = scenario_files({folder});
  std::vector<std::string> names;
  std::vector<fs::path> found;
  for (const fs::path& file : files) {
    names.push_back(file.stem().string());
    if (names.back() == word) found.push_back(file);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    complain(exit_usage, fmt::format("{} is the name of several scenarios: {} and {}", word,
                                     found[0].string(), found[1].string()));
    return std::nullopt;
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string nearest = nearest_name(word, known);
  complain(exit_usage,
           fmt::format("found \"{}\", expected a scenario file or the name of one below "
                       "{}{}",
                       word, folder,
                       nearest.empty() ? " (parallax scenarios lists them)"
                                       : " (did you mean " + nearest + "?)"));
  return std::nullopt;
}

}  // namespace

int command_show(const ShowCommand& command) {
  const auto file = find_scenario(command.scenario, command.folder);
  if (!file) return exit_usage;
  const auto scenario = load_or_explain(file->string(), command.set);
  if (!scenario) return exit_usage;
  const auto picture = picture_of(*scenario);
  if (!picture) return complain(exit_usage, file->string() + ": " + picture.error().text());
  if (command.svg.empty()) {
    fmt::print("{}", picture_text(*picture));
    return exit_pass;
  }
  const std::string svg = picture_svg(*picture);
  if (command.svg == "-") {
    fmt::print("{}", svg);
    return exit_pass;
  }
  if (const auto written = write_whole(command.svg, svg); !written)
    return complain(exit_internal, written.error().text());
  fmt::print("{}\n", command.svg);
  return exit_pass;
}

}  // namespace parallax
