// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace parallax::bench {

/// One stage of the way of an event, over an input that was made beforehand. It is measured twice:
/// in time by Google Benchmark (timed.cpp), in instructions by callgrind (counted.cpp).
class Stage {
 public:
  virtual ~Stage() = default;
  /// Does the work once, the same work each time, and returns how many items it handled.
  virtual std::uint64_t run() = 0;
};

struct StageMaker {
  std::string name;  ///< "serialise/shared": the stage, then the variant.
  std::string item;  ///< What is counted: "event", "action".
  std::function<std::unique_ptr<Stage>()> make;
};

/// Each file of a stage brings these; stages.cpp lists the files.
using StageList = std::vector<StageMaker>;
void add_journey_stages(StageList& stages);
void add_fault_stages(StageList& stages);
void add_serialise_stages(StageList& stages);
void add_ledger_stages(StageList& stages);
void add_lane_stages(StageList& stages);
void add_ingest_stages(StageList& stages);
void add_judge_stages(StageList& stages);

/// All stages, in the order in which an event passes them.
StageList all_stages();

}  // namespace parallax::bench
