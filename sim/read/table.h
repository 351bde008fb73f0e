// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "sim/read/reader.h"

/// Rows that DuckDB can select: what the file and the duckdb reader share. Private to sim/read.
namespace parallax {

struct TableSource {
  std::filesystem::path database;  ///< Opened read-only; empty: a database in memory.
  std::string query;               ///< One SELECT, perhaps with $1 for the run id.
  std::string name;                ///< For Error::where.
  bool untyped = false;            ///< CSV: every column is text that may stand for anything.
};

/// Reads only the columns that a row needs, all in one go: DuckDB answers whole or not at all, so a
/// read is complete or an Error.
Result<std::unique_ptr<RowReader>> make_table_reader(const TableSource& source,
                                                     const ColumnMap& columns,
                                                     const TrackingPlan& plan);

}  // namespace parallax
