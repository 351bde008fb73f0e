// SPDX-License-Identifier: Apache-2.0
// slo -- The share of actions with one right row is at least the objective, and no stretch of the
// run burns its error budget too fast (burn.h).
#include <fmt/format.h>

#include "assertions/burn.h"
#include "assertions/interval.h"
#include "assertions/share.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

class SloTally final : public Tally {
 public:
  SloTally(const AssertionPlan& plan, const Scenario&)
      : budget_{Ratio::one - plan.objective.parts},
        objective_(plan.objective),
        selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      if (!selection_.holds(block.action_of(judged))) continue;
      const bool silent = judged.expectation == Expectation::must_not && judged.rows == 0;
      if (silent || judged.verdict == ActionVerdict::excused) continue;
      if (severity(judged.verdict) == Verdict::pass) {
        ++steps_[judged.at.floor(burn_step)].actions;
      } else {
        open_.push_back({block.part, judged.index});
      }
    }
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const SloTally&>(later);
    for (const auto& [at, tried] : other.steps_) steps_[at] += tried;
    append(other.open_, open_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    std::map<SimTime, Tried> steps = steps_;
    std::uint64_t unevaluated = 0;
    for (const CaseRef ref : open_) {
      const JudgedAction& judged = verdicts[ref];
      if (judged.verdict == ActionVerdict::unevaluated) ++unevaluated;
      if (judged.verdict == ActionVerdict::unevaluated) continue;
      Tried& tried = steps[judged.at.floor(burn_step)];
      ++tried.actions;
      if (severity(judged.verdict) == Verdict::fail) ++tried.wrong;
    }
    Tried all;
    for (const auto& [at, tried] : steps) all += tried;
    AssertionReport report;
    report.rule = "enough actions have one right row, at any time";
    report.expected = "at least " + format_ratio(objective_);
    report.sample = all.actions;
    judge_whole(all, report);
    if (all.actions > 0) judge_burning(BurnWindows(steps), report);
    report.causes = causes_of(verdicts, open_);
    report.examples = first_examples(report.causes);
    if (report.found == Verdict::pass && (!verdicts.complete || unevaluated > 0)) {
      report.found = Verdict::unknown;
      report.why = verdicts.complete ? fmt::format("{} actions could not be judged", unevaluated)
                                     : "the read is partial: it proves presence, never absence";
    }
    return report;
  }

 private:
  void judge_whole(const Tried& all, AssertionReport& report) const {
    if (all.actions == 0) {
      report.why = "nothing was measured: no selected action had to land";
      return;
    }
    const auto right = static_cast<double>(all.actions - all.wrong);
    report.actual = fmt::format("{:.3f}% ({} of {}", 100 * right / static_cast<double>(all.actions),
                                all.actions - all.wrong, all.actions);
    if (all.wrong > 0 && budget_.parts > 0)
      report.actual += fmt::format(", {:.0f}% of the error budget", 100 * all.burn(budget_));
    report.actual += ")";
    ShareVerdict judged = judge_share(all.wrong, all.actions, budget_);
    const std::uint64_t needed = sample_for(budget_);
    if (judged.verdict == Verdict::pass && all.actions < needed)
      judged = {Verdict::unknown, needed};
    report.found = judged.verdict;
    report.sample_needed = judged.needed;
    if (judged.verdict == Verdict::fail)
      report.why = fmt::format("{} of {} actions are wrong", all.wrong, all.actions);
    if (judged.verdict == Verdict::unknown)
      report.why = fmt::format("{} actions are too few for this objective, {} are needed",
                               all.actions, judged.needed);
  }

  /// A line for each rule whose window the run is long enough for.
  void judge_burning(const BurnWindows& windows, AssertionReport& report) const {
    for (const BurnRule& rule : burn_rules)
      if (const auto burn = judge_burn(windows, rule, budget_)) add_line(rule, *burn, report);
  }

  static void add_line(const BurnRule& rule, const Burn& burn, AssertionReport& report) {
    const double factor = rule.factor_tenths / 10.0;
    const std::string name = fmt::format("{} {}/{}", rule.name, format_duration(rule.longer),
                                         format_duration(rule.shorter));
    std::string actual = fmt::format("x{:.1f} at worst", burn.worst);
    if (burn.since) actual += ", alarm at " + bucket_name(*burn.since, minute) + "Z";
    report.lines.push_back({name, fmt::format("budget burns at most x{:g}", factor), actual, "",
                            burn.since ? Verdict::fail : Verdict::pass});
    if (!burn.since) return;
    if (report.found != Verdict::fail)
      report.why = fmt::format("the error budget burnt more than x{:g} in {}: {}", factor,
                               format_duration(rule.longer), actual);
    report.found = Verdict::fail;
    report.sample_needed = 0;
  }

  Ratio budget_;  ///< Share that may be wrong.
  Ratio objective_;
  Selection selection_;
  std::map<SimTime, Tried> steps_;  ///< By when the user acted.
  std::vector<CaseRef> open_;       ///< Not right so far.
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_slo(const AssertionPlan& plan, const Scenario& scenario) {
  return make_tally_of<SloTally>(plan, scenario);
}

}  // namespace parallax
