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
#include "sim/read/reader.h"
#include "sim/read/row_columns.h"

/// Rows built by DuckDB's own threads while they scan. Private to sim/read.
namespace parallax {

/// As what a column of this type is read. Times and counts of the envelope, numbers of the business
/// fields and booleans are read as they are, everything else as its text.
TableInput table_input(std::string name, std::uint16_t slot, duckdb_logical_type type);

/// A scalar function of DuckDB that makes a CanonicalRow of a row's columns.
///
///   RowFunction rows(plan, columns, inputs);
///   rows.register_in(connection);
///
/// Either it answers where it put the row: SQL carries eight bytes from thread to thread, and
/// neither a row nor a text is copied.
///
///   "select " + rows.call() + " from ..."            one BIGINT a row, for `take`
///
/// Or, for a table, each thread hands its rows over at once, while its core has them, a scan's
/// piece at a time in whatever order the threads come to them. A row's number is its rowid.
///
///   rows.hand_over_to(take);
///   "select count(" + rows.call() + ") from TABLE"   an error where `take` wanted no more
class RowFunction {
 public:
  /// `plan` and `columns` must outlive it, and it the connection's queries.
  RowFunction(const TrackingPlan& plan, const Columns& columns, std::vector<TableInput> inputs)
      : columns_(columns),
        builder_(plan, columns),
        inputs_(std::move(inputs)),
        column_builder_(plan, columns, builder_, inputs_) {}

  /// Call before `register_in`. `take` must outlive this.
  void hand_over_to(const TakeRows& take) { take_rows_ = &take; }
  bool handed_any() const { return handed_any_; }  ///< Once the query has ended.

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
  std::vector<CanonicalRow> spare_rows();
  bool hand_over(const std::int64_t* rowids, std::vector<CanonicalRow> rows);
  void build_rows(duckdb_data_chunk input, std::vector<CanonicalRow>& out) const;
  void build_with_properties(std::span<const ChunkColumn> columns,
                             std::vector<CanonicalRow>& out) const;
  std::int64_t keep(std::vector<CanonicalRow> rows);
  bool take_whole(std::span<const std::int64_t> places, std::vector<CanonicalRow>& out);

  const Columns& columns_;
  RowBuilder builder_;
  std::vector<TableInput> inputs_;
  ColumnBuilder column_builder_;
  const TakeRows* take_rows_ = nullptr;
  std::mutex mutex_;  ///< Of what follows.
  bool handed_any_ = false, stopped_ = false;
  std::map<std::int64_t, Batch> batches_;
  std::int64_t made_ = 0;
  std::vector<std::vector<CanonicalRow>> spare_;  ///< Vectors to be used again.
};

}  // namespace parallax
