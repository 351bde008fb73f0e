// SPDX-License-Identifier: Apache-2.0
// metamorphic -- Whatever the right rows are, sending the whole input a second time must leave them
// as they are: what at-least-once delivery means. How many events were merged into a row, and when
// the last one came, may change.
#include <fmt/format.h>

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
    report.rule = "sending everything a second time changes no row";
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
    const Reread& found = *verdicts.resent;
    const std::string how = fmt::format("{} vanished, {} new, {} changed", found.vanished,
                                        found.appeared, found.changed);
    const std::uint64_t unlike = found.vanished + found.appeared + found.changed;
    report.actual = fmt::format("{} changed (of {} rows: {})", unlike, verdicts.rows, how);
    if (!found.complete || !verdicts.complete) {
      report.why = "one of the two reads failed or was partial";
    } else if (unlike > 0) {
      report.found = Verdict::fail;
      report.delta = fmt::format("{} rows", unlike);
      report.why = "a second sending changes what stands: " + how;
    } else {
      report.found = Verdict::pass;
    }
    return report;
  }
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_metamorphic(const AssertionPlan& plan,
                                                    const Scenario& scenario) {
  return make_tally_of<MetamorphicTally>(plan, scenario);
}

}  // namespace parallax
