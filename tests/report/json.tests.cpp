// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/report/sample_reports.h"
#include "tests/report/schema_check.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

using Json = nlohmann::ordered_json;

const std::vector<std::string> no_problems;

/// The keys of DESIGN section 8, in its order: they are always there.
const std::vector<std::string> contract{
    "schema_version", "parallax", "scenario",   "scenario_hash", "seed",     "run_id", "verdict",
    "actions",        "rows",     "assertions", "faults",        "delivery", "timing", "rerun"};

}  // namespace

TEST_CASE("report.json is what its schema says", "[report][json]") {
  SchemaCheck schema;
  CHECK(schema.problems(Json::parse(report_json(passing_report()))) == no_problems);
  CHECK(schema.problems(Json::parse(report_json(failing_report()))) == no_problems);
  CHECK(schema.problems(Json::parse(report_json(unknown_report()))) == no_problems);
  CHECK(schema.problems(Json::parse(report_json(hostile_report()))) == no_problems);
  CHECK(schema.problems(Json::parse(report_json(RunReport{}))) == no_problems);
}

TEST_CASE("the schema refuses a report with a fault anywhere", "[report][json]") {
  SchemaCheck schema;
  const Json good = Json::parse(report_json(failing_report()));
  for (const auto& [key, member] : good.items()) {
    if (std::find(contract.begin(), contract.end(), key) == contract.end()) continue;
    Json without = good;
    without.erase(key);
    CAPTURE(key);
    CHECK(schema.problems(without).size() == 1);
  }
  Json bad = good;
  bad["actions"]["lost"] = -1;
  bad["verdict"] = "maybe";
  bad["assertions"][0]["causes"][0]["actions"] = "12";
  bad["extra"] = 1;
  bad["schema_version"] = 2;
  CHECK(schema.problems(bad).size() == 5);
}

TEST_CASE("the keys of report.json stand in the order of the contract", "[report][json]") {
  const Json json = Json::parse(report_json(failing_report()));
  std::vector<std::string> keys;
  for (const auto& [key, member] : json.items())
    if (std::find(contract.begin(), contract.end(), key) != contract.end()) keys.push_back(key);
  CHECK(keys == contract);
}

TEST_CASE("report.json says what the report says", "[report][json]") {
  const Json json = Json::parse(report_json(failing_report()));
  CHECK(json["verdict"] == "fail");
  CHECK(json["seed"] == 7);
  CHECK(json["actions"]["total"] == 52'310);
  CHECK(json["actions"]["duplicated"] == 1'204);
  CHECK(json["rows"]["phantom"] == 3);
  CHECK(json["assertions"][0]["causes"][0]["cause"] == "retransmit");
  CHECK(json["assertions"][0]["examples"][1] == "a-281474976710663");
  CHECK(json["assertions"][1]["sample_needed"] == 1'537);
  CHECK(json["causes"][0]["faults"][0]["name"] == "answer_lost");
  CHECK(json["delivery"]["statuses"]["503"] == 10);
  CHECK(json["timing"]["total_us"] == 6'050'000);
}

TEST_CASE("a seed of 64 bits keeps all of them", "[report][json]") {
  RunReport report = passing_report();
  report.seed = ~std::uint64_t{0};
  CHECK(report_json(report).find("\"seed\": 18446744073709551615,") != std::string::npos);
}

TEST_CASE("report.json of a load keeps its schema and says what was measured", "[report][json]") {
  SchemaCheck schema;
  const Json json = Json::parse(report_json(load_report()));
  CHECK(schema.problems(json) == std::vector<std::string>{});
  const Json& load = json.at("load");
  CHECK(load.at("model") == "open");
  CHECK(load.at("asked") == "20k events/s for 30s");
  CHECK(load.at("latency").at("count") == 12'000);
  CHECK(load.at("latency").at("p50_us") == 6'003);
  CHECK(load.at("latency").at("max_us") == 12'000);
  CHECK(load.at("events_per_s") == 19'995.0);
  CHECK(load.at("achieved") == 1.0);
  CHECK(load.at("generator").at("busy") == 0.2);
  Json bad = json;
  bad["load"]["latency"]["p99_us"] = "long";
  bad["load"]["model"] = "ajar";
  CHECK(schema.problems(bad).size() == 2);
}
