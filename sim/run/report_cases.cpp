// SPDX-License-Identifier: Apache-2.0
#include "sim/run/report_cases.h"

#include <fmt/format.h>

#include "sim/run/report_text.h"

namespace parallax {
namespace {

using report_text::with_thousands;

std::string closing(const RunReport& report) {
  std::string text;
  if (!report.rerun.empty()) text += "rerun: " + report.rerun + "\n";
  if (!report.folder.empty()) text += "run folder: " + report.folder + "\n";
  return text;
}

ReportCase case_of(const RunReport& report, const AssertionReport& assertion) {
  ReportCase test{assertion.name, assertion.verdict, assertion.kind, assertion.why, ""};
  if (test.message.empty())
    test.message = fmt::format("expected {}, actual {}", assertion.expected, assertion.actual);
  const auto line = [&](std::string_view label, const std::string& text) {
    if (!text.empty()) test.details += fmt::format("{}: {}\n", label, text);
  };
  line("rule", assertion.rule);
  line("expected", assertion.expected);
  line("actual", assertion.actual);
  line("delta", assertion.delta);
  line("tolerance", assertion.tolerance);
  if (assertion.sample < assertion.sample_needed)
    line("sample", fmt::format("{} actions, {} needed", with_thousands(assertion.sample),
                               with_thousands(assertion.sample_needed)));
  for (const CauseCount& cause : assertion.causes)
    line("cause", fmt::format("{} actions {}, {}: {}", with_thousands(cause.actions),
                              name_of(cause.verdict), name_of(cause.cause), about(cause.cause)));
  for (const AssertionReport::Line& bucket : assertion.lines)
    if (bucket.verdict != Verdict::pass)
      line(bucket.bucket, fmt::format("expected {}, actual {}, delta {}", bucket.expected,
                                      bucket.actual, bucket.delta));
  test.details = closing(report) + test.details;  // First, so that a cut spares it.
  return test;
}

ReportCase case_of(const RunReport& report, const CauseCount& cause) {
  ReportCase test{fmt::format("{}: {}", name_of(cause.verdict), name_of(cause.cause)),
                  Verdict::fail, std::string(name_of(cause.cause)),
                  fmt::format("{} actions {}: {}", with_thousands(cause.actions),
                              name_of(cause.verdict), about(cause.cause)),
                  closing(report)};
  if (const std::string faults = report_text::faults_text(report, cause); !faults.empty())
    test.details += "struck by: " + faults + "\n";
  for (const ActionId id : cause.examples)
    test.details += "example: " + report_text::action_text(id) + "\n";
  for (const RunReport::Example& example : report.examples) {
    if (example.verdict != cause.verdict || example.cause != cause.cause) continue;
    test.details += "\n" + example.action + "\n";
    for (const std::string& line : example.timeline) test.details += "  " + line + "\n";
  }
  return test;
}

}  // namespace

std::vector<ReportCase> report_cases(const RunReport& report) {
  std::vector<ReportCase> cases;
  Verdict worst = Verdict::pass;
  for (const AssertionReport& assertion : report.assertions) {
    cases.push_back(case_of(report, assertion));
    worst = merge(worst, assertion.verdict);
  }
  for (const CauseCount& cause : report_text::failing_causes(report))
    cases.push_back(case_of(report, cause));
  if (cases.empty() || merge(worst, report.verdict) != worst)
    cases.push_back({"run", report.verdict, "run", report.because, closing(report)});
  return cases;
}

}  // namespace parallax
