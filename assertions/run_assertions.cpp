// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <exception>

#include "assertions/assertion.h"
#include "assertions/causes.h"

namespace parallax {

#define ASSERTION(name) \
  Result<std::unique_ptr<Assertion>> make_##name(const AssertionPlan&, const Scenario&);
#include "assertions/assertions.inc"
#undef ASSERTION

namespace {

struct Kind {
  std::string_view name;
  Result<std::unique_ptr<Assertion>> (*make)(const AssertionPlan&, const Scenario&);
};

#define ASSERTION(name) Kind{#name, make_##name},
constexpr std::array kinds{
#include "assertions/assertions.inc"
};
#undef ASSERTION

bool names_it(const std::string& word, const CauseCount& cause) {
  return word == name_of(cause.verdict) || word == name_of(cause.cause);
}

/// Everything that was to be found was, and every failing group was to be found.
bool found_as_expected(const AssertionPlan& plan, const AssertionReport& report) {
  const auto& words = plan.expect_with;
  if (words.empty()) return true;
  const auto is_word = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const auto is_expected = [&](const CauseCount& cause) {
    return severity(cause.verdict) != Verdict::fail || is_word(name_of(cause.verdict)) ||
           is_word(name_of(cause.cause));
  };
  const auto is_found = [&](const std::string& word) {
    if (word == "phantom") return report.phantoms > 0;
    return std::any_of(report.causes.begin(), report.causes.end(),
                       [&](const CauseCount& cause) { return names_it(word, cause); });
  };
  const bool phantoms_fit = report.phantoms == 0 || is_word("phantom");
  return phantoms_fit && std::all_of(report.causes.begin(), report.causes.end(), is_expected) &&
         std::all_of(words.begin(), words.end(), is_found);
}

void apply_expect(const AssertionPlan& plan, AssertionReport& report) {
  report.verdict = report.found;
  if (!plan.expect_verdict) return;
  report.expected_to_fail = *plan.expect_verdict == name_of(Verdict::fail);
  const std::string found(name_of(report.found));
  if (found != *plan.expect_verdict) {
    // Too little evidence to see the failure is not the failure's absence.
    const bool undecided = report.found == Verdict::unknown;
    report.verdict = undecided ? Verdict::unknown : Verdict::fail;
    report.why = "expected " + *plan.expect_verdict + ", found " + found +
                 (report.why.empty() ? "" : ": " + report.why);
    return;
  }
  if (found_as_expected(plan, report)) {
    report.verdict = Verdict::pass;
    return;
  }
  report.verdict = Verdict::fail;
  report.why = "it ended as expected, but with other causes than expected: " + report.why;
}

AssertionReport run_one(const AssertionPlan& plan, const Evidence& evidence) {
  AssertionReport report;
  try {
    const auto made = make_assertion(plan, evidence.scenario);
    if (made) {
      report = (*made)->judge(evidence);
    } else {
      report.why = made.error().text();
    }
  } catch (const std::exception& thrown) {
    report = {};
    report.why = std::string("the assertion broke down: ") + thrown.what();
  }
  report.name = plan.name.empty() ? plan.that : plan.name;
  report.kind = plan.that;
  apply_expect(plan, report);
  return report;
}

AssertionPlan plain(std::string kind) {
  AssertionPlan plan;
  plan.that = std::move(kind);
  return plan;
}

}  // namespace

Result<std::unique_ptr<Assertion>> make_assertion(const AssertionPlan& plan,
                                                  const Scenario& scenario) {
  for (const Kind& kind : kinds)
    if (kind.name == plan.that) return kind.make(plan, scenario);
  return Error{Error::Kind::invalid_input, "no assertion is called \"" + plan.that + "\"", "that"};
}

std::vector<AssertionReport> run_assertions(const Evidence& evidence) {
  std::vector<AssertionPlan> plans = evidence.scenario.assertions;
  if (plans.empty()) plans = {plain("exactly_once"), plain("fields")};
  std::vector<AssertionReport> reports;
  for (const AssertionPlan& plan : plans) reports.push_back(run_one(plan, evidence));
  return reports;
}

}  // namespace parallax
