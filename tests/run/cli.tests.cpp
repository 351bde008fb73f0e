// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <nlohmann/json.hpp>

#include "fault/fault.h"
#include "sim/run/runner.h"
#include "sim/scenario/load.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

const std::string cart = source("scenarios/examples/double-fired-cart.json").string();

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  const std::size_t start = text.rfind('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1, end - start);
}

std::vector<std::string> small(std::vector<std::string> words) {
  words.insert(words.end(), {"--set", "/population/users=150"});
  return words;
}

}  // namespace

TEST_CASE("a run that holds exits 0 and leaves the run folder", "[run][cli]") {
  const TempFolder folder;
  const Output run = parallax(small({"run", cart, "--out", (folder / "r").string()}));
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK(last_line(run.out).rfind("parallax: pass scenario=double-fired-cart", 0) == 0);
  for (const char* file : {"report.json", "junit.xml", "summary.md", "scenario.json", "target.json",
                           "run.json", "ledger/actions.parquet", "ledger/emissions.parquet",
                           "ledger/attempts.parquet", "ledger/verdicts.parquet"})
    CHECK(std::filesystem::exists(folder / "r" / file));
}

TEST_CASE("a pipeline without dedupe exits 1, says duplicated and how to repeat", "[run][cli]") {
  const TempFolder folder;
  const Output run =
      parallax(small({"run", cart, "--bug", "no_dedupe", "--out", (folder / "r").string()}));
  INFO(run.out << run.err);
  CHECK(run.code == 1);
  CHECK(run.out.find("duplicated") != std::string::npos);
  CHECK(run.out.find("--bug no_dedupe") != std::string::npos);
  CHECK(last_line(run.out).rfind("parallax: fail", 0) == 0);
}

TEST_CASE("an expected failure passes, and a pass where a failure is due fails", "[run][cli]") {
  const TempFolder folder;
  const std::string bad = source("scenarios/examples/double-fired-cart-no-dedupe.json").string();
  CHECK(parallax(small({"run", bad, "--out", (folder / "a").string()})).code == 0);
  const Output fixed = parallax(
      small({"run", bad, "--out", (folder / "b").string(), "--set", "/target/send/bugs=[]"}));
  INFO(fixed.out << fixed.err);
  CHECK(fixed.code == 1);
}

TEST_CASE("an unreachable target is inconclusive", "[run][cli]") {
  const TempFolder folder;
  const Output run =
      parallax(small({"run", cart, "--target", "http://127.0.0.1:9", "--out",
                      (folder / "r").string(), "--set", "/sdk/client/retries_max=1"}));
  INFO(run.out << run.err);
  CHECK(run.code == 2);
}

TEST_CASE("usage errors exit 4 and nothing selected exits 5", "[run][cli]") {
  CHECK(parallax({"run"}).code == 4);
  CHECK(parallax({"frobnicate"}).code == 4);
  CHECK(parallax({"run", "no-such-file.json"}).code == 4);
  CHECK(parallax({"run", cart, "--bug", "no_such_bug"}).code == 4);
  CHECK(parallax({"run", cart, "--report", "pdf=x"}).code == 4);
  CHECK(parallax({"run", cart, "--jobs", "0"}).code == 4);
  CHECK(parallax({"run", cart, "--select", "zebra"}).code == 5);
  CHECK(parallax({"validate", "/nonexistent-folder-of-parallax"}).code == 4);
}

TEST_CASE("a target on another host needs permission", "[run][cli]") {
  const TempFolder folder;
  write_file(folder / "t.json", R"({"send": {"kind": "http", "url": "http://staging.example/v1"},
    "read": {"kind": "http", "url": "http://staging.example/rows?run={run_id}"}})");
  const Output run = parallax({"run", cart, "--target", (folder / "t.json").string()});
  CHECK(run.code == 4);
  CHECK(run.err.find("--allow-host staging.example") != std::string::npos);
}

TEST_CASE("every command explains itself with an example", "[run][cli]") {
  for (const char* command : {"run", "generate", "replay", "judge", "validate", "scenarios",
                              "faults", "bugs", "sdks", "schema", "pipeline"}) {
    const Output help = parallax({command, "--help"});
    INFO(command);
    CHECK(help.code == 0);
    CHECK(help.out.find("Example") != std::string::npos);
  }
}

TEST_CASE("machine output is JSON with the same verdict", "[run][cli]") {
  const TempFolder folder;
  const Output run = parallax(small({"run", cart, "--json", "--out", (folder / "r").string(),
                                     "--report", "junit=" + (folder / "x.xml").string()}));
  REQUIRE(run.code == 0);
  const auto json = nlohmann::json::parse(run.out);
  CHECK(json.at("verdict") == "pass");
  CHECK(json.at("actions").at("total").get<int>() > 0);
  CHECK(read_file(folder / "x.xml").find("<testsuite") != std::string::npos);
}

TEST_CASE("a folder that is no run folder is never emptied", "[run][cli]") {
  const TempFolder folder;
  write_file(folder / "precious.txt", "keep me");
  const Output run = parallax(small({"run", cart, "--out", folder.path().string()}));
  CHECK(run.code == 3);
  CHECK(read_file(folder / "precious.txt") == "keep me");
}

