// SPDX-License-Identifier: Apache-2.0
#include "bench/stage.h"

namespace parallax::bench {

StageList all_stages() {
  StageList stages;
  add_journey_stages(stages);
  add_fault_stages(stages);
  add_serialise_stages(stages);
  add_ledger_stages(stages);
  add_lane_stages(stages);
  add_ingest_stages(stages);
  add_judge_stages(stages);
  return stages;
}

}  // namespace parallax::bench
