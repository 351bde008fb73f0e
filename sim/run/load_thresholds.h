// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "assertions/assertion.h"
#include "sim/core/result.h"
#include "sim/run/load_report.h"
#include "sim/run/report.h"

namespace parallax {

/// "METRIC OP VALUE": what --assert says about a load, such as "latency.p99 < 50ms".
///
/// | metric | value |
/// | --- | --- |
/// | latency.S, service.S, lag.S; S = min mean max p50 p99 p99.9 ... | a duration |
/// | achieved, delivered, errors, not_sent | a share: 99%, 0.001 |
/// | events, requests: accepted ones a second | a rate: 20k |
///
/// OP is < <= > >=.
struct LoadThreshold {
  enum class Op { less, less_equal, greater, greater_equal };
  enum class Unit { duration, share, rate };
  std::string text;
  std::string metric;     ///< "latency", "achieved", ...
  std::string statistic;  ///< Of a series: "mean", "p99".
  Ratio percentile;       ///< Where the statistic is one.
  Op op = Op::less;
  Unit unit = Unit::share;
  double limit = 0;  ///< Microseconds, a share, or events or requests a second.
};

/// Errors (invalid_input): what could stand there, with the nearest name of an unknown metric.
Result<LoadThreshold> parse_threshold(std::string_view text);
/// All of them in their order, or the first error.
Result<std::vector<LoadThreshold>> parse_thresholds(const std::vector<std::string>& texts);

/// `unknown` where there is no answer to say it of, where a percentile has too few answers, and
/// where it fails but the generator was the bottleneck.
AssertionReport check_threshold(const LoadThreshold& threshold, const LoadReport& report);

/// Checks them, puts what came of it before the report's assertions and takes it into the verdict.
/// Precondition: `report.load` is there.
void add_thresholds(const std::vector<LoadThreshold>& thresholds, RunReport& report);

/// The thresholds of every open load: asked against achieved.
std::vector<LoadThreshold> default_thresholds(const LoadSpec& spec);

}  // namespace parallax
