// SPDX-License-Identifier: Apache-2.0
// Which faults a failure needs, by experiment.
#include "sim/run/shrink.h"

#include <nlohmann/json.hpp>

#include "fault/fault.h"
#include "sim/scenario/load.h"
#include "tests/run/play.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

Scenario two_at_once() {
  LoadOptions load;
  load.faults = fault_kinds();
  return load_scenario(source("scenarios/fault/two-at-once.json"), load).scenario;
}

TargetPlan with_bugs(std::vector<std::string> bugs) {
  TargetPlan target = load_target_text("{}", "test").target;
  target.send.bugs = std::move(bugs);
  return target;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a failure that needs two faults at once is shrunk to both of them", "[shrink]") {
  const Result<Shrunk> shrunk = shrink(two_at_once(), with_bugs({"short_window"}), {});
  REQUIRE(shrunk);
  CHECK(shrunk->needed == Names{"answer_lost", "delay"});
  CHECK(shrunk->spared == Names{"drop", "clock_skew", "cut_body"});
  CHECK(shrunk->minimal);
  CHECK(shrunk->length < shrunk->length_before);
  CHECK(shrunk->users <= shrunk->users_before);

  SECTION("the file that is written fails in the same way, by itself") {
    const TempFolder folder;
    write_file(folder / "shrunk.json", shrunk->scenario_json);
    const Output run = parallax(
        {"run", (folder / "shrunk.json").string(), "--json", "--out", (folder / "run").string()});
    CHECK(run.code == 1);
    const auto report = nlohmann::json::parse(run.out);
    CHECK(report.at("assertions").size() == 1);
    const auto& cause = report.at("assertions").at(0).at("causes").at(0);
    CHECK(cause.at("verdict") == "duplicated");
    CHECK(cause.at("actions") == shrunk->actions);
  }
}

TEST_CASE("a failure of the target itself needs no fault", "[shrink]") {
  const Result<Shrunk> shrunk = shrink(two_at_once(), with_bugs({"loses_tail"}), {});
  REQUIRE(shrunk);
  CHECK(shrunk->needed.empty());
  CHECK(shrunk->spared.size() == 5);
}

TEST_CASE("shrinking ends at its bound and says that it is not done", "[shrink]") {
  ShrinkOptions options;
  options.runs_max = 3;
  const Result<Shrunk> shrunk = shrink(two_at_once(), with_bugs({"short_window"}), options);
  REQUIRE(shrunk);
  CHECK(shrunk->runs == 3);
  CHECK_FALSE(shrunk->minimal);
}

TEST_CASE("what the run does not show cannot be shrunk, and the answer says what it shows",
          "[shrink]") {
  ShrinkOptions options;
  options.wanted = "lost/last_batch";
  const Result<Shrunk> shrunk = shrink(two_at_once(), with_bugs({"no_dedupe"}), options);
  REQUIRE_FALSE(shrunk);
  CHECK(shrunk.error().text().find("it shows exactly_once, duplicated/") != std::string::npos);
  CHECK(shrink(two_at_once(), with_bugs({}), {}).error().what ==
        "nothing to shrink: no assertion fails");
}

TEST_CASE("a run folder is shrunk with the bug it was played with", "[shrink]") {
  const TempFolder folder;
  const std::string run = (folder / "run").string();
  const std::string scenario = source("scenarios/fault/two-at-once.json").string();
  REQUIRE(parallax({"run", scenario, "--bug", "short_window", "--out", run}).code == 1);
  const Output shrunk = parallax({"shrink", run, "--json"});
  CHECK(shrunk.code == 0);
  const auto json = nlohmann::json::parse(shrunk.out);
  CHECK(json.at("needed") == Names{"answer_lost", "delay"});
  CHECK(json.at("file") == run + "/shrunk.json");
  CHECK(parallax({"run", run + "/shrunk.json", "--out", (folder / "again").string()}).code == 1);
  // A new run into the folder leaves nothing of the old one.
  CHECK(parallax({"run", scenario, "--out", run}).code == 0);
  CHECK_FALSE(std::filesystem::exists(run + "/shrunk.json"));
}

}  // namespace parallax::test
