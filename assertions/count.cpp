// SPDX-License-Identifier: Apache-2.0
// count -- As many rows as the ledger allows: at least the actions that must have one, at most
// those and the ones that may.
#include <fmt/format.h>

#include "assertions/interval.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

class CountTally final : public Tally {
 public:
  CountTally(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan), tracking_(scenario.plan), selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    const Aggregate aggregate{selection_, plan_};
    const std::optional<Amount> one = Amount{0, 1, 1};
    expect(
        block, aggregate, [&](const Action&) { return one; }, totals_, buckets_);
    observe(
        block, aggregate, [&](const CanonicalRow&, const Action*) { return one; }, totals_,
        buckets_);
    note_failing(block, selection_, failing_);
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const CountTally&>(later);
    parallax::merge(other.totals_, totals_);
    parallax::merge(other.buckets_, buckets_);
    append(other.failing_, failing_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "as many rows as actions that arrived";
    if (plan_.within.parts > 0) report.tolerance = format_ratio(plan_.within);
    conclude(
        verdicts.complete, plan_, tracking_, totals_, buckets_,
        [](std::size_t, Wide value) { return fmt::format("{}", clamp_to_int64(value)); }, report);
    if (report.found == Verdict::fail) report.causes = causes_of(verdicts, failing_);
    report.examples = first_examples(report.causes);
    if (report.found == Verdict::fail) {
      report.why = "the rows are not as many as the ledger allows";
    } else if (report.found == Verdict::unknown) {
      report.why = verdicts.complete ? "nothing was measured: no row had to be there"
                                     : "the read is partial: it proves presence, never absence";
    }
    return report;
  }

 private:
  const AssertionPlan& plan_;
  const TrackingPlan& tracking_;
  Selection selection_;
  Series totals_, buckets_;
  std::vector<CaseRef> failing_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_count(const AssertionPlan& plan, const Scenario& scenario) {
  return make_tally_of<CountTally>(plan, scenario);
}

}  // namespace parallax
