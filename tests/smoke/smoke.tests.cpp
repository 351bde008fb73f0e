// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> smoke_scenarios() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(source("scenarios/smoke")))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// report.json without what may differ between equal runs: wall times and folders.
nlohmann::json lasting(const fs::path& folder) {
  nlohmann::json report = nlohmann::json::parse(read_file(folder / "report.json"));
  report.erase("timing");
  report.erase("folder");
  return report;
}

}  // namespace

TEST_CASE("every smoke scenario passes, and twice byte for byte", "[smoke]") {
  REQUIRE(smoke_scenarios().size() >= 10);
  for (const fs::path& file : smoke_scenarios()) {
    const TempFolder folder;
    INFO(file.string());
    // Equal words, so that the rerun command in the report is equal too; another folder and jobs.
    const Output once = parallax({"run", file.string(), "--out", (folder / "a").string()});
    const Output again =
        parallax({"run", file.string(), "--jobs", "2", "--out", (folder / "b").string()});
    INFO(once.out << once.err << again.err);
    CHECK(once.code == 0);
    CHECK(again.code == 0);
    CHECK(lasting(folder / "a") == lasting(folder / "b"));
    for (const auto& entry : fs::directory_iterator(folder / "a" / "ledger")) {
      if (entry.path().extension() != ".parquet") continue;
      INFO(entry.path().filename().string());
      CHECK(read_file(entry.path()) ==
            read_file(folder / "b" / "ledger" / entry.path().filename()));
    }
  }
}

TEST_CASE("the canary fails: a run can be red", "[smoke]") {
  const TempFolder folder;
  const Output run = parallax(
      {"run", source("scenarios/fault/canary.json").string(), "--out", (folder / "r").string()});
  INFO(run.out << run.err);
  CHECK(run.code == 1);
}

TEST_CASE("a fault that never strikes makes the run unknown, unless it may miss", "[smoke]") {
  const TempFolder folder;
  const std::string file = source("scenarios/smoke/drop.json").string();
  const std::string drop = R"(/faults=[{"fault": "drop", "rate": 1, "when": "23h59m59s.."}])";
  const Output silent = parallax({"run", file, "--set", drop, "--set", "/population/users=20",
                                  "--out", (folder / "r").string()});
  INFO(silent.out << silent.err);
  CHECK(silent.code == 2);
  CHECK(silent.out.find("never struck") != std::string::npos);
  const std::string excused =
      R"(/faults=[{"fault": "drop", "rate": 1, "when": "23h59m59s..", "may_miss": true}])";
  CHECK(parallax({"run", file, "--set", excused, "--set", "/population/users=20", "--out",
                  (folder / "s").string()})
            .code == 0);
}

TEST_CASE("the shop holds on the reference pipeline and the incident is reproduced",
          "[smoke][examples]") {
  const TempFolder folder;
  const Output shop = parallax({"run", source("scenarios/examples/shop.json").string(), "--out",
                                (folder / "shop").string()});
  INFO(shop.out << shop.err);
  CHECK(shop.code == 0);
  const Output jump = parallax({"run", source("scenarios/incident/ratio-jump.json").string(),
                                "--out", (folder / "jump").string()});
  INFO(jump.out << jump.err);
  CHECK(jump.code == 0);
  CHECK(jump.out.find("discount_deploy") != std::string::npos);
  // Each day of the story: about 1.02 before the deploy, about 1.18 after it.
  const auto report = nlohmann::json::parse(read_file(folder / "jump/report.json"));
  const auto& lines = report.at("assertions").at(0).at("lines");
  REQUIRE(lines.size() == 6);
  for (std::size_t day = 0; day < 6; ++day) {
    const double ratio = std::stod(lines.at(day).at("actual").get<std::string>());
    CHECK(ratio == Approx(day < 3 ? 1.02 : 1.18).margin(0.03));
  }
}

}  // namespace parallax::test
