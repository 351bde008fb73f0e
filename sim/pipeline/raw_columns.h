// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sim/core/duckdb.h"
#include "sim/pipeline/record.h"

/// The log's entries as columns of SQL: what raw_events and dead_letters look like.
namespace parallax::pipeline {

/// A raw event where it lies in the log. Null event: no row.
struct RawRow {
  const StoredEvent* event = nullptr;
  const char* texts = nullptr;
  std::int64_t arrival = 0;  ///< Microseconds.
  std::int64_t position = 0;
  std::int64_t sent_at = no_time.since_epoch;  ///< As the batch stated it, or no_time.
};

/// One column of raw_events. `fill` writes the cells of `rows` into a vector, from cell 0 on. Texts
/// longer than 12 bytes are not copied: the vector points into the log, which must stay mapped
/// until the query is over.
struct RawColumn {
  std::string_view name;
  duckdb_type type;
  void (*fill)(std::span<const RawRow> rows, duckdb_vector vector);
};
constexpr std::size_t raw_column_count = 26;
const std::array<RawColumn, raw_column_count>& raw_columns();

struct DeadRow {
  const StoredDead* dead = nullptr;
  const char* texts = nullptr;
  std::int64_t arrival = 0;
  std::int64_t position = 0;
};
struct DeadColumn {
  std::string_view name;
  duckdb_type type;
  void (*fill)(std::span<const DeadRow> rows, duckdb_vector vector);
};
constexpr std::size_t dead_column_count = 7;
const std::array<DeadColumn, dead_column_count>& dead_columns();

/// The order of arrival as one number, unique in a log: 2^64 times the arrival time in microseconds
/// plus the position. Its halves are what SQL's arrival_time and arrival_position give back.
constexpr duckdb_hugeint arrival_number(std::int64_t arrival, std::int64_t position) {
  return {static_cast<std::uint64_t>(position), arrival};
}

}  // namespace parallax::pipeline
