// SPDX-License-Identifier: Apache-2.0
#include "sim/run/report_load.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "sim/run/report_text.h"

namespace parallax::report_load {
namespace {

using report_text::per_cent;
using report_text::with_thousands;

/// Connections taken for this share of the time are too few, or the target is too slow for them.
constexpr double starved_min = 0.05;

std::string plural(std::uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", with_thousands(count), one, count == 1 ? "" : "s");
}

/// "23.4", "1,234": a rate with what digits matter.
std::string per_second(double value) {
  if (value < 100) return fmt::format("{:.1f}", value);
  return with_thousands(static_cast<std::uint64_t>(std::llround(value)));
}

std::vector<std::string> series_row(std::string name, const Histogram& series) {
  std::vector<std::string> row{std::move(name)};
  if (series.empty()) return row;
  constexpr std::array percentiles{Ratio{500'000'000}, Ratio{900'000'000}, Ratio{950'000'000},
                                   Ratio{990'000'000}, Ratio{999'000'000}};
  row.push_back(latency_text(series.min()));
  row.push_back(latency_text(static_cast<Micros>(std::llround(series.mean()))));
  for (const Ratio share : percentiles) row.push_back(latency_text(series.percentile(share)));
  row.push_back(latency_text(series.max()));
  return row;
}

void add_connections(const LoadReport& report, std::vector<Remark>& out) {
  const LoadFigures made = figures(report);
  if (made.starved < starved_min) return;
  out.push_back({"target",
                 fmt::format("for {:.0f} % of the time work was due and all {} were waiting for "
                             "an answer: the target is slower than the rate asked for, or needs "
                             "more --connections",
                             100 * made.starved, plural(report.spec.connections, "connection")),
                 true});
}

}  // namespace

std::string headline(const LoadReport& report) {
  const LoadSpec& spec = report.spec;
  std::string text = spec.describe();
  if (spec.warmup > 0) text += fmt::format(" after {} of warm-up", format_duration(spec.warmup));
  text += fmt::format(", {} a request", plural(spec.batch, "event"));
  if (!spec.closed) text += ", " + plural(spec.connections, "connection");
  text += ", " + plural(spec.jobs, "thread");
  if (report.shards_merged > 0) {
    text += fmt::format(", {} of {} shards", report.shards_merged, spec.shard.of);
  } else if (spec.shard.of > 1) {
    text += fmt::format(", shard {} of {}", spec.shard.index + 1, spec.shard.of);
  }
  return text;
}

Table rates(const LoadReport& report) {
  const LoadTally& tally = report.tally;
  const double seconds = static_cast<double>(tally.length) / static_cast<double>(second);
  Table table{{"", "events", "events/s", "", "requests", "requests/s", "MB/s sent"}};
  const auto add = [&](const char* name, const LoadTally::Share& share, std::uint64_t bytes) {
    const auto rate = [&](std::uint64_t count) {
      return seconds > 0 ? per_second(static_cast<double>(count) / seconds) : std::string();
    };
    table.push_back({name, with_thousands(share.events), rate(share.events),
                     per_cent(share.events, tally.planned.events), with_thousands(share.requests),
                     rate(share.requests),
                     bytes == 0 ? ""
                                : fmt::format("{:.1f}", static_cast<double>(bytes) / 1e6 /
                                                            std::max(seconds, 1e-6))});
  };
  add("planned", tally.planned, 0);
  add("sent", tally.sent, tally.bytes_out);
  add("accepted", tally.accepted, 0);
  if (tally.rejected.requests > 0) add("rejected", tally.rejected, 0);
  if (tally.unknown.requests > 0) add("unknown", tally.unknown, 0);
  if (tally.struck.requests > 0) add("struck by a fault", tally.struck, 0);
  if (tally.not_sent.requests > 0) add("not sent", tally.not_sent, 0);
  return table;
}

Table latencies(const LoadReport& report) {
  const LoadTally& tally = report.tally;
  Table table{{"", "min", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"}};
  table.push_back(
      series_row(report.spec.closed ? "latency" : "latency, from planned time", tally.latency));
  table.push_back(series_row("service time, from sending", tally.service));
  table.push_back(series_row("lag of the generator", tally.lag));
  return table;
}

std::vector<Remark> remarks(const LoadReport& report) {
  const LoadTally& tally = report.tally;
  const LoadFigures made = figures(report);
  std::vector<Remark> out;
  if (tally.latency.empty()) out.push_back({"latency", "nothing was answered", true});
  if (tally.censored > 0)
    out.push_back({"censored",
                   fmt::format("{} had no answer: in the latencies with the time waited in vain",
                               plural(tally.censored, "request")),
                   true});
  if (tally.latency.above() > 0)
    out.push_back({"above",
                   fmt::format("{} took longer than {}", plural(tally.latency.above(), "answer"),
                               format_duration(Histogram::value_max)),
                   true});
  add_connections(report, out);
  const std::string limit = generator_limit(report);
  out.push_back({"generator",
                 limit.empty() ? fmt::format("healthy: busy {:.0f} % of the time, {:.0f} % of a "
                                             "processor a thread",
                                             100 * made.busy, 100 * made.cpu)
                               : limit,
                 !limit.empty()});
  out.push_back({"bytes",
                 fmt::format("{:.1f} MB sent, {:.1f} MB of answers, heads included",
                             static_cast<double>(tally.bytes_out) / 1e6,
                             static_cast<double>(tally.bytes_in) / 1e6),
                 false});
  if (tally.reconnects > 0) out.push_back({"reconnects", with_thousands(tally.reconnects), false});
  out.push_back(
      {"journeys",
       report.populations == 1
           ? fmt::format("of a population of {} users", with_thousands(report.users))
           : fmt::format("of {} populations of {} users, one after the other over the "
                         "same time; --users makes one larger",
                         with_thousands(report.populations), with_thousands(report.users)),
       false});
  return out;
}

}  // namespace parallax::report_load
