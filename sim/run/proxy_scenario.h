// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "sim/core/result.h"
#include "sim/proxy/names.h"
#include "sim/read/reader.h"
#include "sim/run/runner.h"
#include "sim/scenario/load.h"

/// A scenario between real clients and a real pipeline: its plan, its assertions, and of its faults
/// those of the wire; the rest of it is what the clients do.
namespace parallax {

/// The scenario's JSON with wire faults alone, each with its name; and with `start`, unless that is
/// no_time, as time.start: the faults' "when" counts from there.
nlohmann::ordered_json proxied_json(const Scenario& scenario, SimTime start);
/// Loads it; `name` stands for it in problems. Not opened yet.
Loaded load_proxied(const nlohmann::ordered_json& json, const std::string& name);

/// The folder of a run of real traffic, for whoever judges it.
struct ProxiedRun {
  proxy::KnownNames names;
  /// Rows of users from outside get the numbers that the ledger has for them.
  std::unique_ptr<RowReader> through(std::unique_ptr<RowReader> reader) const;
};
/// As `judge_folder`, of such a folder; the run is the one that its events say they are of.
Result<RunReport> judge_proxied(const Scenario& scenario, const TargetPlan& target,
                                const RunOptions& options, const ProxiedRun& proxied);
/// Nothing where `folder` is of another kind; otherwise `scenario` is opened and knows the texts
/// that went by. Errors: proxy::load_names.
Result<std::optional<ProxiedRun>> open_proxied(const std::filesystem::path& folder,
                                               Scenario& scenario);

/// The paths of what a proxy leaves besides the ledger.
std::filesystem::path proxied_names(const std::filesystem::path& folder);
std::filesystem::path proxied_requests(const std::filesystem::path& folder);

}  // namespace parallax
