// SPDX-License-Identifier: Apache-2.0
// The judge against pipelines with bugs that are on no list: the clean table of a right pipeline,
// made wrong by one query each (odd_pipelines.json). Each is found, under a sensible cause, and no
// assertion is accused that the bug does not touch. No switch and no check knows of them.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "fault/fault.h"
#include "sim/core/duckdb.h"
#include "sim/pipeline/pipeline.h"
#include "sim/run/run_folder.h"
#include "sim/run/runner.h"
#include "sim/scenario/load.h"
#include "tests/run/play.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using Json = nlohmann::json;
using Words = std::set<std::string>;

/// Whether any failing cause of the report has no place in the list.
std::string beyond(const RunReport& report, const Words& verdicts, const Words& causes) {
  std::string text;
  for (const CauseCount& cause : report.causes)
    if (!verdicts.contains(std::string(name_of(cause.verdict))) ||
        !causes.contains(std::string(name_of(cause.cause))))
      text += std::string(name_of(cause.verdict)) + "/" + std::string(name_of(cause.cause)) + " ";
  return text;
}

Words accused(const RunReport& report) {
  Words names;
  for (const AssertionReport& assertion : report.assertions)
    if (assertion.verdict != Verdict::pass) names.insert(assertion.name);
  return names;
}

/// Whether the story of an example has the text.
bool tells(const RunReport& report, const std::string& text) {
  for (const RunReport::Example& example : report.examples)
    for (const std::string& line : example.timeline)
      if (line.find(text) != std::string::npos) return true;
  return text.empty();
}

/// One run, and its clean table as the table `clean` of a file of its own.
class Run {
 public:
  Run() : scenario_(load()) {
    RunOptions options;
    options.folder = folder_ / "run";
    const auto report = run_scenario(scenario_, TargetPlan{}, options);
    REQUIRE(report);
    REQUIRE(report->verdict == Verdict::pass);
    PipelineOptions pipeline;
    pipeline.data = RunFolder{options.folder}.pipeline();
    pipeline.contract = scenario_.plan;
    pipeline.leaves_clean_table = true;
    const auto started = Pipeline::start(pipeline);
    REQUIRE(started);
    (*started)->stop();
    flatten(pipeline.data / "warehouse.duckdb");
  }

  /// The report over what the query makes of `clean`.
  RunReport judge(const std::string& select) const {
    TargetPlan target;
    target.read.kind = "duckdb";
    target.read.path = (folder_ / "clean.duckdb").string();
    target.read.query = "select * from (" + select + ") where run_id = $1";
    target.settle.rows = 1;
    RunOptions options;
    options.folder = folder_ / "run";
    Result<RunReport> report = judge_folder(scenario_, target, options);
    if (!report) FAIL(report.error().text());
    return std::move(*report);
  }

 private:
  static Scenario load() {
    LoadOptions options;
    options.faults = fault_kinds();
    Loaded loaded = load_scenario(source("scenarios/fault/odd-pipelines.json"), options);
    REQUIRE(loaded.ok());
    return std::move(loaded.scenario);
  }

  void flatten(const std::filesystem::path& warehouse) {
    auto database = duckdb::Database::open(folder_ / "clean.duckdb");
    REQUIRE(database);
    auto sql = database->connect();
    REQUIRE(sql);
    const auto made = sql->run(
        "attach " + duckdb::quote_literal(warehouse.string()) +
        " as w (read_only); create table clean as select * exclude (event_id, revenue, tax, "
        "properties, context), event_id::varchar as event_id, revenue::decimal(18, 3) as revenue, "
        "tax::decimal(18, 3) as tax, properties->>'order_id' as order_id, "
        "(properties->>'subtotal')::decimal(18, 3) as subtotal, "
        "(properties->>'discount')::decimal(18, 3) as discount, properties->>'method' as method, "
        "properties->>'sku' as sku, (properties->>'quantity')::bigint as quantity, "
        "(properties->>'gift')::boolean as gift, context->>'country' as country, "
        "context->>'platform' as platform from w.clean_events");
    if (!made) FAIL(made.error().text());
  }

  TempFolder folder_;
  Scenario scenario_;
};

