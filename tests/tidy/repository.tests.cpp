// SPDX-License-Identifier: Apache-2.0
// The rules, applied to every file of this repository.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/tidy/rules.h"

namespace parallax::tidy {
namespace {

namespace fs = std::filesystem;

const fs::path& root() {
  static const fs::path path = PARALLAX_SOURCE_DIR;
  return path;
}

bool is_ours(const fs::path& entry) {
  const std::string name = entry.filename().string();
  return name != "build" && name != "parallax-runs" && name != ".git";
}

/// Every file of the repository, from the root, sorted; build products are not looked at.
std::vector<std::string> all_paths() {
  std::vector<std::string> paths;
  for (auto entry = fs::recursive_directory_iterator(root()); entry != fs::end(entry); ++entry) {
    if (!is_ours(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file()) {
      paths.push_back(fs::relative(entry->path(), root()).generic_string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string read(const std::string& path) {
  std::ifstream in(root() / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool exists(const std::string& path) { return fs::exists(root() / path); }

/// The header beside a source: "fault/chain.h" for "fault/chain.cpp"; empty when there is none.
std::string header_beside(const std::string& path) {
  if (!path.ends_with(".cpp")) return {};
  return read(path.substr(0, path.size() - 3) + "h");
}

void report(const Findings& findings) {
  for (const Finding& finding : findings) {
    INFO(finding.text());
    CHECK(false);
  }
}

}  // namespace

TEST_CASE("every file of the repository keeps the rules", "[tidy]") {
  const std::vector<std::string> paths = all_paths();
  // Guards against a walk that sees nothing: the headers that came first are among them.
  REQUIRE(std::find(paths.begin(), paths.end(), "sim/core/time.h") != paths.end());
  for (const std::string& path : paths)
    report(check_file({path, read(path)}, header_beside(path), exists));
}

TEST_CASE("the folders of the repository are those of the design, each with a README", "[tidy]") {
  Findings findings;
  const std::vector<std::string> paths = all_paths();
  check_readmes(paths, findings);
  check_top_level(paths, findings);
  report(findings);
}

}  // namespace parallax::tidy
