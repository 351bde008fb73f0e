// SPDX-License-Identifier: Apache-2.0
#include "sim/run/cause_marks.h"

#include "assertions/marks.h"

namespace parallax {

Result<std::vector<CauseCount>> mark_causes(const JudgedRun& run, std::vector<CauseCount> causes) {
  if (causes.empty()) return causes;
  Marks marks(run.scenario(), causes);
  Ledger ledger;
  for (LaneIndex lane = 0; lane < lane_count; ++lane) {
    if (const Result<void> loaded = run.ledger().load(lane, ledger); !loaded) return loaded.error();
    const LedgerView view(run.scenario(), ledger);
    marks.add(ledger, view, run.trial().judgement(lane));
  }
  marks.tell(causes);
  return causes;
}

}  // namespace parallax
