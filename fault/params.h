// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sim/core/prng.h"
#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

/// Reading a fault's parameters: the loader has checked names and types, these check ranges. Each
/// error says what could stand there and names the key in `where`.
namespace parallax::faults {

/// "key" cannot be used as it is; `expected` is what could stand there.
Error unusable(std::string_view key, std::string expected);

/// Both ends included.
struct Range {
  std::int64_t low = 0;
  std::int64_t high = 0;
};
/// The longest span a fault may name: ten years of 366 days, far inside 64 bits even when summed.
constexpr Micros span_max = 3'660 * day;

/// The integer, or `fallback` where the plan does not give it.
Result<std::int64_t> integer_param(const FaultPlan& plan, std::string_view key, Range range,
                                   std::int64_t fallback);

/// The duration or distribution of durations, or `fallback` where the plan does not give it. Each
/// number must lie in `range`; a uniform's low end is at most its high end.
Result<ParamValue> span_param(const FaultPlan& plan, std::string_view key, Range range,
                              const ParamValue& fallback);

/// The one duration, without a distribution, or `fallback` where the plan does not give it.
Result<Micros> duration_param(const FaultPlan& plan, std::string_view key, Range range,
                              Micros fallback);

/// An exponential span with this mean.
ParamValue exponential_span(Micros mean);
/// A span without chance.
ParamValue fixed_span(Micros span);

/// Position of the word in `words`, or 0 where the plan does not give it.
Result<std::size_t> word_param(const FaultPlan& plan, std::string_view key,
                               std::span<const std::string_view> words);

}  // namespace parallax::faults
