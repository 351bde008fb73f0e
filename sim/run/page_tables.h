// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// Buckets of simulated time that charts over time count by.
struct PageTime {
  SimTime start;
  Micros length = 0;  ///< Of the scenario.
  Micros bucket = 0;  ///< A round width, such that there are at most 120 buckets.
};
PageTime page_time(const TimePlan& time);

/// Which actions the page can show one by one.
struct PageSample {
  std::uint32_t odd_max = 900;      ///< Most actions that are not ok, of every verdict and cause.
  std::uint32_t ok_max = 150;       ///< Most that are.
  std::vector<std::string> wanted;  ///< Ids ("a-17") that have to be among them.
};

/// The tables of the report page, by name: {"columns": [...], "rows": [[...], ...]}. Each is the
/// answer of page/queries/NAME.sql over the Parquet tables in `ledger`. Integers are numbers, times
/// microseconds since the scenario's start, decimals texts.
/// Memory is bounded: what is larger goes to a temporary folder in `ledger`.
/// Errors: a table is missing (the kind is invalid_input) or damaged.
Result<nlohmann::ordered_json> page_tables(const Scenario& scenario,
                                           const std::filesystem::path& ledger,
                                           const PageSample& sample);

/// Whether the run was judged: a shard of a live target is not, and then has no tables.
bool has_page_tables(const std::filesystem::path& ledger);

/// The field whose amounts the page calls revenue: `revenue` where some action has it, else the
/// first money field of the tracking plan; empty where there is no money.
std::string money_field(const TrackingPlan& plan);

/// Actions in the order in which the most common journey comes by them, at most eight.
std::vector<std::string> funnel_steps(const Scenario& scenario);

/// The text of page/queries/NAME; empty where there is no such file.
std::string_view embedded_query(std::string_view name);

}  // namespace parallax
