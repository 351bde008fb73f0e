// SPDX-License-Identifier: Apache-2.0
// metamorphic -- Whatever the right rows are, three things must leave them as they are: asking for
// them twice; sending the whole input a second time, which is what at-least-once delivery means;
// and another order of arrival, which no queue forbids, at a target that starts empty (only one of
// our own can). How many events were merged into a row, and when, may change by the latter two.
// (Chen et al.: Metamorphic Testing: A Review of Challenges and Opportunities, 2018.)
#include <fmt/format.h>

#include <algorithm>

#include "assertions/tally_of.h"

namespace parallax {
namespace {

class MetamorphicTally final : public Tally {
 public:
  MetamorphicTally(const AssertionPlan&, const Scenario&) {}

  void add(const Evidence&) override {}
  void merge(const Tally&) override {}

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "neither reading nor sending everything again nor its order changes a row";
    report.sample = verdicts.rows;
    report.expected = "0 changed";
    if (verdicts.rows == 0) {
      report.why = "nothing was measured: there is no row";
      return report;
    }
    if (!verdicts.resent) {
      report.why = "the input was not sent a second time";
      return report;
    }
    for (const Reread& again : verdicts.rereads)
      if (again.complete && unlike(again) > 0) return fail("reading twice", again, report);
    const Reread& found = *verdicts.resent;
    const std::optional<Reordered>& reordered = verdicts.facts->reordered;
    const bool all_read = std::all_of(verdicts.rereads.begin(), verdicts.rereads.end(),
                                      [](const Reread& read) { return read.complete; });
    if (!found.complete || !verdicts.complete || !all_read || (reordered && !reordered->complete)) {
      report.why = "one of the reads failed or was partial";
      return report;
    }
    if (unlike(found) > 0) return fail("a second sending", found, report);
    if (reordered && reordered->otherwise > 0) return fail_by_order(*reordered, report);
    report.actual =
        fmt::format("0 changed (of {} rows, read {} times, sent twice{})", verdicts.rows,
                    verdicts.rereads.size() + 1, reordered ? ", and in another order" : "");
    report.found = Verdict::pass;
    return report;
  }

 private:
  static std::uint64_t unlike(const Reread& found) {
    return found.vanished + found.appeared + found.changed;
  }

  static AssertionReport fail(std::string_view by, const Reread& found, AssertionReport report) {
    const std::string how = fmt::format("{} vanished, {} new, {} changed", found.vanished,
                                        found.appeared, found.changed);
    report.found = Verdict::fail;
    report.actual = fmt::format("{} changed (of {} rows: {})", unlike(found), report.sample, how);
    report.delta = fmt::format("{} rows", unlike(found));
    report.why = fmt::format("{} changes what stands: {}", by, how);
    return report;
  }

  static AssertionReport fail_by_order(const Reordered& found, AssertionReport report) {
    report.found = Verdict::fail;
    report.actual = fmt::format("{} changed (of {} actions)", found.otherwise, found.actions);
    report.delta = fmt::format("{} actions", found.otherwise);
    report.why = fmt::format("in another order of arrival {} of {} actions are judged otherwise",
                             found.otherwise, found.actions);
    return report;
  }
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_metamorphic(const AssertionPlan& plan,
                                                    const Scenario& scenario) {
  return make_tally_of<MetamorphicTally>(plan, scenario);
}

}  // namespace parallax
