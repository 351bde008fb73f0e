// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include "sim/run/command_parts.h"
#include "sim/run/report.h"
#include "sim/run/starter.h"
#include "sim/run/target_commands.h"
#include "sim/scenario/load.h"

namespace parallax {
namespace fs = std::filesystem;

namespace {

void replace_all(std::string& text, std::string_view mark, std::string_view with) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size()))
    text.replace(at, mark.size(), with);
}

/// The first ${env:NAME} of a target file; what CI has to keep secret.
std::string secret_of(std::string_view target) {
  const std::size_t at = target.find("${env:");
  if (at == std::string_view::npos) return "NONE";
  const std::string_view rest = target.substr(at + 6);
  return std::string(rest.substr(0, rest.find('}')));
}

struct StarterFile {
  fs::path path;
  std::string text;
};

std::vector<StarterFile> starter_files(const InitCommand& command) {
  const std::string target(embedded_starter("targets/" + command.target + ".json"));
  std::vector<StarterFile> files{
      {"scenario.json", std::string(embedded_starter("scenario.json"))},
      {"target.json", target},
      {"ci/github-workflow.yml", std::string(embedded_starter("github.yml"))},
      {"ci/gitlab-ci.yml", std::string(embedded_starter("gitlab.yml"))}};
  for (StarterFile& file : files) {
    replace_all(file.text, "@DIR@", fs::path(command.folder).lexically_normal().string());
    replace_all(file.text, "@SECRET@", secret_of(target));
    file.path = fs::path(command.folder) / file.path;
  }
  return files;
}

void print_lines_to_change(const StarterFile& file) {
  std::size_t number = 0;
  std::string_view rest = file.text;
  while (!rest.empty()) {
    ++number;
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.find("CHANGE") == std::string_view::npos) continue;
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    fmt::print("  {}:{}: {}\n", file.path.string(), number, line);
  }
}

}  // namespace

int command_init(const InitCommand& command) {
  const std::vector<std::string_view> kinds(starter_targets.begin(), starter_targets.end());
  if (std::find(kinds.begin(), kinds.end(), command.target) == kinds.end()) {
    const std::string nearest = nearest_name(command.target, kinds);
    return complain(
        exit_usage,
        fmt::format("--target {}: expected one of {}{}", command.target, fmt::join(kinds, ", "),
                    nearest.empty() ? "" : "; did you mean " + nearest + "?"));
  }
  const std::vector<StarterFile> files = starter_files(command);
  for (const StarterFile& file : files)
    if (fs::exists(file.path))
      return complain(exit_usage, file.path.string() + ": is there already, and is left as it is");
  for (const StarterFile& file : files) {
    std::error_code failed;
    fs::create_directories(file.path.parent_path(), failed);
    if (failed)
      return complain(exit_usage, file.path.parent_path().string() + ": " + failed.message());
    if (const Result<void> written = write_whole(file.path, file.text); !written)
      return complain(exit_usage, written.error().text());
    fmt::print("wrote {}\n", file.path.string());
  }
  const std::string folder = shell_word(command.folder);
  fmt::print(
      "\nIt passes as it is, against the built-in pipeline:\n  parallax run {0}/scenario.json\n\n"
      "Then make it yours. Lines to change:\n",
      folder);
  for (const StarterFile& file : files) print_lines_to_change(file);
  fmt::print(
      "\nWhen target.json is yours:\n  parallax check {0}/target.json\n"
      "  parallax run {0}/scenario.json --target {0}/target.json\n",
      folder);
  return exit_pass;
}

}  // namespace parallax
