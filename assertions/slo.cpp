// SPDX-License-Identifier: Apache-2.0
// slo -- The share of actions with one right row is at least the objective, and no stretch of the
// run burns its error budget too fast. Burn rate = share wrong / share allowed; it alarms when it
// is above the factor in a long and a short window at once (Google, The Site Reliability Workbook,
// chapter 5: multi-window, multi-burn-rate), and the long one holds enough actions to say so.
#include <fmt/format.h>

#include <algorithm>

#include "assertions/interval.h"
#include "assertions/share.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

constexpr Micros step = 5 * minute;

/// `factor`: the burn rate at which the named part of a 30-day budget is gone within `longer`.
struct BurnRule {
  Micros longer, shorter;
  std::uint32_t factor_tenths;
  const char* name;
};
constexpr std::array rules{
    BurnRule{hour, 5 * minute, 144, "page"}, BurnRule{6 * hour, 30 * minute, 60, "page"},
    BurnRule{day, 2 * hour, 30, "ticket"}, BurnRule{3 * day, 6 * hour, 10, "ticket"}};

struct Tried {
  std::uint64_t actions = 0, wrong = 0;
  Tried& operator+=(const Tried& other) {
    actions += other.actions;
    wrong += other.wrong;
    return *this;
  }
};

/// Sums of any window of a run cut in steps.
class Windows {
 public:
  explicit Windows(const std::map<SimTime, Tried>& steps) {
    if (steps.empty()) return;
    first_ = steps.begin()->first;
    sums_.resize(index_of(steps.rbegin()->first) + 2);
    for (const auto& [at, tried] : steps) sums_[index_of(at) + 1] = tried;
    for (std::size_t i = 1; i < sums_.size(); ++i) sums_[i] += sums_[i - 1];
  }
  std::size_t size() const { return sums_.empty() ? 0 : sums_.size() - 1; }
  SimTime end_of(std::size_t i) const { return first_ + static_cast<Micros>(i + 1) * step; }
  Micros length() const { return static_cast<Micros>(size()) * step; }
  /// The first step with which a whole window of the length ends.
  static std::size_t first_full(Micros length) {
    return static_cast<std::size_t>(length / step) - 1;
  }
  /// Of the window that ends with step i. Precondition: it begins within the run.
  Tried ending(std::size_t i, Micros length) const {
    const auto steps = static_cast<std::size_t>(length / step);
    const Tried& before = sums_[i + 1 - steps];
    return {sums_[i + 1].actions - before.actions, sums_[i + 1].wrong - before.wrong};
  }

 private:
  std::size_t index_of(SimTime at) const { return static_cast<std::size_t>((at - first_) / step); }
  SimTime first_;
  std::vector<Tried> sums_;  ///< Of all steps before; one more than steps.
};

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
        ++steps_[judged.at.floor(step)].actions;
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
      Tried& tried = steps[judged.at.floor(step)];
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
    if (all.actions > 0) judge_burning(Windows(steps), report);
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
  double burn_of(const Tried& tried) const {
    const double share = static_cast<double>(tried.wrong) / static_cast<double>(tried.actions);
    return budget_.parts == 0 ? 0 : share / budget_.value();
  }

  void judge_whole(const Tried& all, AssertionReport& report) const {
    if (all.actions == 0) {
      report.why = "nothing was measured: no selected action had to land";
      return;
    }
    const double right = static_cast<double>(all.actions - all.wrong);
    report.actual = fmt::format("{:.3f}% ({} of {}", 100 * right / static_cast<double>(all.actions),
                                all.actions - all.wrong, all.actions);
    if (all.wrong > 0 && budget_.parts > 0)
      report.actual += fmt::format(", {:.0f}% of the error budget", 100 * burn_of(all));
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
  void judge_burning(const Windows& windows, AssertionReport& report) const {
    for (const BurnRule& rule : rules) {
      const std::uint64_t limit = std::uint64_t{budget_.parts} * rule.factor_tenths / 10;
      if (windows.length() < rule.longer || limit == 0 || limit >= Ratio::one) continue;
      const Ratio too_fast{static_cast<std::uint32_t>(limit)};
      double worst = 0;
      std::optional<SimTime> since;
      for (std::size_t i = windows.first_full(rule.longer); i < windows.size(); ++i) {
        const Tried longer = windows.ending(i, rule.longer);
        if (longer.wrong == 0) continue;
        worst = std::max(worst, burn_of(longer));
        const Tried shorter = windows.ending(i, rule.shorter);
        const bool burns =
            shorter.wrong > 0 && burn_of(shorter) * 10 > rule.factor_tenths &&
            judge_share(longer.wrong, longer.actions, too_fast).verdict == Verdict::fail;
        if (burns && !since) since = windows.end_of(i);
      }
      add_line(rule, worst, since, report);
    }
  }

  static void add_line(const BurnRule& rule, double worst, std::optional<SimTime> since,
                       AssertionReport& report) {
    const double factor = rule.factor_tenths / 10.0;
    const std::string name = fmt::format("{} {}/{}", rule.name, format_duration(rule.longer),
                                         format_duration(rule.shorter));
    std::string actual = fmt::format("x{:.1f} at worst", worst);
    if (since) actual += ", alarm at " + bucket_name(*since, minute) + "Z";
    report.lines.push_back({name, fmt::format("budget burns at most x{:g}", factor), actual, "",
                            since ? Verdict::fail : Verdict::pass});
    if (!since) return;
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
