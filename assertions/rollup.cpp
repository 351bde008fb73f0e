// SPDX-License-Identifier: Apache-2.0
// rollup -- The target's table of daily totals says what its rows add up to, day by day and over
// the whole range, and what the ledger allows. Rows may be right while the table that people look
// at cuts the day elsewhere, misses what came late, or has added a day twice.
#include <fmt/format.h>

#include "assertions/field_worth.h"

namespace parallax {
namespace {

class RollupTally final : public Tally {
 public:
  RollupTally(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan),
        tracking_(scenario.plan),
        selection_(plan.of, plan.where),
        worth_(plan, tracking_) {}

  void add(const Evidence& block) override {
    const Aggregate aggregate{selection_, plan_};
    expect(
        block, aggregate,
        [&](const Action& action) { return plan_.field ? worth_.of(block, action) : one; }, totals_,
        days_);
    observe(
        block, aggregate,
        [&](const CanonicalRow& row, const Action* owner) {
          return plan_.field ? worth_.of(row, owner) : one;
        },
        totals_, days_);
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const RollupTally&>(later);
    parallax::merge(other.totals_, totals_);
    parallax::merge(other.days_, days_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "the daily totals are those of the rows, and what the ledger allows";
    if (plan_.within.parts > 0) report.tolerance = format_ratio(plan_.within);
    const bool is_there = verdicts.facts != nullptr && verdicts.facts->rollup;
    if (!is_there || !verdicts.facts->rollup->complete || !verdicts.complete) {
      report.why = !is_there ? "nothing was measured: the target file names no table of daily "
                               "totals (read.rollup)"
                   : verdicts.complete ? "the table of daily totals could not be read to its end"
                                       : "the read is partial: it proves presence, never absence";
      return report;
    }
    compare(sums_of(*verdicts.facts->rollup), report);
    return report;
  }

 private:
  static constexpr std::optional<Amount> one = Amount{0, 1, 1};

  /// What the table says, by currency and day; and over all days.
  struct Table {
    std::map<std::pair<std::size_t, Bucket>, Wide> days;
    std::map<std::size_t, Wide> totals;
  };

  Table sums_of(const RowSet& rows) const {
    Table table;
    for (const CanonicalRow& row : rows.rows) {
      if (!selection_.holds(row, nullptr)) continue;
      const Amount counted{0, std::max<std::int64_t>(row.client_rows, 0), 0};
      const std::optional<Amount> amount = plan_.field ? worth_.of(row, nullptr) : counted;
      if (!amount) continue;
      table.totals[amount->series] += amount->low;
      const SimTime at = row.event_ts == no_time ? no_time : row.event_ts.floor(day);
      table.days[{amount->series, Bucket{at}}] += amount->low;
    }
    return table;
  }

  std::string print(std::size_t series, Wide value) const {
    const std::int64_t shown = clamp_to_int64(value);
    return plan_.field ? worth_.print(series, shown) : fmt::format("{}", shown);
  }

  /// The table's number against the rows', then against the ledger's.
  AssertionReport::Line judge_line(std::size_t series, const std::string& name, Allowed allowed,
                                   Wide said) const {
    const Allowed rows{allowed.actual, allowed.actual, said, allowed.rows};
    allowed.actual = said;
    const Verdict as_rows = judge_interval(rows, plan_.within, true);
    const Verdict as_ledger = judge_interval(allowed, plan_.within, true);
    if (as_rows != Verdict::pass)
      return {name, print(series, rows.low) + " in the rows", print(series, said),
              print(series, said - rows.low), as_rows};
    return {name, range_text(print(series, allowed.low), print(series, allowed.high)),
            print(series, said), print(series, delta_of(allowed)), as_ledger};
  }

  static void append(std::string& text, const std::string& more) {
    text += (text.empty() ? "" : "; ") + more;
  }

  void compare(Table table, AssertionReport& report) const {
    report.found = Verdict::pass;
    bool measured = false;
    for (const auto& [series, allowed] : totals_) {
      const auto line = judge_line(series.first, "all", allowed, table.totals[series.first]);
      table.totals.erase(series.first);
      note_total(line, report);
      report.sample += allowed.rows;
      measured = measured || is_evidence(allowed);
    }
    for (const auto& [series, said] : table.totals)
      note_total(judge_line(series, "all", {}, said), report);
    for (const auto& [key, allowed] : days_) table.days.try_emplace(key, 0);
    std::uint64_t wrong = 0;
    for (const auto& [key, said] : table.days) {
      const auto known = days_.find(key);
      const Allowed allowed = known == days_.end() ? Allowed{} : known->second;
      if (!is_evidence(allowed) && said == 0) continue;
      report.lines.push_back(judge_line(key.first, bucket_name(key.second.at, day), allowed, said));
      report.found = parallax::merge(report.found, report.lines.back().verdict);
      if (report.lines.back().verdict == Verdict::fail) ++wrong;
    }
    if (report.found == Verdict::fail) {
      report.why = fmt::format(
          "{} of {} daily totals are not those of the rows, or not what the "
          "ledger allows",
          wrong, report.lines.size());
    } else if (!measured && table.days.empty()) {
      report.found = Verdict::unknown;
      report.why = "nothing was measured: no row had to be there";
    }
  }

  static void note_total(const AssertionReport::Line& line, AssertionReport& report) {
    append(report.expected, line.expected);
    append(report.actual, line.actual);
    append(report.delta, line.delta);
    report.found = parallax::merge(report.found, line.verdict);
  }

  const AssertionPlan& plan_;
  const TrackingPlan& tracking_;
  Selection selection_;
  FieldWorth worth_;
  Series totals_, days_;
};

class Rollup final : public Assertion {
 public:
  Rollup(const AssertionPlan& plan, const Scenario& scenario) : plan_(plan), scenario_(scenario) {
    plan_.by = day;
  }
  std::unique_ptr<Tally> tally() const override {
    return std::make_unique<RollupTally>(plan_, scenario_);
  }

 private:
  AssertionPlan plan_;
  const Scenario& scenario_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_rollup(const AssertionPlan& plan,
                                               const Scenario& scenario) {
  if (plan.field)
    if (const Result<void> fits = check_field_worth(plan, scenario.plan, "a rollup of amounts");
        !fits)
      return fits.error();
  return std::unique_ptr<Assertion>(std::make_unique<Rollup>(plan, scenario));
}

}  // namespace parallax
