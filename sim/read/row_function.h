// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
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

/// A scalar function of DuckDB that makes a packed CanonicalRow, a BLOB, of a row's columns: only
/// those bytes are copied from thread to thread, and no text is.
///
///   RowFunction rows(plan, columns, inputs);
///   rows.register_in(connection);
///   "select " + rows.call() + " from ..."     one BLOB a row, for `unpack`
class RowFunction {
 public:
  /// `plan` and `columns` must outlive it, and it the connection's queries.
  RowFunction(const TrackingPlan& plan, const Columns& columns, std::vector<TableInput> inputs)
      : plan_(plan), columns_(columns), builder_(plan, columns), inputs_(std::move(inputs)) {}

  Result<void> register_in(duckdb::Connection& connection);
  /// The SQL expression: the function on all inputs, each cast to what it is read as.
  std::string call() const;
  /// What the function made; all but CanonicalRow::number.
  void unpack(std::string_view packed, CanonicalRow& out) const;

 private:
  static void fill(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output);
  void build_rows(duckdb_data_chunk input, duckdb_vector output) const;
  std::size_t packed_size(const CanonicalRow& row) const;

  const TrackingPlan& plan_;
  const Columns& columns_;
  RowBuilder builder_;
  std::vector<TableInput> inputs_;
};

/// What `duckdb_string_t_data` and `_length` say, without a call for each.
inline std::string_view text_of(const duckdb_string_t& text) {
  const std::uint32_t size = text.value.inlined.length;
  const bool inlined = size <= sizeof text.value.inlined.inlined;
  return {inlined ? text.value.inlined.inlined : text.value.pointer.ptr, size};
}

}  // namespace parallax
