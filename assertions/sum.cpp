// SPDX-License-Identifier: Apache-2.0
// sum -- A field summed over the rows is what the emissions that arrived say: each row's value as
// the side that may speak for it sent it. Exact integers; money by currency, and currencies are
// never added.
#include <fmt/format.h>

#include "assertions/field_worth.h"

namespace parallax {
namespace {

class SumTally final : public Tally {
 public:
  SumTally(const AssertionPlan& plan, const TrackingPlan& tracking)
      : plan_(plan), tracking_(tracking), selection_(plan.of, plan.where), worth_(plan, tracking) {}

  void add(const Evidence& block) override {
    const Aggregate aggregate{selection_, plan_};
    expect(
        block, aggregate, [&](const Action& action) { return worth_.of(block, action); }, totals_,
        buckets_);
    observe(
        block, aggregate,
        [&](const CanonicalRow& row, const Action* owner) { return worth_.of(row, owner); },
        totals_, buckets_);
    note_failing(block, selection_, failing_);
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const SumTally&>(later);
    parallax::merge(other.totals_, totals_);
    parallax::merge(other.buckets_, buckets_);
    append(other.failing_, failing_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = fmt::format("the rows' {} adds up to what arrived", worth_.field().name);
    if (plan_.within.parts > 0) report.tolerance = format_ratio(plan_.within);
    conclude(
        verdicts.complete, plan_, tracking_, totals_, buckets_,
        [&](std::size_t series, Wide value) { return worth_.print(series, clamp_to_int64(value)); },
        report);
    if (report.found == Verdict::fail) report.causes = causes_of(verdicts, failing_);
    report.examples = first_examples(report.causes);
    if (report.found == Verdict::fail) {
      report.why = fmt::format("the rows' {} does not add up to what arrived", worth_.field().name);
    } else if (report.found == Verdict::unknown) {
      report.why = verdicts.complete ? "nothing was measured: no amount had to be there"
                                     : "the read is partial: it proves presence, never absence";
    }
    return report;
  }

 private:
  const AssertionPlan& plan_;
  const TrackingPlan& tracking_;
  Selection selection_;
  FieldWorth worth_;
  Series totals_, buckets_;
  std::vector<CaseRef> failing_;
};

class Sum final : public Assertion {
 public:
  Sum(const AssertionPlan& plan, const TrackingPlan& tracking) : plan_(plan), tracking_(tracking) {}
  std::unique_ptr<Tally> tally() const override {
    return std::make_unique<SumTally>(plan_, tracking_);
  }

 private:
  const AssertionPlan& plan_;
  const TrackingPlan& tracking_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_sum(const AssertionPlan& plan, const Scenario& scenario) {
  if (const Result<void> fits = check_field_worth(plan, scenario.plan, "a sum"); !fits)
    return fits.error();
  return std::unique_ptr<Assertion>(std::make_unique<Sum>(plan, scenario.plan));
}

}  // namespace parallax
