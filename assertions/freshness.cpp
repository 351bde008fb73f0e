// SPDX-License-Identifier: Apache-2.0
// freshness -- What arrives is seen within a bound, and what was seen stays: the target's ingestion
// time is no later than the bound after an arrival that the ledger knows, and further reads bring
// the rows of the first, unchanged. A row merged of several events may say when any of them came.
#include <fmt/format.h>

#include <algorithm>

#include "assertions/causes.h"
#include "assertions/share.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

class FreshnessTally final : public Tally {
 public:
  FreshnessTally(const AssertionPlan& plan, const Scenario&)
      : plan_(plan), selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      if (judged.rows == 0 || !selection_.holds(block.action_of(judged))) continue;
      bool stale = false;
      for (std::uint32_t i = 0; i < judged.rows; ++i) {
        const CanonicalRow& row = block.row_of(judged, i);
        if (row.ingestion_ts == no_time) continue;
        const std::optional<Micros> lag = lag_of(block, judged.index, row.ingestion_ts);
        if (!lag) continue;
        ++rows_;
        worst_ = std::max(worst_, *lag);
        stale = stale || *lag > plan_.seen_within;
      }
      if (stale) stale_.note(block, judged, ActionVerdict::late, Cause::slow);
    }
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const FreshnessTally&>(later);
    rows_ += other.rows_;
    worst_ = std::max(worst_, other.worst_);
    stale_.merge(other.stale_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule =
        fmt::format("rows are seen within {} and stay", format_duration(plan_.seen_within));
    conclude_cases(
        {stale_.size(), rows_, plan_.within, "rows", "no selected row says when it was ingested"},
        verdicts, report);
    const std::string worst = format_duration(worst_ / millisecond * millisecond);
    report.expected = "0 later";
    report.actual = fmt::format("{} later (of {} rows, at worst {})", stale_.size(), rows_, worst);
    if (report.found == Verdict::fail)
      report.why =
          fmt::format("{} of {} rows came later, at worst {}", stale_.size(), rows_, worst);
    if (report.found == Verdict::fail) report.causes = stale_.ranked(verdicts);
    report.examples = first_examples(report.causes);
    judge_reads(verdicts, report);
    return report;
  }

 private:
  /// Time from the latest arrival before it; nothing where it is earlier than all, or none is
  /// known.
  static std::optional<Micros> lag_of(const Evidence& block, std::uint32_t action, SimTime seen) {
    std::optional<Micros> lag;
    for (const std::uint32_t i : block.view.emissions_of(action)) {
      const EmissionFacts& facts = block.view.facts(i);
      for (const SimTime arrival : {facts.first_arrival, facts.last_arrival})
        if (arrival != end_of_time && arrival != no_time && arrival <= seen)
          lag = std::min(lag.value_or(seen - arrival), seen - arrival);
    }
    return lag;
  }

  void judge_reads(const Verdicts& verdicts, AssertionReport& report) const {
    bool complete = !verdicts.rereads.empty();
    std::uint64_t unlike = 0;
    for (std::size_t i = 0; i < verdicts.rereads.size(); ++i) {
      const Reread& read = verdicts.rereads[i];
      const bool differs = read.vanished + read.appeared + read.changed > 0 ||
                           (read.complete && verdicts.complete && read.rows != verdicts.rows);
      const Verdict verdict = differs         ? Verdict::fail
                              : read.complete ? Verdict::pass
                                              : Verdict::unknown;
      report.lines.push_back({fmt::format("read {}", i + 2), fmt::format("{} rows", verdicts.rows),
                              fmt::format("{} rows", read.rows),
                              fmt::format("{} vanished, {} new, {} changed", read.vanished,
                                          read.appeared, read.changed),
                              verdict});
      complete = complete && read.complete;
      if (!differs) continue;
      ++unlike;
      report.found = Verdict::fail;
      report.sample_needed = 0;
    }
    if (unlike > 0)
      report.why += fmt::format("{}{} of {} further reads differ", report.why.empty() ? "" : "; ",
                                unlike, verdicts.rereads.size());
    if (report.found != Verdict::pass || complete) return;
    report.found = Verdict::unknown;
    report.why = verdicts.rereads.empty() ? "the target was read only once"
                                          : "a further read failed or was partial";
  }

  const AssertionPlan& plan_;
  Selection selection_;
  std::uint64_t rows_ = 0;  ///< That say when they were ingested.
  Micros worst_ = 0;
  Findings stale_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_freshness(const AssertionPlan& plan,
                                                  const Scenario& scenario) {
  return make_tally_of<FreshnessTally>(plan, scenario);
}

}  // namespace parallax
