// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/run/event_file.h"
#include "sim/run/progress.h"
#include "sim/scenario/scenario.h"

namespace parallax {

struct GenerateOptions {
  Shard shard;
  unsigned jobs = 1;               ///< Threads that play lanes. No byte depends on it.
  std::filesystem::path journals;  ///< Folder for journal-0.plx, ...; empty: no ledger is kept.
  std::string run_id;
  Progress* progress = nullptr;
  const std::atomic<int>* interrupted = nullptr;
};

/// What was written.
struct Generated {
  std::uint64_t events = 0;  ///< Repeats that faults and retries make included.
  std::uint64_t requests = 0;
  bool interrupted = false;  ///< Stopped early: new actions ended, what was queued still came.
};

/// Plays the scenario and writes its raw events into `file` in the order of arrival at a pipeline
/// that takes everything, cut into windows of simulated time: by window, within it by lane, within
/// it by arrival. The length of a window is a function of the scenario (`window_length`), so the
/// order is too. The file is closed. Memory: linear in the sessions under way at once.
/// What a fault cuts before the body is complete is absent; a batch whose answer is lost is there,
/// and there again when the SDK repeats it.
/// Errors: the file or a journal cannot be written.
Result<Generated> generate(const Scenario& scenario, EventFile& file,
                           const GenerateOptions& options);

/// So long that a lane starts about 200 sessions in it, in the mean over the week; at least 1 s.
Micros window_length(const Scenario& scenario);

}  // namespace parallax
