// SPDX-License-Identifier: Apache-2.0
// latency -- Between two clocks of a row lies no more time than the bound of each percentile. It is
// told by counting the rows beyond the bound, exactly; the percentiles shown are within two digits.
// A percentile is only stated of a sample in which rows beyond it would have come up. A row that
// must be there and is not counts as beyond every bound: a target that drops what is slow would
// otherwise look the faster the more it drops (hmchangw/newchat PR #200).
#include <fmt/format.h>

#include <algorithm>

#include "assertions/causes.h"
#include "assertions/share.h"
#include "assertions/spread.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

SimTime clock_of(const CanonicalRow& row, RowClock clock) {
  switch (clock) {
    case RowClock::client:
      return row.client_ts;
    case RowClock::server:
      return row.server_ts;
    case RowClock::event:
      return row.event_ts;
    case RowClock::ingestion:
      break;
  }
  return row.ingestion_ts;
}

std::string percentile_name(Ratio share) {
  std::string name = format_ratio(share);
  name.pop_back();
  return "p" + name;
}

/// What is left above the percentile.
Ratio rest_of(Ratio share) { return {Ratio::one - share.parts}; }

/// To the millisecond, which is all that rows carry; from a minute on to the second.
std::string span_text(Micros span) {
  const Micros unit = span >= minute ? second : millisecond;
  return format_duration(span / unit * unit);
}

class LatencyTally final : public Tally {
 public:
  LatencyTally(const AssertionPlan& plan, const Scenario& scenario)
      : plan_(plan),
        selection_(plan.of, plan.where),
        beyond_(plan.at_most.size()),
        by_type_(scenario.plan.actions.size()) {}

  void add(const Evidence& block) override {
    for (const JudgedAction& judged : block.judged) {
      const Action& action = block.action_of(judged);
      if (judged.rows == 0 && judged.expectation == Expectation::must && selection_.holds(action))
        ++by_type_[action.type].absent;
      bool slow = false;
      for (std::uint32_t i = 0; i < judged.rows; ++i) {
        const CanonicalRow& row = block.row_of(judged, i);
        if (selection_.holds(row, &action)) slow = measure(row) || slow;
      }
      if (slow) slow_.note(block, judged, ActionVerdict::late, Cause::slow);
    }
    for (const CanonicalRow& row : block.phantoms)
      if (selection_.holds(row, nullptr)) measure(row);
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const LatencyTally&>(later);
    spans_.merge(other.spans_);
    rows_ += other.rows_;
    for (std::size_t i = 0; i < beyond_.size(); ++i) beyond_[i] += other.beyond_[i];
    for (std::size_t i = 0; i < by_type_.size(); ++i) {
      by_type_[i].measured += other.by_type_[i].measured;
      by_type_[i].absent += other.by_type_[i].absent;
    }
    slow_.merge(other.slow_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = fmt::format("from {} to {} takes no longer than the bounds", name_of(plan_.from),
                              name_of(plan_.to));
    // A partial read proves no absence.
    const std::uint64_t absent = verdicts.complete ? absences() : 0;
    report.sample = spans_.count() + absent;
    if (spans_.count() == 0) {
      report.why =
          fmt::format("nothing was measured: of {} selected rows none has both clocks", rows_);
      return report;
    }
    report.found = Verdict::pass;
    for (std::size_t i = 0; i < beyond_.size(); ++i) judge(i, absent, report);
    if (absent > 0 && report.found == Verdict::fail)
      report.why +=
          fmt::format("; {} rows that must be there are not, and count as beyond it", absent);
    if (report.found == Verdict::pass && !verdicts.complete) {
      report.found = Verdict::unknown;
      report.why = "the read is partial: what was not read may be slower";
    }
    if (report.found == Verdict::fail) report.causes = slow_.ranked(verdicts);
    report.examples = first_examples(report.causes);
    return report;
  }

 private:
  struct TypeCounts {
    std::uint64_t measured = 0, absent = 0;
  };

  /// Actions without the row that they must have, of types whose rows have both clocks.
  std::uint64_t absences() const {
    std::uint64_t absent = 0;
    for (const TypeCounts& type : by_type_) absent += type.measured > 0 ? type.absent : 0;
    return absent;
  }

  /// Whether the row lies beyond the bound of the highest percentile.
  bool measure(const CanonicalRow& row) {
    ++rows_;
    const SimTime from = clock_of(row, plan_.from), to = clock_of(row, plan_.to);
    if (from == no_time || to == no_time) return false;
    const Micros span = to - from;
    spans_.add(span);
    if (row.type < by_type_.size()) ++by_type_[row.type].measured;
    for (std::size_t i = 0; i < beyond_.size(); ++i)
      if (span > plan_.at_most[i].second) ++beyond_[i];
    return !plan_.at_most.empty() && span > plan_.at_most.back().second;
  }

  void judge(std::size_t i, std::uint64_t absent, AssertionReport& report) const {
    const auto& [share, bound] = plan_.at_most[i];
    const std::string name = percentile_name(share);
    const std::uint64_t n = report.sample;
    const std::uint64_t beyond = beyond_[i] + absent;
    ShareVerdict judged = judge_share(beyond, n, rest_of(share));
    if (judged.verdict == Verdict::pass && n < sample_for(rest_of(share)))
      judged = {Verdict::unknown, sample_for(rest_of(share))};
    const Micros found = spans_.percentile(share);
    const std::string actual = fmt::format("{} {}", name, span_text(found));
    const bool is_over = found > bound && judged.verdict != Verdict::pass;
    const std::string delta = is_over ? "+" + span_text(found - bound) : "";
    report.lines.push_back({name, "at most " + format_duration(bound),
                            fmt::format("{}, {} of {} beyond", span_text(found), beyond, n), delta,
                            judged.verdict});
    const auto append = [](std::string& text, const std::string& more) {
      text += (text.empty() ? "" : "; ") + more;
    };
    append(report.expected, fmt::format("{} {}", name, format_duration(bound)));
    append(report.actual, actual);
    if (judged.verdict == Verdict::fail && report.found != Verdict::fail) {
      report.why = found > bound ? fmt::format("{} is {}, beyond its bound of {}", name,
                                               span_text(found), format_duration(bound))
                                 : fmt::format("more rows than {} allows are not within {}", name,
                                               format_duration(bound));
      report.delta = delta;
      report.sample_needed = 0;
    } else if (judged.verdict == Verdict::unknown && report.found != Verdict::fail) {
      report.sample_needed = std::max(report.sample_needed, judged.needed);
      report.why = fmt::format("{} rows are too few for this percentile, {} are needed", n,
                               report.sample_needed);
    }
    report.found = parallax::merge(report.found, judged.verdict);
  }

  const AssertionPlan& plan_;
  Selection selection_;
  Spread spans_;
  std::uint64_t rows_ = 0;
  std::vector<std::uint64_t> beyond_;  ///< Rows beyond each bound.
  std::vector<TypeCounts> by_type_;    ///< By action type.
  Findings slow_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_latency(const AssertionPlan& plan,
                                                const Scenario& scenario) {
  if (plan.at_most.empty())
    return Error{Error::Kind::invalid_input, "a latency needs a percentile", "at_most"};
  return make_tally_of<LatencyTally>(plan, scenario);
}

}  // namespace parallax
