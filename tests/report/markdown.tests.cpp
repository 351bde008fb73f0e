// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "tests/report/sample_reports.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the summary starts with the verdict and ends with the rerun command",
          "[report][markdown]") {
  const std::string text = report_markdown(failing_report());
  CHECK(text.starts_with("## fail: shop, seed 7\n"));
  CHECK(text.ends_with("```text\nparallax run scenarios/examples/shop.json --seed 7\n```\n"));
  CHECK(has(text, "| 1,204 | duplicated | retransmit |"));
  CHECK(has(text, "| **fail** | exactly\\_once<br>1,204 of 52,310"));
  CHECK(has(text, "<details><summary>purchase a-12 by u-17: duplicated, retransmit</summary>"));
}

TEST_CASE("a passing summary shows no examples and no bold verdict", "[report][markdown]") {
  const std::string text = report_markdown(passing_report());
  CHECK(has(text, "| pass | exactly\\_once |"));
  CHECK_FALSE(has(text, "<details>"));
  CHECK_FALSE(has(text, "**"));
}

TEST_CASE("what failed stands above what passed", "[report][markdown]") {
  const std::string text = report_markdown(failing_report());
  CHECK(text.find("| **fail** | sum purchase.revenue") < text.find("| **unknown** | ratio"));
}

TEST_CASE("no text breaks out of its cell or its fence", "[report][markdown]") {
  const std::string text = report_markdown(hostile_report());
  CHECK_FALSE(has(text, "\x1b"));
  std::istringstream in(text);
  std::string fence;
  for (std::string line; std::getline(in, line);) {
    if (fence.empty() && line.starts_with("```")) {
      fence = line.substr(0, line.find_first_not_of('`'));
      CHECK(fence.size() == 5);  // The texts hold a run of four.
    } else if (line == fence) {
      fence.clear();
    }
    if (!fence.empty()) continue;
    CHECK_FALSE(has(line, "<script"));
    if (!line.starts_with("| **")) continue;
    std::size_t bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
      bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1U : 0U;
    CHECK(bars == 7);
  }
  CHECK(fence.empty());
}

TEST_CASE("a summary is small enough for a CI page", "[report][markdown]") {
  RunReport report = failing_report();
  report.assertions.assign(50'000, report.assertions.front());
  report.because = std::string(2'000'000, '<');
  report.rerun = std::string(2'000'000, '`');
  CHECK(report_markdown(report).size() < std::size_t{1} << 20);
}

TEST_CASE("a summary stays below 900 KiB and says what it left out", "[report][markdown]") {
  RunReport report = failing_report();
  const std::string wide(200, '&');  // Each becomes "&amp;".
  AssertionReport huge = report.assertions.front();
  huge.name = huge.expected = huge.actual = huge.delta = huge.tolerance = huge.why = wide;
  report.assertions.assign(200, huge);
  const std::string text = report_markdown(report);
  CHECK(text.size() <= std::size_t{900} << 10);
  CHECK(has(text, "*Something is left out for lack of room: see report.json.*"));
  CHECK(has(text, "| 1,204 | duplicated | retransmit |"));
  CHECK(text.ends_with("```text\nparallax run scenarios/examples/shop.json --seed 7\n```\n"));
  CHECK_FALSE(has(report_markdown(failing_report()), "left out"));
}
