// SPDX-License-Identifier: Apache-2.0
#include "sim/run/report_diff.h"

#include "tests/report/sample_reports.h"
#include "tests/report/schema_check.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

ReportDiff between(const RunReport& a, const RunReport& b) {
  const Result<ReportDiff> diff = diff_reports(report_json(a), "a", report_json(b), "b");
  REQUIRE(diff);
  return *diff;
}

const DiffLine* line_of(const ReportDiff& diff, const std::string& section,
                        const std::string& what) {
  for (const DiffSection& one : diff.sections)
    for (const DiffLine& line : one.lines)
      if (one.name == section && line.what == what) return &line;
  return nullptr;
}

std::string text_of(const ReportDiff& diff) { return diff_text(diff, {}); }

}  // namespace

TEST_CASE("two equal runs are the same, whatever time they took", "[report][diff]") {
  RunReport slow = passing_report();
  slow.timing.total += 10 * second;
  slow.run_id = "another";
  const ReportDiff diff = between(passing_report(), slow);
  CHECK(diff.same());
  CHECK(diff.worsened == Verdict::pass);
  CHECK(text_of(diff).ends_with("\ndiff: the same but for times, pass -> pass\n"));
}

TEST_CASE("a run that fails where the other passed is worse, and says in what", "[report][diff]") {
  const ReportDiff diff = between(passing_report(), failing_report());
  CHECK_FALSE(diff.same());
  CHECK(diff.worsened == Verdict::fail);
  const DiffLine* duplicated = line_of(diff, "actions", "duplicated");
  REQUIRE(duplicated != nullptr);
  CHECK(duplicated->worse == 1);
  CHECK(duplicated->b == "1,204");
  const DiffLine* assertion = line_of(diff, "assertions", "exactly_once");
  REQUIRE(assertion != nullptr);
  CHECK(assertion->a == "pass");
  CHECK(assertion->b == "fail");
  const DiffLine* cause = line_of(diff, "causes", "duplicated/retransmit");
  REQUIRE(cause != nullptr);
  CHECK(cause->number_a == 0);
  CHECK(text_of(diff).ends_with("\ndiff: worse, pass -> fail\n"));
}

TEST_CASE("the other way round nothing is worse", "[report][diff]") {
  const ReportDiff diff = between(failing_report(), passing_report());
  CHECK(diff.worsened == Verdict::pass);
  REQUIRE(line_of(diff, "actions", "duplicated") != nullptr);
  CHECK(line_of(diff, "actions", "duplicated")->worse == -1);
  CHECK(text_of(diff).ends_with("\ndiff: different, nothing worse, fail -> pass\n"));
}

TEST_CASE("an assertion that got worse counts also where the run's verdict stayed",
          "[report][diff]") {
  RunReport worse = failing_report();
  for (AssertionReport& assertion : worse.assertions)
    if (assertion.verdict == Verdict::unknown) assertion.verdict = Verdict::fail;
  CHECK(between(failing_report(), worse).worsened == Verdict::fail);
}

TEST_CASE("what only one side has is shown with a dash", "[report][diff]") {
  RunReport more = passing_report();
  more.faults.push_back({"storm", "status", 12, 0, 0, false});
  const ReportDiff diff = between(passing_report(), more);
  const DiffLine* fault = line_of(diff, "faults", "storm, struck");
  REQUIRE(fault != nullptr);
  CHECK_FALSE(fault->a);
  CHECK(fault->b == "12");
}

TEST_CASE("numbers say by how much they changed", "[report][diff]") {
  RunReport more = passing_report();
  more.delivery.attempts = passing_report().delivery.attempts * 2;
  const std::string text = text_of(between(passing_report(), more));
  CHECK(text.find("(+100%)") != std::string::npos);
}

TEST_CASE("loads are compared by rate and latency", "[report][diff]") {
  RunReport slow = load_report();
  for (int i = 0; i < 100'000; ++i) slow.load->tally.latency.record(30 * second);
  const ReportDiff diff = between(load_report(), slow);
  REQUIRE(line_of(diff, "load", "latency.p99_us") != nullptr);
  CHECK(line_of(diff, "load", "latency.p99_us")->worse == 1);
}

TEST_CASE("the JSON follows its schema, and the check can fail", "[report][diff]") {
  SchemaCheck schema("diff.schema.json");
  for (const RunReport& b : {passing_report(), failing_report(), hostile_report(), load_report()}) {
    auto json = SchemaCheck::Json::parse(diff_json(between(passing_report(), b)));
    CHECK(schema.problems(json) == std::vector<std::string>{});
    json["worsened"] = "a little";
    CHECK(schema.problems(json).size() == 1);
  }
}

TEST_CASE("what is no report is refused by name", "[report][diff]") {
  const std::string good = report_json(passing_report());
  for (const char* bad :
       {"", "[]", "{}", R"({"schema_version": 2})", R"({"schema_version": 1, "actions": 3})"}) {
    CAPTURE(bad);
    const auto diff = diff_reports(good, "a", bad, "b");
    REQUIRE_FALSE(diff);
    CHECK(diff.error().kind == Error::Kind::invalid_input);
    CHECK(diff.error().where == "b/report.json");
  }
}

TEST_CASE("no text of a report reaches the terminal as a command", "[report][diff]") {
  CHECK(text_of(between(passing_report(), hostile_report())).find('\x1b') == std::string::npos);
}
