// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "sim/core/result.h"
#include "sim/run/lesson.h"

namespace parallax {

/// The data of a lesson on disk.
struct LessonData {
  std::filesystem::path truth;     ///< Folder with the ledger's Parquet tables.
  std::filesystem::path database;  ///< DuckDB file with the tables that students see.
};

/// Plays `scenario` into `folder`, which is made where it is missing: the truth into `truth/`, and
/// from it the tables of the data set into NAME.duckdb. `raw_events` is what a collector that takes
/// everything would have stored, a row each time an event reached it, by time of arrival; the rest
/// is made by the story's SQL, which sees `raw_events` and the ledger's tables (ledger_parquet.h)
/// by their names. Rows, their order and the Parquet files are a function of scenario and data set;
/// the database file is not byte by byte.
/// Errors: the disk; SQL of the story that does not run.
Result<LessonData> make_lesson_data(const Dataset& dataset, const Scenario& scenario,
                                    const std::filesystem::path& folder);

/// Names of the tables that students see, in order.
Result<std::vector<std::string>> lesson_tables(const std::filesystem::path& database);

}  // namespace parallax
