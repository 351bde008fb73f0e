// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "assertions/trial.h"
#include "sim/run/fault_tally.h"
#include "sim/run/lane_store.h"
#include "sim/run/row_store.h"

namespace parallax {

/// A run judged lane by lane, by several threads: memory holds as many lanes as there are threads,
/// and no result depends on their number. Everything given must outlive it.
class JudgedRun {
 public:
  /// Errors: what was set aside on the disk cannot be read.
  static Result<std::unique_ptr<JudgedRun>> judge(const Scenario& scenario, const LaneStore& ledger,
                                                  const RowStore& rows, unsigned jobs);

  const Scenario& scenario() const { return scenario_; }
  const LaneStore& ledger() const { return ledger_; }
  const RowStore& rows() const { return rows_; }
  const Trial& trial() const { return trial_; }
  const FaultTally& faults() const { return faults_; }

 private:
  JudgedRun(const Scenario& scenario, const LaneStore& ledger, const RowStore& rows)
      : scenario_(scenario),
        ledger_(ledger),
        rows_(rows),
        trial_(scenario, rows.facts(), lane_count),
        faults_(scenario) {}
  Result<void> run(unsigned jobs);

  const Scenario& scenario_;
  const LaneStore& ledger_;
  const RowStore& rows_;
  Trial trial_;
  FaultTally faults_;
};

}  // namespace parallax
