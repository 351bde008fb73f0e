// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "assertions/causes.h"

namespace parallax {

/// Wide enough that no sum of 64-bit values overflows.
__extension__ using Wide = __int128;

/// What a row adds to which series: one value, or for an action any from `low` to `high`; nothing
/// too where it is not `sure`.
struct Amount {
  std::size_t series = 0;
  std::int64_t low = 0, high = 0;
  bool sure = true;
};

/// What the ledger allows a number to be, and what it is.
struct Allowed {
  Wide low = 0;
  Wide high = 0;
  Wide actual = 0;
  std::uint64_t rows = 0;

  /// Adds an amount that counts for sure, or only perhaps.
  void must(const Amount& amount);
  void may(const Amount& amount);
  /// Adds what another part allows and holds.
  void merge(const Allowed& other);
};

/// `actual` against [low, high], widened by `within` of the midpoint on either side. A partial read
/// proves too much, never too little.
Verdict judge_interval(const Allowed& allowed, Ratio within, bool complete);

/// Whether anything had to be there or is there: without that, nothing was measured.
bool is_evidence(const Allowed& allowed);

/// Distance to the nearer end, 0 inside.
Wide delta_of(const Allowed& allowed);
std::int64_t clamp_to_int64(Wide value);

/// What numbers are told apart by: the start of the hour or day, or the value of an attribute.
struct Bucket {
  SimTime at;
  std::size_t value = 0;
  friend auto operator<=>(const Bucket&, const Bucket&) = default;

  static constexpr std::size_t no_value = std::numeric_limits<std::size_t>::max();
};

/// By series (for sums the currency index, 0 otherwise) and bucket.
using Series = std::map<std::pair<std::size_t, Bucket>, Allowed>;

void merge(const Series& later, Series& series);

/// Which actions and rows are added up, and by what they are told apart: `plan`'s "by".
struct Aggregate {
  const Selection& selection;
  const AssertionPlan& plan;

  bool has_buckets() const { return plan.by || plan.by_attribute; }
  /// Of a row; `owner` is null for a phantom, which has no attribute.
  Bucket bucket_of(const CanonicalRow& row, const Action* owner) const;
};

/// Whether the ledger allows the action a row: `must`, `may`, or neither.
Expectation allowance_of(const Arrival& arrival, const ActionPlan& plan);

constexpr int buckets_max = 1'000;

/// Calls `use(bucket, certain)` for each bucket in which the action's row may stand. An action
/// whose event time may lie in several is possible in each and certain in none; more than
/// `buckets_max` apart, only both ends are.
template <class Use>
void each_bucket(const Aggregate& aggregate, const Arrival& arrival, const Action& action,
                 Use use) {
  const AssertionPlan& plan = aggregate.plan;
  if (plan.by_attribute) return use(Bucket{{}, plan.by_attribute->value_of(action)}, true);
  if (!plan.by || arrival.event_first == no_time) return;
  const SimTime first = arrival.event_first.floor(*plan.by);
  const SimTime last = arrival.event_last.floor(*plan.by);
  if (first == last) return use(Bucket{first}, true);
  const bool is_far = (last - first) / *plan.by > buckets_max;
  const Micros step = is_far ? last - first : *plan.by;
  for (SimTime at = first; at <= last; at = at + step) use(Bucket{at}, false);
}

/// Calls `use(i, action, must)` for each selected action of the block that the ledger allows a row.
template <class Use>
void each_allowed(const Evidence& evidence, const Aggregate& aggregate, Use use) {
  for (std::size_t i = 0; i < evidence.judged.size(); ++i) {
    const Action& action = evidence.action_of(evidence.judged[i]);
    if (!aggregate.selection.holds(action)) continue;
    const Expectation allowance =
        allowance_of(evidence.arrivals[i], evidence.scenario.plan.actions[action.type]);
    if (allowance != Expectation::must_not) use(i, action, allowance == Expectation::must);
  }
}

/// Adds what the ledger expects. `worth(action)` gives an optional Amount.
template <class Worth>
void expect(const Evidence& evidence, const Aggregate& aggregate, Worth worth, Series& totals,
            Series& buckets) {
  each_allowed(evidence, aggregate, [&](std::size_t i, const Action& action, bool is_due) {
    const std::optional<Amount> amount = worth(action);
    if (!amount) return;
    const bool must = is_due && amount->sure;
    const auto add = [&](Allowed& allowed, bool certain) {
      must&& certain ? allowed.must(*amount) : allowed.may(*amount);
    };
    add(totals[{amount->series, Bucket{}}], true);
    each_bucket(aggregate, evidence.arrivals[i], action, [&](const Bucket& bucket, bool certain) {
      add(buckets[{amount->series, bucket}], certain);
    });
  });
}

/// Adds what the rows hold. `worth(row, owner)` gives an optional Amount.
template <class Worth>
void observe(const Evidence& evidence, const Aggregate& aggregate, Worth worth, Series& totals,
             Series& buckets) {
  each_row(evidence, [&](const CanonicalRow& row, const Action* owner) {
    if (!aggregate.selection.holds(row, owner)) return;
    const std::optional<Amount> amount = worth(row, owner);
    if (!amount) return;
    const auto add = [&](Allowed& allowed) {
      allowed.actual += amount->low;
      ++allowed.rows;
    };
    add(totals[{amount->series, Bucket{}}]);
    if (aggregate.has_buckets()) add(buckets[{amount->series, aggregate.bucket_of(row, owner)}]);
  });
}

/// "2026-03-02" or "2026-03-02 14:00".
std::string bucket_name(SimTime bucket, Micros by);
/// The same, or the attribute with its value: "country DE".
std::string bucket_name(const Bucket& bucket, const AssertionPlan& plan,
                        const TrackingPlan& tracking);

/// "1'000 .. 1'020", or one number where both are equal; texts ready printed.
std::string range_text(const std::string& low, const std::string& high);

/// Fills verdict, texts and lines from the series. `print(series, value)` writes a value with its
/// unit. One series and no buckets: no lines.
template <class Print>
void conclude(bool complete, const AssertionPlan& plan, const TrackingPlan& tracking,
              const Series& totals, const Series& buckets, Print print, AssertionReport& report) {
  const auto line_of = [&](std::size_t series, const std::string& bucket, const Allowed& allowed) {
    const Verdict verdict = judge_interval(allowed, plan.within, complete);
    return AssertionReport::Line{
        bucket, range_text(print(series, allowed.low), print(series, allowed.high)),
        print(series, allowed.actual), print(series, delta_of(allowed)), verdict};
  };
  const auto append = [](std::string& text, const std::string& more) {
    text += (text.empty() ? "" : "; ") + more;
  };
  report.found = Verdict::pass;
  bool measured = false;
  for (const auto& [key, allowed] : totals) {
    const AssertionReport::Line line = line_of(key.first, "all", allowed);
    append(report.expected, line.expected);
    append(report.actual, line.actual);
    append(report.delta, line.delta);
    report.sample += allowed.rows;
    report.found = merge(report.found, line.verdict);
    measured = measured || is_evidence(allowed);
    if (totals.size() > 1) report.lines.push_back(line);
  }
  for (const auto& [key, allowed] : buckets) {
    if (!is_evidence(allowed)) continue;
    report.lines.push_back(line_of(key.first, bucket_name(key.second, plan, tracking), allowed));
    report.found = merge(report.found, report.lines.back().verdict);
  }
  if (!measured) report.found = merge(report.found, Verdict::unknown);
}

}  // namespace parallax
