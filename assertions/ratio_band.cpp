// SPDX-License-Identifier: Apache-2.0
#include "assertions/ratio_band.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace parallax {
namespace {

constexpr double million = 1e6;
constexpr double sigmas = 3;
constexpr std::uint64_t no_server_bound = 9;

/// Actions after which `sigmas` deviations fit into `room`. `unit` is the deviation of one action.
std::uint64_t needed_for(double unit, double room, std::uint64_t n) {
  if (room <= 0) return n * 100;
  const double deviations = sigmas * unit / room;
  return std::max(n + 1, static_cast<std::uint64_t>(std::ceil(deviations * deviations)));
}

/// `unit`: SE of one action, so that SE(R) = unit / sqrt(n).
BandVerdict settle(double ratio, double unit, std::uint64_t n, double low, double high) {
  BandVerdict band;
  band.ratio = ratio;
  band.deviation = unit / std::sqrt(static_cast<double>(n));
  const bool inside = ratio >= low && ratio <= high;
  if (inside) {
    const double room = (high - low) / 2;
    const bool settled = sigmas * band.deviation <= room;
    band.verdict = settled ? Verdict::pass : Verdict::unknown;
    if (!settled) band.needed = needed_for(unit, room, n);
    return band;
  }
  band.above = ratio > high;
  const double distance = band.above ? ratio - high : low - ratio;
  const bool settled = distance > sigmas * band.deviation;
  band.verdict = settled ? Verdict::fail : Verdict::unknown;
  if (!settled) band.needed = needed_for(unit, distance, n);
  return band;
}

}  // namespace

void RatioSums::add(std::int64_t client, std::int64_t server) {
  ++n;
  c += client;
  s += server;
  cc += static_cast<double>(client * client);
  cs += static_cast<double>(client * server);
  ss += static_cast<double>(server * server);
}

void RatioSums::merge(const RatioSums& other) {
  n += other.n;
  c += other.c;
  s += other.s;
  cc += other.cc;
  cs += other.cs;
  ss += other.ss;
}

BandVerdict judge_band(const RatioSums& sums, std::int64_t low, std::int64_t high) {
  BandVerdict band;
  const double low_end = static_cast<double>(low) / million;
  const double high_end = static_cast<double>(high) / million;
  if (sums.s == 0) {
    const double bound = static_cast<double>(sums.c) / static_cast<double>(no_server_bound);
    band.ratio = bound;
    band.above = bound > high_end;
    band.verdict = band.above ? Verdict::fail : Verdict::unknown;
    if (!band.above) band.needed = sums.n + no_server_bound;
    return band;
  }
  const double n = static_cast<double>(sums.n);
  const double ratio = static_cast<double>(sums.c) / static_cast<double>(sums.s);
  const double squares = sums.cc - 2 * ratio * sums.cs + ratio * ratio * sums.ss;
  const double variance = (std::max(0.0, squares) + 1) / n;
  const double unit = std::sqrt(variance) / (static_cast<double>(sums.s) / n);
  return settle(ratio, unit, sums.n, low_end, high_end);
}

BandVerdict judge_rate(std::uint64_t of, std::uint64_t per, std::int64_t low, std::int64_t high) {
  BandVerdict band;
  if (per == 0) return band;
  const double n = static_cast<double>(per);
  const double rate = static_cast<double>(of) / n;
  const double spread = rate < 1 ? rate * (1 - rate) : rate;
  const double unit = std::sqrt(spread + 1 / n);
  return settle(rate, unit, per, static_cast<double>(low) / million,
                static_cast<double>(high) / million);
}

BandVerdict judge_change(Rate rate, Rate baseline, std::int64_t low, std::int64_t high) {
  BandVerdict band;
  if (rate.per == 0 || baseline.per == 0 || baseline.of == 0) return band;
  const auto value = [](Rate r) { return static_cast<double>(r.of) / static_cast<double>(r.per); };
  /// Variance of the mean of `per` actions.
  const auto variance = [&](Rate r) {
    const double n = static_cast<double>(r.per), p = value(r);
    return ((p < 1 ? p * (1 - p) : p) + 1 / n) / n;
  };
  const double change = value(rate) / value(baseline);
  const double low_end = static_cast<double>(low) / million;
  const double high_end = static_cast<double>(high) / million;
  // Outside, the doubt is that of rate - edge * baseline (Fieller 1954). That of the quotient
  // itself shrinks with it, and bench/false_alarms found it to accuse twice as often from below as
  // stated.
  const double edge = std::clamp(change, low_end, high_end);
  const double n = static_cast<double>(rate.per);
  const double own = variance(rate) / (value(baseline) * value(baseline));
  const double of_baseline = edge * edge * variance(baseline) / (value(baseline) * value(baseline));
  return settle(change, std::sqrt((own + of_baseline) * n), rate.per, low_end, high_end);
}

std::string ratio_text(double ratio) { return fmt::format("{:.3f}", ratio); }

}  // namespace parallax
