// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "assertions/explain.h"
#include "sim/core/result.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/target.h"

namespace parallax {

/// The event whose ratio an explanation is of, where nobody says: that of the first ratio assertion
/// of the two sides, else the first that both sides emit; nothing where there is none.
std::optional<std::string> explained_event(const Scenario& scenario);

/// Explains a run from its folder: the ledger's tables and the canonical rows, and for the embedded
/// pipeline its raw rows and dead letters too, which are kept as ledger/raw_events.parquet and
/// ledger/rejected.parquet (the pipeline is started on the folder for that, the first time).
/// `windows`: spans of the scenario's time to compare, else the strongest change point decides.
/// Errors (invalid_input): no tables, an event that the plan does not have or that only one side
/// emits.
struct Spans {
  Micros before_from = 0, before_until = 0, after_from = 0, after_until = 0;
};
Result<explain::Explanation> explain_run(const Scenario& scenario, const TargetPlan& target,
                                         const std::filesystem::path& folder,
                                         const std::string& event,
                                         const std::optional<Spans>& spans = std::nullopt);

}  // namespace parallax
