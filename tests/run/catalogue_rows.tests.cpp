// SPDX-License-Identifier: Apache-2.0
// The catalogue of scenarios/README.md: every row of the two documents that Parallax began with has
// a scenario that plays it, faults that strike in it and an assertion that catches it.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "fault/fault.h"
#include "sim/run/report_text.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace fs = std::filesystem;
namespace {

/// A line of the table.
struct Row {
  std::string document;  ///< And its part: "consistency, principles".
  std::string name;
  std::vector<std::string> scenarios;  ///< Paths below scenarios/; empty: why is in `caught`.
  std::vector<std::string> faults;
  std::vector<std::string> caught;  ///< Kinds of assertion.
  std::string verdict;              ///< "pass", or what `expect` says: "fail: duplicated".
};

std::string trimmed(std::string text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> words_of(const std::string& cell) {
  std::vector<std::string> words;
  std::istringstream in(cell);
  for (std::string word; in >> word;)
    if (word != "-") words.push_back(word);
  return words;
}

/// "[shop](examples/shop.json) [plain](smoke/plain.json)": the files.
std::vector<std::string> links_of(const std::string& cell) {
  std::vector<std::string> files;
  for (std::size_t at = cell.find("]("); at != std::string::npos; at = cell.find("](", at + 2))
    files.push_back(cell.substr(at + 2, cell.find(')', at) - at - 2));
  return files;
}

/// The rows of the page's one table with six columns.
std::vector<Row> rows_of(const std::string& page) {
  std::vector<Row> rows;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    const bool told = line.rfind("| consistency,", 0) == 0 || line.rfind("| two sides,", 0) == 0;
    if (!told) continue;
    std::vector<std::string> cells = report_text::split(line.substr(2, line.size() - 3), "|");
    for (std::string& cell : cells) cell = trimmed(cell);
    cells.resize(6);
    rows.push_back(
        {cells[0], cells[1], links_of(cells[2]), words_of(cells[3]), words_of(cells[4]), cells[5]});
  }
  return rows;
}

Scenario scenario_of(const std::string& file) {
  LoadOptions options;
  options.faults = fault_kinds();
  Loaded loaded = load_scenario(source("scenarios/" + file), options);
  for (const Problem& problem : loaded.problems) UNSCOPED_INFO(problem.text());
  REQUIRE(loaded.ok());
  return std::move(loaded.scenario);
}

/// What the assertions of `kinds` are to find: "fail: duplicated", "pass".
std::string verdict_of(const Scenario& scenario, const std::vector<std::string>& kinds) {
  std::string worst = "pass";
  for (const AssertionPlan& each : scenario.assertions) {
    const bool named = std::find(kinds.begin(), kinds.end(), each.that) != kinds.end();
    if (!named || !each.expect_verdict) continue;
    worst = *each.expect_verdict;
    for (const std::string& with : each.expect_with)
      worst += (with == each.expect_with.front() ? ": " : ", ") + with;
  }
  return worst;
}

/// What is wrong with a row; "" when nothing is.
std::string problem_of(const Row& row) {
  if (row.scenarios.empty())
    return row.verdict.size() > 20 ? "" : "neither a scenario nor a reason";
  if (row.caught.empty()) return "no assertion";
  std::set<std::string> faults, kinds, verdicts;
  for (const std::string& file : row.scenarios) {
    if (!fs::exists(source("scenarios/" + file))) return "there is no " + file;
    const Scenario scenario = scenario_of(file);
    for (const FaultPlan& fault : scenario.faults) faults.insert(fault.fault);
    for (const AssertionPlan& each : scenario.assertions) kinds.insert(each.that);
    verdicts.insert(verdict_of(scenario, row.caught));
  }
  for (const std::string& fault : row.faults)
    if (faults.count(fault) == 0) return "no scenario has the fault " + fault;
  for (const std::string& kind : row.caught)
    if (kinds.count(kind) == 0) return "no scenario asserts " + kind;
  if (verdicts.count(row.verdict) == 0) return "found " + *verdicts.begin();
  return "";
}

}  // namespace

TEST_CASE("the scenario of every assertion has every kind of assertion", "[run][catalogue]") {
  std::set<std::string> kinds;
#define ASSERTION(name) kinds.insert(#name);
#include "assertions/assertions.inc"
#undef ASSERTION
  std::set<std::string> asserted;
  for (const AssertionPlan& each : scenario_of("smoke/every_assertion.json").assertions)
    asserted.insert(each.that);
  CHECK(asserted == kinds);
}

TEST_CASE("every row of the catalogue has a scenario, its faults and what catches it",
          "[run][catalogue]") {
  const std::vector<Row> rows = rows_of(read_file(source("scenarios/README.md")));
  for (const Row& row : rows) {
    INFO(row.document << ": " << row.name);
    CHECK(problem_of(row) == "");
  }
}

TEST_CASE("the catalogue has as many rows as the documents", "[run][catalogue]") {
  std::map<std::string, std::size_t> counts;
  for (const Row& row : rows_of(read_file(source("scenarios/README.md")))) ++counts[row.document];
  CHECK(counts == std::map<std::string, std::size_t>{{"consistency, principles", 9},
                                                     {"consistency, worked examples", 3},
                                                     {"consistency, exercises", 2},
                                                     {"consistency, common mistakes", 6},
                                                     {"consistency, practical projects", 3},
                                                     {"consistency, mini challenge", 1},
                                                     {"consistency, QA and monitoring", 5},
                                                     {"two sides, identity", 3},
                                                     {"two sides, decision matrix", 13},
                                                     {"two sides, batching and shutdown", 5},
                                                     {"two sides, validation steps", 6},
                                                     {"two sides, troubleshooting", 20},
                                                     {"two sides, do", 5},
                                                     {"two sides, don't", 5}});
}

TEST_CASE("every scenario has a row in a table of the README", "[run][catalogue]") {
  std::set<std::string> listed;
  for (const std::string& file : links_of(read_file(source("scenarios/README.md"))))
    listed.insert(file);
  for (const auto& entry : fs::recursive_directory_iterator(source("scenarios"))) {
    const std::string file = entry.path().lexically_relative(source("scenarios")).string();
    if (entry.path().extension() != ".json" || file == "schema.json") continue;
    INFO(file);
    CHECK(listed.count(file) == 1);
  }
}

TEST_CASE("a row with a mistake is seen", "[run][catalogue]") {
  const auto problem = [](const std::string& cells) {
    return problem_of(rows_of("| two sides, do | a row | " + cells + " |\n").front());
  };
  const std::string plain = "[plain](smoke/plain.json)";
  CHECK(problem(plain + " | - | exactly_once | pass") == "");
  CHECK(problem("- | - | - | no") == "neither a scenario nor a reason");
  CHECK(problem("[none](smoke/none.json) | - | exactly_once | pass") ==
        "there is no smoke/none.json");
  CHECK(problem(plain + " | drop | exactly_once | pass") == "no scenario has the fault drop");
  CHECK(problem(plain + " | - | ratio | pass") == "no scenario asserts ratio");
  CHECK(problem(plain + " | - | exactly_once | fail: lost") == "found pass");
  CHECK(problem(plain + " | - | - | pass") == "no assertion");
}

}  // namespace parallax::test
