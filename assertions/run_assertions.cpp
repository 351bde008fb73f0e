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

/// Empty, or why it broke down.
template <class Work>
std::string trying(Work work) {
  try {
    work();
  } catch (const std::exception& thrown) {
    return std::string("the assertion broke down: ") + thrown.what();
  }
  return {};
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

/// Assertions refer to their plans, which therefore never move.
struct AssertionSet::Made {
  const AssertionPlan* plan;
  std::unique_ptr<Assertion> assertion;
  std::string broken;
  std::unique_ptr<const AssertionPlan> own = nullptr;  ///< Where it is not the scenario's.
};

AssertionSet::AssertionSet(const Scenario& scenario) : plans_(scenario.assertions) {
  if (plans_.empty()) plans_ = {plain("exactly_once"), plain("fields")};
  for (const AssertionPlan& plan : plans_) {
    auto made = make_assertion(plan, scenario);
    made_.push_back(made ? Made{&plan, std::move(*made), {}}
                         : Made{&plan, nullptr, made.error().text()});
  }
}
AssertionSet::~AssertionSet() = default;

void AssertionSet::add(AssertionPlan plan, std::unique_ptr<Assertion> assertion) {
  auto own = std::make_unique<const AssertionPlan>(std::move(plan));
  const AssertionPlan* const at = own.get();
  made_.push_back({at, std::move(assertion), {}, std::move(own)});
}

AssertionSet::Counted AssertionSet::count() const {
  Counted counted;
  for (const Made& made : made_) {
    Counted::Slot& slot = counted.slots_.emplace_back();
    slot.broken = made.broken;
    if (slot.broken.empty()) slot.broken = trying([&] { slot.tally = made.assertion->tally(); });
  }
  return counted;
}

void AssertionSet::Counted::add(const Evidence& block) {
  for (Slot& slot : slots_) {
    if (!slot.broken.empty()) continue;
    slot.broken = trying([&] { slot.tally->add(block); });
  }
}

void AssertionSet::Counted::merge(const Counted& later) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.broken.empty()) slot.broken = later.slots_[i].broken;
    if (slot.broken.empty())
      slot.broken = trying([&] { slot.tally->merge(*later.slots_[i].tally); });
  }
}

std::vector<AssertionReport> AssertionSet::report(const Counted& counted,
                                                  const Verdicts& verdicts) const {
  std::vector<AssertionReport> reports;
  for (std::size_t i = 0; i < made_.size(); ++i) {
    const AssertionPlan& plan = *made_[i].plan;
    const Counted::Slot& slot = counted.slots_[i];
    AssertionReport report;
    std::string broken = slot.broken;
    if (broken.empty()) broken = trying([&] { report = slot.tally->report(verdicts); });
    if (!broken.empty()) report = {};
    if (!broken.empty()) report.why = broken;
    report.name = plan.name.empty() ? plan.that : plan.name;
    report.kind = plan.that;
    apply_expect(plan, report);
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace parallax
