// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "sim/core/duckdb.h"

/// Queries that are a table as it stands. Private to sim/read.
namespace parallax {

/// A table of the database and nothing else: its rows have places of their own, by which threads
/// may read it in any order, and by which a single row is found again without reading the others.
struct PlainTable {
  std::string name;
  bool by_run = false;  ///< Only the rows of the run.

  /// The query again, over `what`.
  std::string select(const std::string& what) const;
};

/// "select * from NAME" or "select * from NAME where run_id = $1", where NAME is a table (a view is
/// not) that has no column called `rowid`. Nothing for any other query.
std::optional<PlainTable> plain_table(duckdb::Connection& connection, std::string_view query);

}  // namespace parallax
