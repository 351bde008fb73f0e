// SPDX-License-Identifier: Apache-2.0
// order -- Within a session the rows run as its actions did: from one action to the next neither
// the event time nor the sequence number goes back. A session is the user's true one, so that rows
// under a wrong session are not lost from sight.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "assertions/causes.h"
#include "assertions/share.h"
#include "assertions/tally_of.h"

namespace parallax {
namespace {

class OrderTally final : public Tally {
 public:
  OrderTally(const AssertionPlan& plan, const Scenario&)
      : plan_(plan), selection_(plan.of, plan.where) {}

  void add(const Evidence& block) override {
    for (std::size_t i = 0; i < block.judged.size(); ++i) {
      const JudgedAction& judged = block.judged[i];
      const Action& action = block.action_of(judged);
      if (judged.rows == 0 || !selection_.holds(action)) continue;
      const CanonicalRow& row = block.row_of(judged, 0);
      stands_.push_back({action.session, action.sequence, judged.index, row.sequence, row.event_ts,
                         block.arrivals[i].event_first, block.arrivals[i].event_last});
    }
    if (ends_part(block)) walk(block.part);
  }

  void merge(const Tally& later) override {
    const auto& other = static_cast<const OrderTally&>(later);
    steps_ += other.steps_;
    sessions_ += other.sessions_;
    backwards_.merge(other.backwards_);
  }

  AssertionReport report(const Verdicts& verdicts) const override {
    AssertionReport report;
    report.rule = "the rows of a session run in the order of its actions";
    conclude_cases(
        {backwards_.size(), steps_, plan_.within, "steps", "no session has two rows to compare"},
        verdicts, report);
    report.causes = backwards_.ranked(verdicts);
    report.examples = first_examples(report.causes);
    if (steps_ > 0)
      report.actual = fmt::format("{} wrong (of {} steps in {} sessions)", backwards_.size(),
                                  steps_, sessions_);
    for (const CauseCount& cause : report.causes)
      report.lines.push_back({line_name(cause.cause), "0 backwards",
                              fmt::format("{} backwards", cause.actions), "", report.found});
    return report;
  }

 private:
  /// An action's row, and what the ledger says of it.
  struct Stand {
    std::uint64_t session;
    std::uint32_t sequence;
    std::uint32_t index;
    std::int64_t row_sequence;
    SimTime row_time;
    SimTime sent_first, sent_last;  ///< Event times that the row may have.
  };

  static std::string line_name(Cause cause) {
    if (cause == Cause::wrong_clock) return "senders' clocks";
    return cause == Cause::wrong_time ? "target's times" : "numbers";
  }

  /// `none` where the step goes forward; nothing where the rows tell neither times nor numbers.
  static std::optional<Cause> fault_of(const Stand& before, const Stand& after) {
    const bool timed = before.row_time != no_time && after.row_time != no_time;
    const bool numbered = before.row_sequence >= 0 && after.row_sequence >= 0;
    if (!timed && !numbered) return std::nullopt;
    if (timed && after.row_time < before.row_time) {
      const bool sent_so = after.sent_first != no_time && after.sent_first < before.sent_last;
      return sent_so ? Cause::wrong_clock : Cause::wrong_time;
    }
    return numbered && after.row_sequence <= before.row_sequence ? Cause::wrong_session
                                                                 : Cause::none;
  }

  void walk(std::uint32_t part) {
    std::sort(stands_.begin(), stands_.end(), [](const Stand& a, const Stand& b) {
      return std::tie(a.session, a.sequence, a.index) < std::tie(b.session, b.sequence, b.index);
    });
    std::vector<std::pair<std::uint32_t, Cause>> found;
    std::optional<std::uint64_t> counted;
    for (std::size_t i = 1; i < stands_.size(); ++i) {
      const Stand& before = stands_[i - 1];
      const Stand& after = stands_[i];
      if (before.session != after.session) continue;
      const std::optional<Cause> cause = fault_of(before, after);
      if (!cause) continue;
      ++steps_;
      if (counted != after.session) ++sessions_;
      counted = after.session;
      if (*cause != Cause::none) found.emplace_back(after.index, *cause);
    }
    // The first of the ledger become the examples, however the run is parted.
    std::sort(found.begin(), found.end());
    for (const auto& [index, cause] : found)
      backwards_.note({part, index}, ActionVerdict::mistimed, cause);
    stands_ = {};
  }

  const AssertionPlan& plan_;
  Selection selection_;
  std::vector<Stand> stands_;  ///< Of the part that is looked at.
  std::uint64_t steps_ = 0;
  std::uint64_t sessions_ = 0;  ///< With two rows or more.
  Findings backwards_;
};

}  // namespace

Result<std::unique_ptr<Assertion>> make_order(const AssertionPlan& plan, const Scenario& scenario) {
  return make_tally_of<OrderTally>(plan, scenario);
}

}  // namespace parallax
