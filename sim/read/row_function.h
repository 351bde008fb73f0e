// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/duckdb.h"
#include "sim/read/cells.h"

/// Rows built by DuckDB's own threads while they scan. Private to sim/read.
namespace parallax {

/// A column of the table that a row needs.
struct TableInput {
  std::string name;
  std::uint16_t slot = 0;
  Cell::Kind kind = Cell::Kind::text;
  std::uint8_t scale = 0;  ///< Of decimals.
};

/// As what a column of this type is read. Times and counts of the envelope, numbers of the business
/// fields and booleans are read as they are, everything else as its text.
TableInput table_input(std::string name, std::uint16_t slot, duckdb_logical_type type);

/// A scalar function of DuckDB that makes a CanonicalRow of a row's columns and answers where it
/// put it: SQL carries eight bytes from thread to thread, and neither a row nor a text is copied.
///
///   RowFunction rows(plan, columns, inputs);
///   rows.register_in(connection);
///   "select " + rows.call() + " from ..."     one BIGINT a row, for `take`
class RowFunction {
 public:
  /// `plan` and `columns` must outlive it, and it the connection's queries.
  RowFunction(const TrackingPlan& plan, const Columns& columns, std::vector<TableInput> inputs)
      : columns_(columns), builder_(plan, columns), inputs_(std::move(inputs)) {}

  Result<void> register_in(duckdb::Connection& connection);
  /// The SQL expression: the function on all inputs, each cast to what it is read as.
  std::string call() const;
  /// The rows of these places, in order; all but CanonicalRow::number. Each can be taken once.
  void take(std::span<const std::int64_t> places, std::vector<CanonicalRow>& out);

 private:
  /// Rows built in one call, until all of them are taken.
  struct Batch {
    std::vector<CanonicalRow> rows;
    std::size_t left = 0;
  };
  static void fill(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output);
  void build_rows(duckdb_data_chunk input, std::vector<CanonicalRow>& out) const;
  std::int64_t keep(std::vector<CanonicalRow> rows);

  const Columns& columns_;
  RowBuilder builder_;
  std::vector<TableInput> inputs_;
  std::mutex mutex_;  ///< Of what follows.
  std::map<std::int64_t, Batch> batches_;
  std::int64_t made_ = 0;
  std::vector<std::vector<CanonicalRow>> spare_;  ///< Vectors to be used again.
};

}  // namespace parallax