/// "replace": columns; "keep": a condition; "double": rows that stand twice; "select": all of it.
std::string select_of(const Json& odd) {
  if (odd.contains("replace"))
    return "select * replace (" + odd["replace"].get<std::string>() + ") from clean";
  if (odd.contains("keep")) return "select * from clean where " + odd["keep"].get<std::string>();
  if (odd.contains("double"))
    return "select * from clean union all select * from clean where " +
           odd["double"].get<std::string>();
  return odd["select"].get<std::string>();
}

const Json& odd_named(const Json& odd_pipelines, const std::string& name) {
  for (const Json& odd : odd_pipelines)
    if (odd["name"] == name) return odd;
  FAIL(name << " is no odd pipeline");
  return odd_pipelines;
}

Words both(const Json& one, const Json& other, const char* key) {
  Words words = one[key].get<Words>();
  words.merge(other[key].get<Words>());
  return words;
}

/// Whether some action fails by a verdict and a cause of the odd pipeline.
bool is_blamed(const RunReport& report, const Json& odd) {
  const Words verdicts = odd["verdicts"].get<Words>(), causes = odd["causes"].get<Words>();
  return std::any_of(report.causes.begin(), report.causes.end(), [&](const CauseCount& cause) {
    return verdicts.contains(std::string(name_of(cause.verdict))) &&
           causes.contains(std::string(name_of(cause.cause)));
  });
}

}  // namespace

TEST_CASE("pipelines with bugs on no list are found out, and nothing innocent is accused",
          "[odd]") {
  const Json odd_pipelines = Json::parse(read_file(source("tests/odd/odd_pipelines.json")));
  REQUIRE(odd_pipelines.size() >= 25);
  const Run run;
  const RunReport right = run.judge("select * from clean");
  INFO(failures(right));
  REQUIRE(right.verdict == Verdict::pass);
  for (const Json& odd : odd_pipelines) {
    const RunReport report = run.judge(select_of(odd));
    INFO(odd["name"] << ": " << failures(report));
    CHECK(report.verdict == Verdict::fail);
    CHECK(beyond(report, odd["verdicts"].get<Words>(), odd["causes"].get<Words>()) == "");
    CHECK(accused(report) == odd["accused"].get<Words>());
    CHECK(tells(report, odd.value("story", "")));
    CHECK((report.rows_phantom > 0) == odd.value("phantom", false));
    if (report.causes.empty()) continue;
    CHECK(report.causes.front().mark.where == odd.value("mark", ""));
  }
}

TEST_CASE("two bugs on no list at once are both found out, under the causes of both", "[odd]") {
  const Json odd_pipelines = Json::parse(read_file(source("tests/odd/odd_pipelines.json")));
  const Run run;
  const auto pairs = std::to_array<std::pair<const char*, const char*>>(
      {{"one_country_lost", "a_hundredth_in_tokyo"},
       {"one_country_lost", "a_hundredth_in_cents"},
       {"retries_doubled", "a_hundredth_in_dollars"},
       {"join_fan_out", "no_event_id_on_ios"},
       {"one_device_a_platform", "cents_for_yen"},
       {"seconds_only", "cents_for_yen"},
       {"flag_always_true", "gift_forgotten"},
       {"one_device_a_platform", "tokyo_time"},
       {"late_rows_lost", "a_hundredth_under_new_ids"},
       {"backfill_on_top", "a_hundredth_of_amounts_lost"},
       {"server_clock_filled_from_client", "a_hundredth_doubled"},
       {"a_hundredth_to_row_before", "method_in_small_letters"}});
  for (const auto& [first, second] : pairs) {
    const Json& one = odd_named(odd_pipelines, first);
    const Json& other = odd_named(odd_pipelines, second);
    const RunReport report =
        run.judge("with clean as (" + select_of(one) + ") " + select_of(other));
    INFO(first << " and " << second << ": " << failures(report));
    CHECK(report.verdict == Verdict::fail);
    CHECK(beyond(report, both(one, other, "verdicts"), both(one, other, "causes")) == "");
    CHECK(is_blamed(report, one));
    CHECK(is_blamed(report, other));
    CHECK(accused(report) == both(one, other, "accused"));
  }
}

}  // namespace parallax::test
