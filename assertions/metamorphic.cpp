// SPDX-License-Identifier: Apache-2.0
// metamorphic -- Whatever the right rows are, two things must leave them as they are: asking for
// them twice, and sending the whole input a second time, which is what at-least-once delivery
// means. How many events were merged into a row, and when the last one came, may change by the
// latter.
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
    report.rule = "neither reading nor sending everything a second time changes a row";
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
    const bool all_read = std::all_of(verdicts.rereads.begin(), verdicts.rereads.end(),
                                      [](const Reread& read) { return read.complete; });
    if (!found.complete || !verdicts.complete || !all_read) {
      report.why = "one of the reads failed or was partial";
      return report;
    }
    if (unlike(found) > 0) return fail("a second sending", found, report);
    report.actual = fmt::format("0 changed (of {} rows, read {} times, sent twice)", verdicts.rows,
                                verdicts.rereads.size() + 1);
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
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_metamorphic(const AssertionPlan& plan,
                                                    const Scenario& scenario) {
  return make_tally_of<MetamorphicTally>(plan, scenario);
}

}  // namespace parallax
