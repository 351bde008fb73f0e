// SPDX-License-Identifier: Apache-2.0
#include "sim/run/judge_run.h"

#include <mutex>

#include "sim/run/workers.h"

namespace parallax {

Result<std::unique_ptr<JudgedRun>> JudgedRun::judge(const Scenario& scenario,
                                                    const LaneStore& ledger, const RowStore& rows,
                                                    unsigned jobs) {
  std::unique_ptr<JudgedRun> judged(new JudgedRun(scenario, ledger, rows));
  if (const Result<void> done = judged->run(jobs); !done) return done.error();
  return judged;
}

Result<void> JudgedRun::run(unsigned jobs) {
  std::mutex mutex;
  // Parts are used again: their vectors have grown to a lane's size.
  std::vector<std::unique_ptr<Part>> spare;
  const auto with_part = [&](LaneIndex lane, const auto& use) -> Result<void> {
    std::unique_ptr<Part> part;
    {
      const std::lock_guard lock(mutex);
      if (!spare.empty()) {
        part = std::move(spare.back());
        spare.pop_back();
      }
    }
    if (!part) part = std::make_unique<Part>();
    part->number = lane;
    Result<void> loaded = ledger_.load(lane, part->ledger);
    if (loaded) loaded = rows_.load(lane, part->rows);
    if (!loaded) return loaded;
    use(*part, LedgerView(scenario_, part->ledger));
    const std::lock_guard lock(mutex);
    spare.push_back(std::move(part));
    return {};
  };
  const auto judge = [&](LaneIndex lane) {
    return with_part(lane, [&](Part& part, const LedgerView& view) { trial_.judge(part, view); });
  };
  const auto judge_and_count = [&](std::size_t lane) {
    return with_part(static_cast<LaneIndex>(lane), [&](Part& part, const LedgerView& view) {
      FaultTally counted(scenario_);
      trial_.judge(part, view, [&](std::uint32_t first, std::uint32_t last) {
        counted.add_actions(part.ledger, view, first, last);
      });
      counted.add_attempts(part.ledger.attempts);
      const std::lock_guard lock(mutex);
      faults_.merge(std::move(counted));
    });
  };
  const auto ask = [&](std::size_t lane) {
    return with_part(static_cast<LaneIndex>(lane),
                     [&](Part& part, const LedgerView& view) { trial_.ask(part, view); });
  };

  for (const CanonicalRow& row : rows_.strays()) trial_.add_stray(row);
  Result<void> done = share_work(jobs, lane_count, judge_and_count);
  if (done && trial_.gather_strays()) {
    done = share_work(jobs, lane_count, ask);
    const std::vector<std::uint32_t> again = done ? trial_.settle() : std::vector<std::uint32_t>{};
    if (done) done = share_work(jobs, again.size(), [&](std::size_t i) { return judge(again[i]); });
  }
  if (done) trial_.conclude();
  return done;
}

}  // namespace parallax
