// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/drive/target.h"
#include "sim/run/lane.h"
#include "sim/run/progress.h"
#include "sim/wire/format.h"

namespace parallax {

/// What the traffic phase left behind besides the journals, which hold all counts.
struct Traffic {
  std::vector<std::pair<std::string, std::uint64_t>> errors;  ///< The target's own, most first.
  bool interrupted = false;
  /// Set when the target took nothing any more and the traffic was stopped: why.
  std::string gave_up;
};

struct TrafficOptions {
  unsigned jobs = 1;
  Shard shard;  ///< Whose lanes are played.
  std::uint32_t pace = 0;
  std::filesystem::path journals;      ///< Folder for journal-0.plx, journal-1.plx, ...
  const WireFormat* format = nullptr;  ///< Of the batches; must outlive the traffic.
  /// One send side a thread.
  std::function<Result<std::unique_ptr<Target>>()> make_target;
  Progress* progress = nullptr;
  const std::atomic<int>* interrupted = nullptr;
  /// Instants of the story, ascending, at which the target crashes: what arrives before has its
  /// answer, `restart` is called while nothing is on its way, and senders are made anew.
  std::vector<SimTime> restarts;
  std::function<Result<void>()> restart;
};

/// So many attempts in a row that the target failed by itself end the traffic: it is down.
constexpr std::uint64_t failures_in_a_row_max = 2'000;

/// Plays all lanes against the target. Lanes are dealt out to `jobs` threads; within a thread the
/// lane whose next attempt arrives earliest goes first, so that virtual time advances together.
/// Errors: a journal cannot be written, a target cannot be made.
Result<Traffic> play_traffic(const LaneContext& context, const TrafficOptions& options);

/// The journals of a run folder, in order.
std::vector<std::filesystem::path> journal_files(const std::filesystem::path& folder);

}  // namespace parallax
