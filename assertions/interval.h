// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
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

/// By bucket (start of the hour or day) and, for sums, by currency index; 0 otherwise.
using Series = std::map<std::pair<std::size_t, SimTime>, Allowed>;

void merge(const Series& later, Series& series);

/// Which actions and rows are added up, and by which unit of time.
struct Aggregate {
  const Selection& selection;
  std::optional<Micros> by;
};

/// Whether the ledger allows the action a row: `must`, `may`, or neither.
Expectation allowance_of(const Arrival& arrival, const ActionPlan& plan);

constexpr int buckets_max = 1'000;

/// Adds what the ledger expects. `worth(action)` gives an optional Amount. An action whose
/// event time may lie in several buckets is possible in each and certain in none; more than
/// `buckets_max` apart, only both ends are.
template <class Worth>
void expect(const Evidence& evidence, const Aggregate& aggregate, Worth worth, Series& totals,
            Series& buckets) {
  for (std::size_t i = 0; i < evidence.judged.size(); ++i) {
    const Arrival& arrival = evidence.arrivals[i];
    const Action& action = evidence.action_of(evidence.judged[i]);
    const Expectation allowance =
        allowance_of(arrival, evidence.scenario.plan.actions[action.type]);
    if (allowance == Expectation::must_not || !aggregate.selection.holds(action)) continue;
    const std::optional<Amount> amount = worth(action);
    if (!amount) continue;
    const bool must = allowance == Expectation::must && amount->sure;
    Allowed& total = totals[{amount->series, SimTime{}}];
    must ? total.must(*amount) : total.may(*amount);
    if (!aggregate.by || arrival.event_first == no_time) continue;
    const SimTime first = arrival.event_first.floor(*aggregate.by);
    const SimTime last = arrival.event_last.floor(*aggregate.by);
    if (first == last && must) {
      buckets[{amount->series, first}].must(*amount);
      continue;
    }
    const bool is_far = (last - first) / *aggregate.by > buckets_max;
    const Micros step = is_far ? last - first : *aggregate.by;
    for (SimTime at = first; at <= last; at = at + step) buckets[{amount->series, at}].may(*amount);
  }
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
    add(totals[{amount->series, SimTime{}}]);
    if (!aggregate.by) return;
    const SimTime at = row.event_ts == no_time ? no_time : row.event_ts.floor(*aggregate.by);
    add(buckets[{amount->series, at}]);
  });
}

/// "2026-03-02" or "2026-03-02 14:00".
std::string bucket_name(SimTime bucket, Micros by);

/// "1'000 .. 1'020", or one number where both are equal; texts ready printed.
std::string range_text(const std::string& low, const std::string& high);

/// Fills verdict, texts and lines from the series. `print(series, value)` writes a value with its
/// unit. One series and no buckets: no lines.
template <class Print>
void conclude(bool complete, const AssertionPlan& plan, const Series& totals, const Series& buckets,
              Print print, AssertionReport& report) {
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
    report.lines.push_back(line_of(key.first, bucket_name(key.second, *plan.by), allowed));
    report.found = merge(report.found, report.lines.back().verdict);
  }
  if (!measured) report.found = merge(report.found, Verdict::unknown);
}

}  // namespace parallax
