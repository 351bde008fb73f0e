// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "sim/run/report.h"
#include "sim/run/report_cases.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

constexpr std::size_t size_max = std::size_t{1} << 20;
constexpr std::size_t size_reserved = 16'384;  ///< For the frame around the test cases.
constexpr std::size_t body_max = 32'768;       ///< Of one test case, before escaping.
constexpr std::size_t message_max = 500;       ///< Characters of an attribute.
constexpr std::size_t property_max = 1'000;

/// The first `max` characters at most, without a walk through all of a long text.
std::string clipped(std::string_view text, std::size_t max) {
  constexpr std::size_t bytes_a_character = 4;
  return report_text::cut_to(report_text::legal(text.substr(0, (max + 1) * bytes_a_character)),
                             max);
}

std::string attribute(std::string_view text) {
  return report_text::xml(clipped(text, message_max), report_text::Place::attribute);
}

std::string body(std::string_view text) {
  if (text.size() <= body_max) return report_text::xml(text, report_text::Place::element);
  return report_text::xml(clipped(text, body_max / 4) + "\n[cut: all of it is in report.json]",
                          report_text::Place::element);
}

std::string xml_of(const ReportCase& test, const std::string& suite) {
  std::string out =
      fmt::format(R"(    <testcase classname="{}" name="{}")", suite, attribute(test.name));
  if (test.verdict == Verdict::pass) return out + "/>\n";
  const std::string_view element = test.verdict == Verdict::fail ? "failure" : "error";
  return out +
         fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n    </testcase>\n",
                     element, attribute(test.kind), attribute(test.message), body(test.details));
}

std::string properties(const RunReport& report) {
  std::string out = "    <properties>\n";
  const auto add = [&](std::string_view name, const std::string& value) {
    out +=
        fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name,
                    report_text::xml(clipped(value, property_max), report_text::Place::attribute));
  };
  add("seed", std::to_string(report.seed));
  add("run_id", report.run_id);
  add("scenario_hash", report.scenario_hash);
  add("parallax", report.parallax_version);
  add("target", report.target);
  add("rerun", report.rerun);
  return out + "    </properties>\n";
}

/// The cases as XML within the size bound, and how many of each kind they are.
struct Rendered {
  std::string xml;
  std::size_t tests = 0, failures = 0, errors = 0;

  bool add(const ReportCase& test, const std::string& suite) {
    const std::string text = xml_of(test, suite);
    if (xml.size() + text.size() > size_max - size_reserved) return false;
    xml += text;
    ++tests;
    failures += test.verdict == Verdict::fail ? 1U : 0U;
    errors += test.verdict == Verdict::unknown ? 1U : 0U;
    return true;
  }
};

Rendered render(std::vector<ReportCase> cases, const std::string& suite) {
  Rendered out;
  // The worst first in line for the room there is; stable, so that equal ones keep their order.
  std::stable_sort(cases.begin(), cases.end(),
                   [](const ReportCase& a, const ReportCase& b) { return a.verdict > b.verdict; });
  for (ReportCase& test : cases) {
    if (out.add(test, suite)) continue;
    test.details = "[cut: too long for this file; all of it is in report.json]";
    if (!out.add(test, suite)) break;
  }
  return out;
}

std::string cut_note(const RunReport& report, std::size_t all, std::size_t kept) {
  if (kept == all) return "";
  return fmt::format(
      "    <system-out>{} of {} test cases are left out here; all are in {}"
      "</system-out>\n",
      all - kept, all,
      report_text::xml(clipped(report.folder, message_max) + "/report.json",
                       report_text::Place::element));
}

}  // namespace

std::string report_junit(const RunReport& report) {
  const std::string suite = attribute("parallax." + report.scenario);
  std::vector<ReportCase> all = report_cases(report);
  const std::size_t count = all.size();
  const Rendered cases = render(std::move(all), suite);
  const std::string counts =
      fmt::format(R"(tests="{}" failures="{}" errors="{}" time="{:.3f}")", cases.tests,
                  cases.failures, cases.errors, static_cast<double>(report.timing.total) / 1e6);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"parallax\" {0}>\n"
      "  <testsuite name=\"{1}\" {0} skipped=\"0\">\n{2}{3}{4}  </testsuite>\n</testsuites>\n",
      counts, suite, properties(report), cases.xml, cut_note(report, count, cases.tests));
}

}  // namespace parallax
