// SPDX-License-Identifier: Apache-2.0
// exactly_once -- Each action that must land stands in one row, in time; none stands twice, shares
// a row or stands against consent; and no row stands for nothing. What the row says is the business
// of `fields`.
#include <fmt/format.h>

#include "assertions/causes.h"

namespace parallax {
namespace {

bool is_about_presence(ActionVerdict verdict) {
  return verdict != ActionVerdict::distorted && verdict != ActionVerdict::misattributed &&
         verdict != ActionVerdict::mistimed;
}

class ExactlyOnceTally final : public Tally {
 public:
  explicit ExactlyOnceTally(const AssertionPlan& plan)
      : plan_(plan), selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      if (!selection_.holds(block.action_of(judged))) continue;
      if (judged.verdict == ActionVerdict::excused) {
        ++excused_;
      } else if (judged.verdict == ActionVerdict::unevaluated) {
        ++unevaluated_;
      } else {
        ++measured_;
      }
      if (severity(judged.verdict) != Verdict::pass) wrong_.push_back({block.part, judged.index});
    }
    for (const CanonicalRow& row : block.phantoms)
      if (selection_.holds(row, nullptr)) ++phantoms_;
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const ExactlyOnceTally&>(later);
    measured_ += other.measured_;
    excused_ += other.excused_;
    unevaluated_ += other.unevaluated_;
    phantoms_ += other.phantoms_;
    append(other.wrong_, wrong_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "each action lands exactly once, and nothing else does";
    report.tolerance = tolerance();
    const std::uint64_t wrong = find_causes(verdicts, report);
    report.examples = first_examples(report.causes);
    report.sample = measured_;
    report.phantoms = phantoms_;
    const std::uint64_t judged = measured_ + excused_;
    report.expected = fmt::format("{} actions right", judged + unevaluated_);
    report.actual = fmt::format("{} right", judged - wrong);
    if (excused_ > 0) report.actual += fmt::format(" ({} excused)", excused_);
    if (wrong > 0) report.delta = fmt::format("{} wrong", wrong);
    if (phantoms_ > 0)
      report.delta += fmt::format("{}{} phantom rows", report.delta.empty() ? "" : ", ", phantoms_);
    conclude(verdicts, report);
    return report;
  }

 private:
  /// Returns how many actions are wrong.
  std::uint64_t find_causes(const Verdicts& verdicts, AssertionReport& report) const {
    CauseTally causes;
    std::uint64_t wrong = 0;
    for (const CaseRef ref : wrong_) {
      const JudgedAction& judged = verdicts[ref];
      if (severity(judged.verdict) == Verdict::pass || !is_about_presence(judged.verdict)) continue;
      if (severity(judged.verdict) == Verdict::fail) ++wrong;
      causes.add(judged.verdict, judged.cause, judged);
    }
    report.causes = causes.ranked();
    return wrong;
  }

  std::string tolerance() const {
    std::string text;
    for (const auto& allowance : plan_.allow)
      text += fmt::format("{}{}{}{} up to {}", text.empty() ? "" : "; ", allowance.verdict,
                          allowance.cause.empty() ? "" : "/", allowance.cause,
                          format_ratio(allowance.share));
    return text;
  }

  static bool covers(const AssertionPlan::Allowance& allowance, std::string_view verdict,
                     std::string_view cause) {
    return allowance.verdict == verdict && (allowance.cause.empty() || allowance.cause == cause);
  }

  /// What is wrong beyond the allowances: each group goes to the first allowance that names it, and
  /// an allowance holds for the sum of its groups.
  std::string beyond_allowances(const AssertionReport& report) const {
    std::vector<std::uint64_t> used(plan_.allow.size());
    std::string beyond;
    const auto charge = [&](std::string_view verdict, std::string_view cause, std::uint64_t n) {
      if (n == 0) return;
      for (std::size_t i = 0; i < plan_.allow.size(); ++i) {
        if (!covers(plan_.allow[i], verdict, cause)) continue;
        used[i] += n;
        const std::uint64_t judged = measured_ + excused_;
        if (used[i] * Ratio::one <= plan_.allow[i].share.parts * judged) return;
        break;
      }
      beyond += fmt::format("{}{} {}{}{}", beyond.empty() ? "" : ", ", n, verdict,
                            cause.empty() ? "" : "/", cause);
    };
    for (const CauseCount& group : report.causes)
      if (severity(group.verdict) == Verdict::fail)
        charge(name_of(group.verdict), name_of(group.cause), group.actions);
    charge("phantom", "", phantoms_);
    return beyond;
  }

  void conclude(const Verdicts& verdicts, AssertionReport& report) const {
    const std::string beyond = beyond_allowances(report);
    if (!beyond.empty()) {
      report.found = Verdict::fail;
      report.why = beyond;
    } else if (!verdicts.complete) {
      report.found = Verdict::unknown;
      report.why = "the read is partial: it proves presence, never absence";
    } else if (unevaluated_ > 0) {
      report.found = Verdict::unknown;
      report.why = fmt::format("{} actions could not be judged", unevaluated_);
    } else if (measured_ == 0) {
      report.found = Verdict::unknown;
      report.why = "nothing was measured: no selected action had to land";
    } else {
      report.found = Verdict::pass;
    }
  }

  const AssertionPlan& plan_;
  Selection selection_;
  std::uint64_t measured_ = 0, excused_ = 0, unevaluated_ = 0, phantoms_ = 0;
  std::vector<CaseRef> wrong_;
};

class ExactlyOnce final : public Assertion {
 public:
  explicit ExactlyOnce(const AssertionPlan& plan) : plan_(plan) {}
  std::unique_ptr<Tally> tally() const override {
    return std::make_unique<ExactlyOnceTally>(plan_);
  }

 private:
  const AssertionPlan& plan_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_exactly_once(const AssertionPlan& plan, const Scenario&) {
  for (const auto& allowance : plan.allow) {
    bool known = allowance.verdict == "phantom";
    for (std::size_t i = 0; i < action_verdict_count; ++i)
      known = known || allowance.verdict == name_of(static_cast<ActionVerdict>(i));
    if (!known)
      return Error{Error::Kind::invalid_input, "no verdict is named \"" + allowance.verdict + "\"",
                   "allow"};
  }
  return std::unique_ptr<Assertion>(std::make_unique<ExactlyOnce>(plan));
}

}  // namespace parallax
