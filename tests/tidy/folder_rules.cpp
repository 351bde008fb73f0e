// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "tests/tidy/rules.h"
#include "tests/tidy/tokens.h"

namespace parallax::tidy {
namespace {

constexpr std::array top_level{std::string_view("CMakeLists.txt"),
                               std::string_view("CMakePresets.json"),
                               std::string_view("CHANGELOG.md"),
                               std::string_view("LICENSE"),
                               std::string_view("README.md"),
                               std::string_view("parallax"),
                               std::string_view("sim"),
                               std::string_view("scenarios"),
                               std::string_view("fault"),
                               std::string_view("assertions"),
                               std::string_view("bench"),
                               std::string_view("tests")};

/// The line without its `code spans`: what stands there is no link.
std::string without_code(std::string_view line) {
  std::string prose;
  bool code = false;
  for (const char c : line) {
    if (c == '`') code = !code;
    if (!code) prose += c;
  }
  return prose;
}

bool is_web(std::string_view target) {
  return target.find("://") != std::string_view::npos || target.starts_with("mailto:");
}

/// Path from the root of a link in `page`, with "." and ".." resolved.
std::string resolved(std::string_view page, std::string_view target) {
  const std::size_t slash = page.rfind('/');
  const std::string_view folder = slash == std::string_view::npos ? "" : page.substr(0, slash);
  std::string rest = std::string(folder) + "/" + std::string(target) + "/";
  std::vector<std::string> parts;
  for (std::size_t at = 0, end = 0; (end = rest.find('/', at)) != std::string::npos; at = end + 1) {
    const std::string part = rest.substr(at, end - at);
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty()) {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string path;
  for (const std::string& part : parts) path += (path.empty() ? "" : "/") + part;
  return path;
}

/// Targets of "[text](target)" in one line.
std::vector<std::string> links_of(std::string_view line) {
  constexpr std::string_view opening = "](";
  std::vector<std::string> targets;
  for (std::size_t at = line.find(opening); at != std::string_view::npos;
       at = line.find(opening, at + 1)) {
    const std::size_t begin = at + opening.size();
    const std::size_t end = line.find_first_of(") ", begin);
    if (end != std::string_view::npos) targets.emplace_back(line.substr(begin, end - begin));
  }
  return targets;
}

}  // namespace

void check_links(const SourceFile& file, const Exists& exists, Findings& out) {
  if (!file.path.ends_with(".md")) return;
  std::size_t number = 0;
  bool fenced = false;
  for (const std::string_view line : lines_of(file.text)) {
    ++number;
    if (line.starts_with("```")) fenced = !fenced;
    if (fenced) continue;
    for (const std::string& target : links_of(without_code(line))) {
      const std::string path = target.substr(0, target.find('#'));
      if (is_web(target) || path.empty() || exists(resolved(file.path, path))) continue;
      out.push_back({file.path, number, "a link to what is not there: " + target});
    }
  }
}

void check_readmes(const std::vector<std::string>& paths, Findings& out) {
  std::set<std::string> folders;
  for (const std::string& path : paths) {
    if (path.starts_with("scenarios/")) folders.insert("scenarios");
    const std::string_view folder = folder_of(path);
    if (!folder.empty()) folders.emplace(folder);
  }
  for (const std::string& folder : folders) {
    const std::string page = folder + "/README.md";
    if (std::find(paths.begin(), paths.end(), page) == paths.end())
      out.push_back({page, 0, "is missing: it answers \"how do I add one\" first"});
  }
}

void check_top_level(const std::vector<std::string>& paths, Findings& out) {
  std::set<std::string> entries;
  for (const std::string& path : paths) entries.insert(path.substr(0, path.find('/')));
  for (const std::string& entry : entries) {
    const bool known = entry.starts_with('.') ||
                       std::find(top_level.begin(), top_level.end(), entry) != top_level.end();
    if (!known) out.push_back({entry, 0, "has no place at the top level (DESIGN section 3)"});
  }
}

Findings check_file(const SourceFile& file, std::string_view header, const Exists& exists) {
  Findings out;
  check_own_includes(file, out);
  check_other_includes(file, out);
  check_banned_words(file, out);
  check_unordered_loops(file, header, out);
  check_function_length(file, out);
  check_licence_line(file, out);
  check_file_length(file, out);
  check_leftovers(file, out);
  check_machine_names(file, out);
  check_links(file, exists, out);
  return out;
}

}  // namespace parallax::tidy
