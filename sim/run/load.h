// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <filesystem>

#include "sim/run/lane.h"
#include "sim/run/load_report.h"
#include "sim/run/traffic.h"

namespace parallax {

class Live;  // live.h

/// Where and how a load is played, besides its spec.
struct LoadRun {
  HttpTargetOptions http;              ///< `connections` is ignored: the spec has them.
  const WireFormat* format = nullptr;  ///< Of the batches.
  std::filesystem::path journals;
  Progress* progress = nullptr;
  const std::atomic<int>* interrupted = nullptr;
  Live* live = nullptr;  ///< Is told rates and latency ten times a second.
};

/// Plays the journeys of `context` as a load: `jobs` threads, each with its own lanes, connections,
/// journal and part of the schedule. Every event is in a journal before its bytes go out.
/// Errors: the target cannot be reached, a journal cannot be written, an illegal header.
Result<LoadReport> play_load(const LaneContext& context, const LoadSpec& spec, const LoadRun& run);

}  // namespace parallax
