// SPDX-License-Identifier: Apache-2.0
#include <map>
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

/// What sets a rate, and the rate: "drop", "2%".
using Rates = std::set<std::pair<std::string, std::string>>;

Rates rates_of(const Scenario& scenario) {
  Rates rates;
  const auto add = [&rates](const std::string& what, Ratio rate) {
    if (rate != Ratio::zero() && rate != Ratio::whole()) rates.emplace(what, format_ratio(rate));
  };
  const PopulationPlan& population = scenario.population;
  add("ad_blocker.share", population.ad_blocker.share);
  add("consent.denied", population.consent.denied);
  add("consent.withdrawn_later", population.consent.withdrawn_later);
  for (const ActionChoice& action : scenario.actions) add("succeeds", action.succeeds);
  for (const FaultPlan& fault : scenario.faults) add(fault.fault, fault.selector.rate);
  return rates;
}

/// The rates of a page's table, and what is wrong with its lines.
struct Table {
  Rates rates;
  std::set<std::string> faults;
};
Table table_of(const std::string& page) {
  Table table;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> cells = report_text::split(line, " | ");
    if (line.rfind("| `", 0) != 0 || cells.size() != 4) continue;
    const std::string what = cells[0].substr(3, cells[0].size() - 4);
    const std::string& label = cells[2];
    if (label != "measured" && label != "vendor" && label != "assumed")
      table.faults.insert(what + ": label " + label);
    if (label != "assumed" && cells[3].size() < 10) table.faults.insert(what + ": no source");
    for (const std::string& rate : report_text::split(cells[1], " "))
      if (!table.rates.emplace(what, rate).second) table.faults.insert(what + ": twice " + rate);
  }
  return table;
}

std::string missing(const Rates& from, const Rates& in) {
  std::string text;
  for (const auto& rate : from)
    if (in.count(rate) == 0) text += rate.first + " " + rate.second + "\n";
  return text;
}

}  // namespace

TEST_CASE("every rate of the examples stands in the table with a label, and no other does",
          "[run][rates]") {
  Rates used;
  for (const auto& entry : fs::directory_iterator(source("scenarios/examples"))) {
    if (entry.path().extension() != ".json") continue;
    LoadOptions options;
    options.faults = fault_kinds();
    const Loaded loaded = load_scenario(entry.path(), options);
    REQUIRE(loaded.ok());
    used.merge(rates_of(loaded.scenario));
  }
  const Table table = table_of(read_file(source("scenarios/README.md")));
  CHECK(table.faults == std::set<std::string>{});
  CHECK(missing(used, table.rates) == "");
  CHECK(missing(table.rates, used) == "");
  CHECK(used.size() > 30);
}

TEST_CASE("a table of rates with a mistake is seen", "[run][rates]") {
  const Table table = table_of(
      "| what | rates | label | source |\n| `drop` | 2% 3% | measured | |\n"
      "| `delay` | 1% | guessed | somebody said so |\n| `drop` | 3% | assumed | |\n");
  CHECK(table.faults ==
        std::set<std::string>{"delay: label guessed", "drop: no source", "drop: twice 3%"});
  CHECK(missing({{"drop", "2%"}, {"drop", "4%"}}, table.rates) == "drop 4%\n");
}

}  // namespace parallax::test
