// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "sim/core/id.h"
#include "sim/core/result.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/target.h"

namespace parallax {

/// What run.json keeps so that a folder can be judged or replayed.
struct RunInfo {
  std::string parallax;  ///< Version.
  std::string run_id;
  std::uint64_t seed = 0;
  std::string scenario_hash;
  unsigned jobs = 1;
  Shard shard;
};

/// The paths inside a run folder.
struct RunFolder {
  std::filesystem::path root;
  std::filesystem::path ledger() const { return root / "ledger"; }
  std::filesystem::path pipeline() const { return root / "pipeline"; }
  std::filesystem::path scenario() const { return root / "scenario.json"; }
  std::filesystem::path target() const { return root / "target.json"; }
  /// What `generate` leaves; `format` is the extension.
  std::filesystem::path events(const std::string& format) const {
    return root / ("events." + format);
  }
  std::filesystem::path info() const { return root / "run.json"; }
  std::filesystem::path load() const { return root / "load.json"; }  ///< Of a load only.
};

/// 16 hex digits that stand for the effective scenario.
std::string scenario_hash(const Scenario& scenario);

/// Empties or makes the folder and writes scenario.json, target.json and run.json. A folder that
/// holds something else than an earlier run is refused, never emptied. A target that was not loaded
/// from anything leaves no target.json: then `judge` has to be told one.
Result<RunFolder> prepare_run_folder(const std::filesystem::path& root, const Scenario& scenario,
                                     const TargetPlan& target, const RunInfo& info);
Result<RunInfo> read_run_info(const std::filesystem::path& root);

}  // namespace parallax
