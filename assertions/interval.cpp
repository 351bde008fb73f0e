// SPDX-License-Identifier: Apache-2.0
#include "assertions/interval.h"

#include <algorithm>
#include <limits>

namespace parallax {

void Allowed::must(const Amount& amount) {
  low += amount.low;
  high += amount.high;
}

void Allowed::may(const Amount& amount) {
  low += std::min<std::int64_t>(amount.low, 0);
  high += std::max<std::int64_t>(amount.high, 0);
}

void Allowed::merge(const Allowed& other) {
  low += other.low;
  high += other.high;
  actual += other.actual;
  rows += other.rows;
}

void merge(const Series& later, Series& series) {
  for (const auto& [key, allowed] : later) series[key].merge(allowed);
}

Verdict judge_interval(const Allowed& allowed, Ratio within, bool complete) {
  const Wide middle_twice = allowed.low + allowed.high;
  const Wide slack = Wide{within.parts} * (middle_twice < 0 ? -middle_twice : middle_twice);
  constexpr Wide scale = Wide{2} * Ratio::one;
  if ((allowed.actual - allowed.high) * scale > slack) return Verdict::fail;
  if ((allowed.low - allowed.actual) * scale > slack)
    return complete ? Verdict::fail : Verdict::unknown;
  return complete ? Verdict::pass : Verdict::unknown;
}

bool is_evidence(const Allowed& allowed) {
  return allowed.low > 0 || allowed.high < 0 || allowed.actual != 0;
}

Bucket Aggregate::bucket_of(const CanonicalRow& row, const Action* owner) const {
  if (plan.by_attribute)
    return {{}, owner == nullptr ? Bucket::no_value : plan.by_attribute->value_of(*owner)};
  return {row.event_ts == no_time ? no_time : row.event_ts.floor(*plan.by)};
}

Expectation allowance_of(const Arrival& arrival, const ActionPlan& plan) {
  if (arrival.expectation != Expectation::unreachable) return arrival.expectation;
  // A batch that a fault cut on its way may still have been stored.
  const bool may_stand = arrival.reached && !plan.confirmed_by;
  return may_stand ? Expectation::may : Expectation::must_not;
}

Wide delta_of(const Allowed& allowed) {
  if (allowed.actual > allowed.high) return allowed.actual - allowed.high;
  return allowed.actual < allowed.low ? allowed.actual - allowed.low : 0;
}

std::int64_t clamp_to_int64(Wide value) {
  using Limits = std::numeric_limits<std::int64_t>;
  return static_cast<std::int64_t>(std::clamp(value, Wide{Limits::min()}, Wide{Limits::max()}));
}

std::string bucket_name(SimTime bucket, Micros by) {
  if (bucket == no_time) return "no time";
  std::string text = to_rfc3339(bucket);
  if (by >= day) return text.substr(0, 10);
  text[10] = ' ';
  return text.substr(0, 16);
}

std::string bucket_name(const Bucket& bucket, const AssertionPlan& plan,
                        const TrackingPlan& tracking) {
  if (plan.by) return bucket_name(bucket.at, *plan.by);
  const Attribute& attribute = *plan.by_attribute;
  if (bucket.value == Bucket::no_value) return "no " + attribute.name;
  return attribute.name + " " + attribute.text(tracking, plan.of, bucket.value);
}

std::string range_text(const std::string& low, const std::string& high) {
  return low == high ? low : low + " .. " + high;
}

}  // namespace parallax
