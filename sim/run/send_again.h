// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "sim/run/connection.h"
#include "sim/run/judge_run.h"
#include "sim/run/settle.h"
#include "sim/run/traffic.h"

namespace parallax {

/// Plays a run's traffic once more, its requests in another order (shuffled_target.h; a format that
/// is answered by event keeps its order). `options` as the first time; journals, which nobody
/// needs, go to `scratch`, gone afterwards. Returns why the target gave up; empty: it took all.
/// Errors: those of play_traffic.
Result<std::string> play_again(const LaneContext& context, TrafficOptions options,
                               const std::filesystem::path& scratch, Connection& connection);

/// The same, bound to a run: to whatever connection is given.
using SendAgain = std::function<Result<std::string>(Connection&)>;

/// What a run came to the first time, and how it is read. All must outlive the call.
struct FirstTime {
  const JudgedRun& judged;
  const TargetPlan& target;
  const std::string& run_id;
  const MakeRowStore& make;
  bool at_once = false;  ///< As settle_and_read takes it.
  unsigned jobs = 1;     ///< Threads that judge.
};

/// Notes in `facts` what stands after all was sent again: to `connection` as it is (`resent`), and,
/// where the target can start empty, to an empty one (`reordered`). `scratch`: folder for that
/// one's data, gone afterwards. Errors: those of sending, and of keeping and judging rows.
Result<void> compare_again(const SendAgain& again, const FirstTime& first,
                           const std::filesystem::path& scratch, Connection& connection,
                           RowFacts& facts);

}  // namespace parallax
