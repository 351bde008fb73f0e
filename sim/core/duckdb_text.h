// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <duckdb.h>

#include <cstdint>
#include <optional>
#include <string>

namespace parallax::duckdb {

/// Reads the cells of one vector of a data chunk, whatever its type. Borrows the vector: must not
/// outlive the chunk. For small results; hot readers take the vector's data themselves.
class CellReader {
 public:
  explicit CellReader(duckdb_vector vector);
  CellReader(const CellReader&) = delete;
  CellReader& operator=(const CellReader&) = delete;
  ~CellReader();

  bool null(idx_t row) const;
  /// The value as DuckDB's CAST to VARCHAR writes it (timestamps in RFC 3339 instead), "NULL" for
  /// NULL. Nested types and intervals are not read: they give the type's number in brackets.
  std::string text(idx_t row) const;
  /// The value of any integer type, a boolean as 0 or 1. Nothing for NULL, other types and values
  /// beyond 64 bits.
  std::optional<std::int64_t> integer(idx_t row) const;

 private:
  template <class T>
  T at(idx_t row) const {
    return static_cast<const T*>(data_)[row];
  }
  std::string decimal(idx_t row) const;

  duckdb_logical_type logical_;
  duckdb_type type_;
  const void* data_;
  std::uint64_t* validity_;
};

}  // namespace parallax::duckdb