TEST_CASE("replay and judge come to the same verdicts", "[run][cli]") {
  const TempFolder folder;
  const std::string first = (folder / "first").string(), again = (folder / "again").string();
  REQUIRE(parallax(small({"run", cart, "--out", first})).code == 0);
  REQUIRE(parallax({"replay", first, "--out", again}).code == 0);
  CHECK(read_file(folder / "first/ledger/verdicts.parquet") ==
        read_file(folder / "again/ledger/verdicts.parquet"));
  const Output judged = parallax({"judge", first, "--jobs", "1"});
  INFO(judged.out << judged.err);
  CHECK(judged.code == 0);
}

TEST_CASE("a run beyond the limit has tables on demand", "[run][cli]") {
  const TempFolder folder;
  const std::string run = (folder / "r").string();
  REQUIRE(parallax(small({"run", cart, "--out", run})).code == 0);
  LoadOptions load;
  load.faults = fault_kinds();
  const Loaded loaded = load_scenario(folder / "r/scenario.json", load);
  RunOptions options;
  options.folder = run;
  options.tables_actions_max = 10;
  const LoadedTarget target = load_target(run + "/target.json");
  const Result<RunReport> report = judge_folder(loaded.scenario, target.target, options);
  REQUIRE(report);
  CHECK(report->verdict == Verdict::pass);
  CHECK_FALSE(report->tables);
  CHECK_FALSE(std::filesystem::exists(folder / "r/ledger/verdicts.parquet"));
  REQUIRE(parallax({"judge", run, "--tables"}).code == 0);
  CHECK(std::filesystem::exists(folder / "r/ledger/verdicts.parquet"));
}

TEST_CASE("a killed run is judged from its journal, and never passes", "[run][cli]") {
  // Without faults: an allowed share of their damage may be exceeded by one case in a short run.
  const TempFolder folder;
  const Output killed = shell(
      "\"$PARALLAX\" run " + source("scenarios/examples/shop.json").string() +
      " --set '/faults=[]' -q --out " + (folder / "r").string() +
      " & pid=$!; for i in $(seq 600); do [ -s " + (folder / "r/ledger/journal-0.plx").string() +
      " ] && break; sleep 0.05; done; sleep 0.3; " +
      "kill -KILL $pid; wait $pid 2>/dev/null; exit 0");
  REQUIRE(killed.code == 0);
  REQUIRE_FALSE(std::filesystem::exists(folder / "r/report.json"));
  const Output judged = parallax({"judge", (folder / "r").string()});
  INFO(judged.out << judged.err);
  CHECK(judged.code == 2);
  // What was acknowledged before the kill is all there: the pipeline died with the run.
  CHECK(judged.out.find(" lost=0 ") != std::string::npos);
  CHECK(judged.out.find("actions=0 ") == std::string::npos);
}

TEST_CASE("the first Ctrl-C drains, judges and reports", "[run][cli]") {
  const TempFolder folder;
  // set -m: without job control a shell's background jobs ignore SIGINT. Enough must have been
  // played for the shop's allowances, however slow the machine is.
  const std::string journal = (folder / "r/ledger/journal-0.plx").string();
  const Output stopped = shell(
      "set -m; \"$PARALLAX\" run " + source("scenarios/examples/shop.json").string() + " --out " +
      (folder / "r").string() + " & pid=$!; for i in $(seq 2400); do [ \"$(stat -c %s " + journal +
      " 2>/dev/null || echo 0)\" -gt 1500000 ] && break; sleep 0.05; done; kill -INT $pid; wait "
      "$pid");
  INFO(stopped.out << stopped.err);
  CHECK(stopped.code == 130);
  CHECK(stopped.out.find("interrupted") != std::string::npos);
  CHECK(stopped.out.find(" lost=0 ") != std::string::npos);
  CHECK(std::filesystem::exists(folder / "r/report.json"));
}

TEST_CASE("all shipped scenarios are valid and listed", "[run][cli]") {
  const Output valid = parallax({"validate", source("scenarios").string()});
  INFO(valid.err);
  CHECK(valid.code == 0);
  const Output list = parallax({"scenarios", source("scenarios").string()});
  CHECK(list.code == 0);
  CHECK(list.out.find("shop.json") != std::string::npos);
  CHECK(list.out.find("not valid") == std::string::npos);
}

TEST_CASE("the schema on disk is the one the program knows", "[run][cli]") {
  const Output schema = parallax({"schema"});
  REQUIRE(schema.code == 0);
  CHECK(read_file(source("scenarios/schema.json")) == schema.out);
}

TEST_CASE("a disk that fills up is a clear error and leaves no report that looks whole",
          "[run][cli]") {
  const TempFolder folder;
  const Output run = shell("trap '' XFSZ; ulimit -f 300; \"$PARALLAX\" run " + cart + " --out " +
                           (folder / "r").string());
  INFO(run.out << run.err);
  CHECK(run.code == 3);
  CHECK(run.err.find("r/") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "r/report.json"));
  CHECK_FALSE(std::filesystem::exists(folder / "r/ledger/actions.parquet"));
}

}  // namespace parallax::test
