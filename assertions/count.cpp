// SPDX-License-Identifier: Apache-2.0
// count -- As many rows as the ledger allows: at least the actions that must have one, at most
// those and the ones that may.
#include <fmt/format.h>

#include "assertions/interval.h"

namespace parallax {
namespace {

class Count final : public Assertion {
 public:
  explicit Count(const AssertionPlan& plan) : plan_(plan) {}

  AssertionReport judge(const Evidence& evidence) const override {
    AssertionReport report;
    report.rule = "as many rows as actions that arrived";
    if (plan_.within.parts > 0) report.tolerance = format_ratio(plan_.within);
    const Selection selection(plan_.of, plan_.where);
    const Aggregate aggregate{selection, plan_.by};
    Series totals, buckets;
    const std::optional<Amount> one = Amount{0, 1, 1};
    expect(
        evidence, aggregate, [&](const Action&) { return one; }, totals, buckets);
    observe(
        evidence, aggregate, [&](const CanonicalRow&, const Action*) { return one; }, totals,
        buckets);
    conclude(
        evidence, plan_, totals, buckets,
        [](std::size_t, Wide value) { return fmt::format("{}", clamp_to_int64(value)); }, report);
    if (report.found == Verdict::fail) report.causes = failing_causes(evidence, selection);
    report.examples = first_examples(report.causes);
    if (report.found == Verdict::fail) {
      report.why = "the rows are not as many as the ledger allows";
    } else if (report.found == Verdict::unknown) {
      report.why = evidence.rows.complete
                       ? "nothing was measured: no row had to be there"
                       : "the read is partial: it proves presence, never absence";
    }
    return report;
  }

 private:
  const AssertionPlan& plan_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_count(const AssertionPlan& plan, const Scenario&) {
  return std::unique_ptr<Assertion>(std::make_unique<Count>(plan));
}

}  // namespace parallax
