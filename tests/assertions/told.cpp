// SPDX-License-Identifier: Apache-2.0
#include "tests/assertions/told.h"

#include <fmt/format.h>

#include "tests/support/catch.h"

namespace parallax::test {

std::string told(const AssertionReport& report) {
  std::string text = fmt::format("{}\n", name_of(report.found));
  const auto say = [&](const char* what, const std::string& words) {
    if (!words.empty()) text += fmt::format("{}: {}\n", what, words);
  };
  say("rule", report.rule);
  say("expected", report.expected);
  say("actual", report.actual);
  say("delta", report.delta);
  say("tolerance", report.tolerance);
  say("why", report.why);
  text += fmt::format("sample: {}{}\n", report.sample,
                      report.sample_needed > 0 ? fmt::format(" of {}", report.sample_needed) : "");
  for (const CauseCount& cause : report.causes)
    text +=
        fmt::format("- {}/{} {}\n", name_of(cause.verdict), name_of(cause.cause), cause.actions);
  for (const AssertionReport::Line& line : report.lines)
    text += fmt::format("| {} | {} | {} | {} | {}\n", line.bucket, line.expected, line.actual,
                        line.delta, name_of(line.verdict));
  text += fmt::format("examples: {}", report.examples.size());
  return text + (report.phantoms > 0 ? fmt::format(", phantoms: {}", report.phantoms) : "");
}

std::string told(const LedgerBuilder& built, const RowSet& rows, const AssertionPlan& plan) {
  std::string whole = told(Judged(built, rows).with(plan));
  CHECK(whole == told(Judged(built, rows, {}, 3).with(plan)));
  return whole;
}

}  // namespace parallax::test
