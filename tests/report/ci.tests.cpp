// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/run/report_cases.h"
#include "tests/report/sample_reports.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

using Json = nlohmann::json;

constexpr SimTime noon{1'700'000'000'000'000};

/// What the CTRF schema asks of a report.
void check_ctrf(const Json& json) {
  CHECK(json.at("reportFormat") == "CTRF");
  CHECK(json.at("specVersion").is_string());
  CHECK(json.at("results").at("tool").at("name") == "parallax");
  const Json& summary = json.at("results").at("summary");
  for (const char* key :
       {"tests", "passed", "failed", "pending", "skipped", "other", "start", "stop"})
    CHECK(summary.at(key).is_number_integer());
  std::size_t failed = 0, other = 0;
  for (const Json& test : json.at("results").at("tests")) {
    CHECK(test.at("name").is_string());
    CHECK(test.at("duration").is_number_integer());
    failed += test.at("status") == "failed" ? 1U : 0U;
    other += test.at("status") == "other" ? 1U : 0U;
  }
  CHECK(summary.at("tests") == json.at("results").at("tests").size());
  CHECK(summary.at("failed") == failed);
  CHECK(summary.at("other") == other);
}

std::vector<std::string> lines_of(const RunReport& report) {
  Annotations annotations;
  annotations.add(report, "scenarios/examples/shop.json");
  std::vector<std::string> lines;
  std::string text = annotations.text();
  for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
    lines.push_back(text.substr(0, end));
  return lines;
}

}  // namespace

TEST_CASE("CTRF counts what JUnit counts", "[report][ctrf]") {
  for (const RunReport& report :
       {passing_report(), failing_report(), unknown_report(), hostile_report(), RunReport{}})
    check_ctrf(Json::parse(report_ctrf(report, noon)));
  const Json failing = Json::parse(report_ctrf(failing_report(), noon));
  CHECK(failing.at("results").at("summary").at("failed") == 4);
  CHECK(failing.at("results").at("summary").at("other") == 1);
  CHECK(failing.at("results").at("summary").at("stop") == 1'700'000'000'000);
}

TEST_CASE("a run that measured nothing has no green CTRF test", "[report][ctrf]") {
  const Json json = Json::parse(report_ctrf(RunReport{}, noon));
  CHECK(json.at("results").at("summary").at("passed") == 0);
  CHECK(json.at("results").at("summary").at("other") == 1);
}

TEST_CASE("a passing run annotates nothing", "[report][annotations]") {
  CHECK(lines_of(passing_report()).empty());
}

TEST_CASE("failures are annotated before what is unknown", "[report][annotations]") {
  const auto lines = lines_of(failing_report());
  REQUIRE(lines.size() == 5);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(lines[i].starts_with("::error file=scenarios/examples/shop.json,title=shop%3A "));
  CHECK(lines[4].starts_with("::warning "));
  CHECK(lines[0].find("%0Arerun: parallax run") != std::string::npos);
}

TEST_CASE("a command annotates eight findings at most, the worst of all its reports",
          "[report][annotations]") {
  Annotations annotations;
  for (int i = 0; i < 9; ++i) annotations.add(unknown_report(), "u.json");
  annotations.add(failing_report(), "f.json");
  const std::string text = annotations.text();
  const auto count = [&](const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
    return n;
  };
  CHECK(count("::error ") == 4);
  CHECK(count("::warning ") == 4);
  CHECK(text.find("parallax: 6 more findings are in the reports") != std::string::npos);
}

TEST_CASE("no text breaks out of its annotation", "[report][annotations]") {
  RunReport report = unknown_report();
  report.because = "100%\r\n::error::planted, and: more";
  const auto lines = lines_of(report);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("\r") == std::string::npos);
  CHECK(lines[0].find("100%25") != std::string::npos);
  for (const std::string& line : lines_of(hostile_report())) {
    CHECK((line.starts_with("::") || line.starts_with("parallax: ")));
    CHECK(line.find('\x1b') == std::string::npos);
  }
}
