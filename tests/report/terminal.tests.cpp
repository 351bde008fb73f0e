// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>

#include "sim/run/report_text.h"
#include "tests/report/sample_reports.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

std::string printed(const RunReport& report, const TerminalStyle& style = {}) {
  std::ostringstream out;
  print_report(report, style, out);
  return out.str();
}
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the first line says the verdict, the last one can be grepped", "[report][terminal]") {
  const auto lines = lines_of(printed(passing_report()));
  CHECK(lines.front() == "PASS  shop, seed 7");
  CHECK(lines.back() ==
        "parallax: pass scenario=shop seed=7 actions=52310 ok=51200 recovered=110 excused=1000 "
        "lost=0 duplicated=0 collapsed=0 distorted=0 misattributed=0 mistimed=0 late=0 leaked=0 "
        "unevaluated=0 phantom=0 foreign=0 run=parallax-runs/shop-7");
  CHECK(lines_of(printed(failing_report())).front() == "FAIL  shop, seed 7");
  CHECK(lines_of(printed(unknown_report())).front() == "UNKNOWN  smoke, seed 1");
}

TEST_CASE("a quiet report is its last line", "[report][terminal]") {
  TerminalStyle style;
  style.quiet = true;
  const auto lines = lines_of(printed(failing_report(), style));
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().starts_with("parallax: fail scenario=shop seed=7 "));
}

TEST_CASE("a pass fits a screen, however much was asserted", "[report][terminal]") {
  CHECK(lines_of(printed(passing_report())).size() <= 26);
  RunReport report = passing_report();
  report.assertions.assign(100, report.assertions.front());
  report.faults.assign(60, report.faults.front());
  const std::string text = printed(report);
  CHECK(lines_of(text).size() <= 40);
  CHECK(has(text, "... and 92 more that pass"));
  CHECK(has(text, "... and 52 more that struck"));
}

TEST_CASE("a failure tells why before it tells what", "[report][terminal]") {
  const std::string text = printed(failing_report());
  CHECK(has(text, "1,204 of 52,310 actions have more than one row"));
  CHECK(has(text, "struck by answer_lost (1,204)\n"));
  CHECK(text.find("retransmit") < text.find("Assertions"));
  CHECK(text.find("Assertions") < text.find("Examples"));
  CHECK(has(text, "40 actions seen, 1,537 needed"));
  CHECK(has(text, "rerun      parallax run scenarios/examples/shop.json --seed 7\n"));
}

TEST_CASE("few buckets are all shown, of many only those that do not hold", "[report][terminal]") {
  RunReport report = failing_report();
  AssertionReport& sum = report.assertions[2];
  const std::string few = printed(report);
  CHECK(has(few, "2026-03-02 "));
  CHECK(has(few, "2026-03-03 "));
  sum.lines.insert(sum.lines.end(), 10, sum.lines.front());
  const std::string many = printed(report);
  CHECK_FALSE(has(many, "2026-03-02 "));
  CHECK(has(many, "2026-03-03 "));
  sum.lines.insert(sum.lines.end(), 10, sum.lines[1]);
  CHECK(has(printed(report), "... and 3 more like these"));
}

TEST_CASE("sums in several currencies take a row each", "[report][terminal]") {
  RunReport report = failing_report();
  AssertionReport& sum = report.assertions[2];
  sum.expected = "10.00 USD; 900 JPY";
  sum.actual = "11.00 USD; 900 JPY (a remark)";
  sum.delta = "+1.00; 0";
  const auto lines = lines_of(printed(report));
  CHECK(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return has(line, "10.00 USD") && has(line, "11.00 USD") && has(line, "+1.00");
  }));
  CHECK(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.starts_with("    ") && line.find("900 JPY") < line.rfind("900 JPY") &&
           !has(line, "remark");
  }));
}

TEST_CASE("a fault that never struck stands out", "[report][terminal]") {
  CHECK(has(printed(unknown_report()), "never struck"));
  RunReport report = unknown_report();
  report.faults.front().may_miss = true;
  CHECK_FALSE(has(printed(report), "never struck"));
}

TEST_CASE("a failure that the scenario expects is shown as what it is", "[report][terminal]") {
  RunReport report = passing_report();
  report.assertions.front().expected_to_fail = true;
  report.assertions.front().found = Verdict::fail;
  report.assertions.front().why = "1,204 actions have more than one row";
  CHECK(has(printed(report), "fails, as the scenario expects: 1,204 actions"));
}

TEST_CASE("no line is longer than the terminal is wide", "[report][terminal]") {
  TerminalStyle style;
  style.width = GENERATE(80U, 100U, 160U);
  RunReport long_texts = hostile_report();
  long_texts.scenario = "shop";  // The loader keeps names short, and what is to be copied is whole.
  long_texts.rerun = long_texts.folder = "";
  for (const RunReport& report :
       {passing_report(), failing_report(), unknown_report(), long_texts}) {
    const auto lines = lines_of(printed(report, style));
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      CAPTURE(lines[i]);
      CHECK(report_text::columns(lines[i]) <= style.width);
    }
  }
}

TEST_CASE("colour is there only when it was asked for, and changes no text", "[report][terminal]") {
  const std::string plain = printed(failing_report());
  CHECK_FALSE(has(plain, "\x1b"));
  TerminalStyle style;
  style.colour = true;
  std::string coloured = printed(failing_report(), style);
  CHECK(has(coloured, "\x1b[31m"));
  for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) + 1 - at);
  CHECK(coloured == plain);
}

TEST_CASE("no text of a target reaches the terminal's interpreter", "[report][terminal]") {
  const std::string text = printed(hostile_report());
  CHECK(std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
  }));
  CHECK(lines_of(text).back().starts_with("parallax: fail scenario="));
}

TEST_CASE("a load's report has rates, latencies and the generator's health", "[report][terminal]") {
  const std::string text = printed(load_report());
  CHECK(text.find("20k events/s for 30s after 5s of warm-up, 50 events a request") !=
        std::string::npos);
  CHECK(text.find("accepted  599,850    19,995  99.97%") != std::string::npos);
  CHECK(text.find("latency, from planned time  0.00 ms  6.00 ms") != std::string::npos);
  CHECK(text.find("3 requests had no answer") != std::string::npos);
  CHECK(text.find("healthy: busy 20 % of the time") != std::string::npos);
  CHECK(text.find("3 populations of 10,000 users") != std::string::npos);
  CHECK(text.find("300.0 MB sent, 2.5 MB of answers") != std::string::npos);
  CHECK(text.find(" unknown; 40") != std::string::npos);
}

TEST_CASE("an empty report is printed without a fuss", "[report][terminal]") {
  const auto lines = lines_of(printed(RunReport{}));
  CHECK(lines.back().starts_with("parallax: unknown scenario= seed=0 actions=0 "));
}

TEST_CASE("the exit code is the verdict's, unless the run was interrupted", "[report]") {
  RunReport report;
  report.verdict = Verdict::pass;
  CHECK(exit_code(report) == 0);
  report.verdict = Verdict::unknown;
  CHECK(exit_code(report) == 2);
  report.interrupted = true;
  CHECK(exit_code(report) == 130);
  report.verdict = Verdict::fail;
  CHECK(exit_code(report) == 1);
}
