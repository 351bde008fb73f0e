// SPDX-License-Identifier: Apache-2.0
// `parallax explain` and the explanation in the reports, on incidents that are played.
#include <nlohmann/json.hpp>

#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using nlohmann::json;

/// An incident with few users, played into `folder`/run.
json explained(const TempFolder& folder, const std::string& name) {
  const Output run =
      parallax({"run", source("scenarios/incident/" + name + ".json").string(), "--set",
                "/population/users=900", "--out", (folder / "run").string(), "-q"});
  INFO(run.out << run.err);
  REQUIRE(run.code == 0);
  return json::parse(read_file(folder / "run/report.json")).at("explanation");
}

std::int64_t steps_of(const json& explanation) {
  std::int64_t sum = 0;
  for (const json& step : explanation.at("waterfall"))
    sum += step.at("ten_thousandths").get<std::int64_t>();
  return sum;
}

std::int64_t rounded(const json& window) {
  return std::llround(window.at("ratio").get<double>() * 10'000);
}

}  // namespace

TEST_CASE("an incident's reports say which rows are missing, where and since which deploy",
          "[run][explain]") {
  const TempFolder folder;
  const json e = explained(folder, "ratio-jump");
  CHECK(e.at("finding") == "cause");
  CHECK(e.at("mechanism") == "server row missing: never recorded, discount > 0");
  CHECK(e.at("suspects").at(0).at("where") == "discount > 0");
  CHECK(e.at("deploy").at("label") == "checkout 4.2");
  CHECK(steps_of(e) == rounded(e.at("after")) - rounded(e.at("before")));
  const std::string summary = read_file(folder / "run/summary.md");
  CHECK(summary.find("Why client rows per server row of purchase moved") != std::string::npos);
  const json report = json::parse(read_file(folder / "run/report.json"));
  CHECK(report.at("deploys").size() == 2);

  const Output told = parallax({"explain", (folder / "run").string()});
  INFO(told.out << told.err);
  CHECK(told.code == 0);
  CHECK(told.out.find("rose from 1.0") != std::string::npos);
  CHECK(told.out.find("From the ratio before to the ratio after") != std::string::npos);
  const Output again = parallax({"explain", (folder / "run").string(), "--json"});
  CHECK(json::parse(again.out) == e);
}

TEST_CASE("shards that are merged explain what moved in all of them", "[run][explain]") {
  const TempFolder folder;
  const std::string incident = source("scenarios/incident/ratio-jump.json").string();
  std::vector<std::string> merge{"report", "merge", "--out", (folder / "run").string(), "-q"};
  for (const std::string shard : {"1", "2"}) {
    merge.push_back((folder / shard).string());
    const Output run = parallax({"run", incident, "--set", "/population/users=900", "--shard",
                                 shard + "/2", "--out", merge.back(), "-q"});
    INFO(run.out << run.err);
    REQUIRE(run.code != 3);
  }
  const Output merged = parallax(merge);
  INFO(merged.out << merged.err);
  CHECK(merged.code == 0);
  const json e = json::parse(read_file(folder / "run/report.json")).at("explanation");
  CHECK(e.at("finding") == "cause");
  CHECK(e.at("mechanism") == "server row missing: never recorded, discount > 0");
  CHECK(e.at("deploy").at("label") == "checkout 4.2");
}

TEST_CASE("a dedupe that takes orders of a minute for one is told as such", "[run][explain]") {
  const TempFolder folder;
  const Output run = parallax({"run", source("scenarios/incident/ratio-collapsed.json").string(),
                               "--out", (folder / "run").string(), "-q"});
  INFO(run.out << run.err);
  REQUIRE(run.code == 0);
  const json e = json::parse(read_file(folder / "run/report.json")).at("explanation");
  CHECK(e.at("mechanism") == "server row missing: stored, and not counted, discount > 0");
  CHECK(e.at("sentences").dump().find("taken for duplicates") != std::string::npos);
}

TEST_CASE("a quiet week is explained as quiet", "[run][explain]") {
  const TempFolder folder;
  const json e = explained(folder, "quiet-week");
  CHECK(e.at("finding") == "quiet");
  CHECK(e.at("waterfall").empty());
}

TEST_CASE("what cannot be explained is said", "[run][explain]") {
  const TempFolder folder;
  const Output none = parallax({"explain", (folder / "nothing").string()});
  CHECK(none.code == 4);
  CHECK(none.err.find("is no run folder") != std::string::npos);
  const Output run = parallax({"run", source("scenarios/smoke/plain.json").string(), "--set",
                               "/population/users=20", "--out", (folder / "run").string(), "-q"});
  REQUIRE(run.code != 4);
  const Output wrong = parallax({"explain", (folder / "run").string(), "--of", "purchas"});
  CHECK(wrong.code == 4);
  CHECK(wrong.err.find("did you mean purchase?") != std::string::npos);
  const Output few = parallax({"explain", (folder / "run").string(), "--of", "purchase"});
  INFO(few.out << few.err);
  CHECK(few.code == 2);
  CHECK(few.out.find("Too few rows") != std::string::npos);
}

TEST_CASE("a challenge names three checks, what they find and what to report", "[run][explain]") {
  const TempFolder folder;
  const Output played =
      parallax({"challenge", "ratio-jump", "--folder", source("scenarios/incident").string(),
                "--out", (folder / "run").string()});
  INFO(played.out << played.err);
  CHECK(played.code == 0);
  for (const char* words : {"from 1.02 to 1.1", "Check 1", "Check 2", "Check 3", "discount > 0",
                            "never recorded", "checkout 4.2", "Meanwhile"})
    CHECK(played.out.find(words) != std::string::npos);
  const Output unknown = parallax({"challenge", "ratio-dump"});
  CHECK(unknown.code == 4);
  CHECK(unknown.err.find("no such challenge") != std::string::npos);
}

}  // namespace parallax::test
