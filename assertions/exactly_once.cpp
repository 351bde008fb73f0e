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

class ExactlyOnce final : public Assertion {
 public:
  explicit ExactlyOnce(const AssertionPlan& plan) : plan_(plan) {}

  AssertionReport judge(const Evidence& evidence) const override {
    AssertionReport report;
    report.rule = "each action lands exactly once, and nothing else does";
    report.tolerance = tolerance();
    const Tally tally = count(evidence);
    report.causes = tally.causes;
    report.examples = first_examples(report.causes);
    report.sample = tally.measured;
    report.phantoms = tally.phantoms;
    const std::uint64_t judged = tally.measured + tally.excused;
    report.expected = fmt::format("{} actions right", judged + tally.unevaluated);
    report.actual = fmt::format("{} right", judged - tally.wrong);
    if (tally.excused > 0) report.actual += fmt::format(" ({} excused)", tally.excused);
    if (tally.wrong > 0) report.delta = fmt::format("{} wrong", tally.wrong);
    if (tally.phantoms > 0)
      report.delta +=
          fmt::format("{}{} phantom rows", report.delta.empty() ? "" : ", ", tally.phantoms);
    conclude(evidence, tally, report);
    return report;
  }

 private:
  struct Tally {
    std::vector<CauseCount> causes;
    std::uint64_t measured = 0, excused = 0, unevaluated = 0, wrong = 0, phantoms = 0;
  };

  Tally count(const Evidence& evidence) const {
    const Selection selection(plan_.of, plan_.where);
    Tally tally;
    CauseTally causes;
    for (const JudgedAction& judged : evidence.judgement.actions) {
      if (!selection.holds(evidence.ledger.actions[judged.index])) continue;
      if (judged.verdict == ActionVerdict::excused) {
        ++tally.excused;
      } else if (judged.verdict == ActionVerdict::unevaluated) {
        ++tally.unevaluated;
      } else {
        ++tally.measured;
      }
      if (severity(judged.verdict) == Verdict::pass || !is_about_presence(judged.verdict)) continue;
      if (severity(judged.verdict) == Verdict::fail) ++tally.wrong;
      causes.add(judged.verdict, judged.cause, judged, evidence.arrivals[judged.index]);
    }
    for (const std::uint32_t row : evidence.judgement.phantoms)
      if (selection.holds(evidence.rows.rows[row], nullptr)) ++tally.phantoms;
    tally.causes = causes.ranked();
    return tally;
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
  std::string beyond_allowances(const Tally& tally) const {
    std::vector<std::uint64_t> used(plan_.allow.size());
    std::string beyond;
    const auto charge = [&](std::string_view verdict, std::string_view cause, std::uint64_t n) {
      if (n == 0) return;
      for (std::size_t i = 0; i < plan_.allow.size(); ++i) {
        if (!covers(plan_.allow[i], verdict, cause)) continue;
        used[i] += n;
        const std::uint64_t judged = tally.measured + tally.excused;
        if (used[i] * Ratio::one <= plan_.allow[i].share.parts * judged) return;
        break;
      }
      beyond += fmt::format("{}{} {}{}{}", beyond.empty() ? "" : ", ", n, verdict,
                            cause.empty() ? "" : "/", cause);
    };
    for (const CauseCount& group : tally.causes)
      if (severity(group.verdict) == Verdict::fail)
        charge(name_of(group.verdict), name_of(group.cause), group.actions);
    charge("phantom", "", tally.phantoms);
    return beyond;
  }

  void conclude(const Evidence& evidence, const Tally& tally, AssertionReport& report) const {
    const std::string beyond = beyond_allowances(tally);
    if (!beyond.empty()) {
      report.found = Verdict::fail;
      report.why = beyond;
    } else if (!evidence.rows.complete) {
      report.found = Verdict::unknown;
      report.why = "the read is partial: it proves presence, never absence";
    } else if (tally.unevaluated > 0) {
      report.found = Verdict::unknown;
      report.why = fmt::format("{} actions could not be judged", tally.unevaluated);
    } else if (tally.measured == 0) {
      report.found = Verdict::unknown;
      report.why = "nothing was measured: no selected action had to land";
    } else {
      report.found = Verdict::pass;
    }
  }

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
