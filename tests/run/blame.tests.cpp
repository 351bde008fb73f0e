// SPDX-License-Identifier: Apache-2.0
// Which faults a finding needs: what the ledger alone knows, and what playing the run again proves.
#include <map>
#include <nlohmann/json.hpp>

#include "fault/fault.h"
#include "sim/run/fewer_faults.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using Json = nlohmann::json;

Scenario scenario_of(const std::string& json) {
  LoadOptions options;
  options.faults = fault_kinds();
  const Loaded loaded = load_scenario_text(json, source("scenarios/smoke/x.json"), options);
  for (const Problem& problem : loaded.problems) INFO(problem.text());
  REQUIRE(loaded.ok());
  return loaded.scenario;
}

/// Verdict -> what is needed, of findings in general; "?" where that is not known.
std::map<std::string, std::string> needs(const Json& blame) {
  std::map<std::string, std::string> out;
  for (const Json& one : blame["findings"])
    out.try_emplace(one["verdict"].get<std::string>(),
                    one.contains("needed") ? one["needed"].get<std::string>() : "?");
  return out;
}

/// Runs the scenario with a bug and blames.
Json blamed(const std::string& scenario, const std::string& bug, const TempFolder& folder) {
  const std::string run = (folder / "run").string();
  std::vector<std::string> words{"run", scenario, "--quiet", "--out", run};
  if (!bug.empty()) words.insert(words.end(), {"--bug", bug});
  const Output played = parallax(words);
  INFO(played.err);
  REQUIRE(played.code == 1);
  const Output output = parallax({"blame", run, "--json"});
  INFO(output.err);
  REQUIRE(output.code == 0);
  return Json::parse(output.out);
}

}  // namespace

TEST_CASE("a finding that takes two faults at once says both", "[run][blame]") {
  const TempFolder folder;
  const Json blame =
      blamed(source("scenarios/fault/two-at-once.json").string(), "short_window", folder);
  CHECK(needs(blame).at("duplicated") == "answer_lost and delay");
  CHECK(blame["findings"][0]["proof"] == "replay");
}

TEST_CASE("what a target does by itself needs no fault, whatever touched the action",
          "[run][blame]") {
  const TempFolder folder;
  const std::string file = (folder / "scenario.json").string();
  write_file(file, R"({"extends": ")" + source("scenarios/smoke/plain.json").string() +
                       R"(", "name": "by-itself", "faults": [
      {"fault": "clock_skew", "rate": 0.3, "offset": "1s"}], "assert": [{"that": "exactly_once"}]})");
  const Json blame = blamed(file, "silent_reject", folder);
  for (const Json& one : blame["findings"]) {
    INFO(one.dump());
    CHECK(one["needed"] == "");
  }
}

TEST_CASE("faults of which any one is enough are named as such", "[run][blame]") {
  const TempFolder folder;
  const std::string file = (folder / "scenario.json").string();
  write_file(file, R"({"extends": ")" + source("scenarios/smoke/plain.json").string() +
                       R"(", "name": "either", "faults": [
      {"fault": "answer_lost", "name": "first", "nth": 2},
      {"fault": "duplicate", "name": "second"}], "assert": [{"that": "exactly_once"}]})");
  const Json blame = blamed(file, "no_dedupe", folder);
  bool either = false;
  for (const Json& one : blame["findings"])
    either = either || one.value("needed", "?") == "first or second";
  INFO(blame.dump(2));
  CHECK(either);
}

TEST_CASE("without a fault go those that strike only with it", "[run][blame]") {
  const Scenario scenario = scenario_of(R"({"extends": "plain.json", "name": "x", "faults": [
      {"fault": "drop", "rate": 0.1},
      {"fault": "clock_skew", "offset": "1s"},
      {"fault": "tls_failure", "with": "clock_skew"},
      {"fault": "delay", "with": "drop"}]})");
  const Scenario fewer = without_faults(scenario, {"clock_skew"});
  REQUIRE(fewer.faults.size() == 2);
  CHECK(fewer.faults[0].name == "drop");
  CHECK(fewer.faults[1].name == "delay");
  CHECK(fewer.faults[1].selector.with == 1);
  CHECK(without_faults(scenario, {}).faults[2].selector.with == 2);
}

}  // namespace parallax::test
