// SPDX-License-Identifier: Apache-2.0
#include "sim/run/load_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace parallax {
namespace {

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }
double share(std::uint64_t part, std::uint64_t whole) {
  return share(static_cast<double>(part), static_cast<double>(whole));
}
double share(Micros part, Micros whole) {
  return share(static_cast<double>(part), static_cast<double>(whole));
}

/// From here on the generator's own lateness is no noise of the machine any more.
constexpr Micros lag_p99_max = 5 * millisecond;
/// A thread that waits for less than this of its time has no reserve.
constexpr double busy_max = 0.95;
constexpr double achieved_min = 0.99;

}  // namespace

std::string LoadSpec::describe() const {
  const std::string over = format_duration(length);
  if (closed) return fmt::format("as fast as {} connections allow, for {}", connections, over);
  if (stages.size() == 1 && stages.front().rate == rate)
    return fmt::format("{} events/s for {}", format_rate(rate), over);
  std::string text = format_rate(rate);
  for (const Stage& stage : stages) text += fmt::format(" -> {}", format_rate(stage.rate));
  return text + " events/s over " + over;
}

LoadFigures figures(const LoadReport& report) {
  const LoadTally& tally = report.tally;
  LoadFigures made;
  const double seconds = static_cast<double>(tally.length) / static_cast<double>(second);
  const std::uint64_t unstruck = tally.sent.requests - tally.struck.requests;
  made.achieved = share(tally.sent.events, tally.planned.events);
  made.delivered = share(tally.accepted.events, tally.planned.events);
  made.not_sent = share(tally.not_sent.events, tally.planned.events);
  made.errors = share(unstruck - std::min(unstruck, tally.accepted.requests), unstruck);
  made.events_s = share(static_cast<double>(tally.accepted.events), seconds);
  made.requests_s = share(static_cast<double>(tally.accepted.requests), seconds);
  made.busy = share(tally.busy, tally.threads);
  made.cpu = share(tally.cpu, tally.threads);
  made.starved = share(tally.starved, tally.threads);
  return made;
}

std::string generator_limit(const LoadReport& report) {
  if (report.spec.closed || report.tally.planned.requests == 0) return "";
  const LoadFigures made = figures(report);
  const Micros lag = report.tally.lag.percentile(Ratio{990'000'000});
  const Micros latency = report.tally.latency.percentile(Ratio{990'000'000});
  const bool late = lag > lag_p99_max && 2 * lag > latency;
  const bool spent = made.busy >= busy_max && made.achieved < achieved_min;
  if (!late && !spent) return "";
  return fmt::format(
      "the generator was the bottleneck: busy {:.0f} % of the time, p99 of its own lateness {}; "
      "give it --jobs, larger batches or a machine of its own",
      100 * made.busy, latency_text(lag));
}

std::string latency_text(Micros span) {
  if (span < millisecond) return fmt::format("{:.2f} ms", static_cast<double>(span) / 1e3);
  const bool long_one = span >= second;
  const double value = static_cast<double>(span) / (long_one ? 1e6 : 1e3);
  const char* const unit = long_one ? "s" : "ms";
  if (value < 10) return fmt::format("{:.2f} {}", value, unit);
  if (value < 100) return fmt::format("{:.1f} {}", value, unit);
  return fmt::format("{:.0f} {}", value, unit);
}

LoadReport merge_loads(const std::vector<LoadReport>& shards) {
  LoadReport merged = shards.front();
  for (std::size_t i = 1; i < shards.size(); ++i) {
    const LoadReport& other = shards[i];
    merged.tally.merge(other.tally);
    merged.populations = std::max(merged.populations, other.populations);
    merged.spec.connections += other.spec.connections;
    merged.spec.in_flight_max += other.spec.in_flight_max;
    merged.spec.jobs += other.spec.jobs;
  }
  merged.spec.shard.index = 0;
  merged.shards_merged = static_cast<unsigned>(shards.size());
  return merged;
}

}  // namespace parallax
