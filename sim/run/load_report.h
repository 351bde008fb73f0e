// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/result.h"
#include "sim/drive/load_tally.h"
#include "sim/drive/schedule.h"

namespace parallax {

/// What a load was asked to do.
struct LoadSpec {
  bool closed = false;        ///< As fast as the connections allow; no rate.
  double rate = 0;            ///< Events a second at the start, of all shards together.
  std::vector<Stage> stages;  ///< The measured phase; one stage of a held rate is the usual one.
  Micros warmup = 0;
  Micros length = 0;  ///< Of the measured phase: the sum of the stages.
  std::uint32_t connections = 16;
  std::uint32_t batch = 50;
  std::uint64_t in_flight_max = 100'000;  ///< Of one shard.
  unsigned jobs = 1;
  Shard shard;

  /// "20k events/s for 30s", "1k to 20k events/s over 1m30s in 2 stages", "16 connections, closed".
  std::string describe() const;
};

/// A load with what it measured: plain values for the reports.
struct LoadReport {
  LoadSpec spec;
  LoadTally tally;
  std::uint32_t populations = 1;        ///< Times a population played the scenario's span of time.
  std::uint32_t users = 0;              ///< Of one of them.
  std::vector<std::string> thresholds;  ///< What it was checked against, as written.
  unsigned shards_merged = 0;  ///< Shards of which this is the sum; 0 for one that was run.
};

/// Shares and rates that several reports say. Shares are 0 where nothing was planned.
struct LoadFigures {
  double achieved = 0;    ///< Sent in time, of the planned.
  double delivered = 0;   ///< Accepted, of the planned.
  double not_sent = 0;    ///< Of the planned.
  double errors = 0;      ///< Not accepted, of what was sent and not struck by a fault.
  double events_s = 0;    ///< Accepted.
  double requests_s = 0;  ///< Accepted.
  double busy = 0;        ///< Of the generator's threads' time.
  double cpu = 0;         ///< The same, of what they really got of a processor.
  double starved = 0;     ///< Of the time, work was due and every connection taken.
};
LoadFigures figures(const LoadReport& report);

/// One sentence when the generator, not the target, held the load back: its rates and latencies
/// then accuse nobody. Empty otherwise.
std::string generator_limit(const LoadReport& report);

/// "0.31 ms", "12.3 ms", "1.24 s": three digits of a latency.
std::string latency_text(Micros span);

/// load.json of a run folder: all of the report, so that shards can be merged. Exact.
std::string load_json(const LoadReport& report);
/// Errors (invalid_input): not what `load_json` writes.
Result<LoadReport> parse_load_json(const std::string& text);

/// The sum of shards. Precondition: at least one.
LoadReport merge_loads(const std::vector<LoadReport>& shards);

}  // namespace parallax
