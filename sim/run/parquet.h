// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/duckdb.h"
#include "sim/core/result.h"
#include "sim/core/time.h"

namespace parallax {

/// Where a column puts the value of one row. Exactly one call a cell, of the kind that the column's
/// type says, or `null`. Borrowed for that call.
class ParquetCell {
 public:
  ParquetCell(duckdb_vector vector, void* data) : vector_(vector), data_(data) {}
  void text(std::string_view value);
  void name(std::size_t index);  ///< One of ParquetColumn::names.
  void integer(std::int64_t value);
  void boolean(bool value);
  void time(SimTime value);  ///< `no_time` is NULL.
  /// `minor` units of 10^-`exponent` into a decimal column of at least that scale. A value beyond
  /// 18 digits makes `write` fail: truth is never cut.
  void decimal(std::int64_t minor, int exponent);
  void null();

 private:
  friend class ParquetRows;
  duckdb_vector vector_;
  void* data_;
  std::uint64_t row_ = 0;
  int scale_ = 0;
  bool wide_ = false;  ///< There are more names than a byte counts.
  bool fits_ = true;
};

struct ParquetColumn {
  /// A name is a text out of few: readers see a text, but none is made or hashed per row.
  enum class Type : std::uint8_t { text, name, integer, boolean, time, decimal };
  std::string name;  ///< Unique within its file, whatever the case.
  Type type = Type::text;
  /// Writes the value of one row of the batch at hand; rows come in order, each once.
  std::function<void(ParquetCell& cell, std::size_t row)> write;
  int scale = 0;                        ///< Of a decimal: DECIMAL(18, scale), 0 .. 6.
  std::vector<std::string> names = {};  ///< Of a name: each once, 1 .. 65'535.
};

/// Brings the next batch of rows to where the columns find it; how many, 0 at the end.
using NextBatch = std::function<Result<std::size_t>()>;

/// Writes Parquet files (zstd) out of memory, in one pass and without a copy of the rows. Equal
/// rows give equal bytes: one thread, no clock.
class ParquetWriter {
 public:
  static Result<ParquetWriter> open();

  /// Writes beside `file`, syncs, then renames: never half a file under the final name. Errors: the
  /// folder is missing, the disk is full, a decimal does not fit; what `next` answers.
  Result<void> write(const std::filesystem::path& file, const std::vector<ParquetColumn>& columns,
                     const NextBatch& next);
  /// All rows are one batch.
  Result<void> write(const std::filesystem::path& file, const std::vector<ParquetColumn>& columns,
                     std::size_t rows);

 private:
  ParquetWriter(duckdb::Database database, duckdb::Connection connection)
      : database_(std::move(database)), connection_(std::move(connection)) {}
  duckdb::Database database_;
  duckdb::Connection connection_;
  unsigned written_ = 0;
};

}  // namespace parallax
