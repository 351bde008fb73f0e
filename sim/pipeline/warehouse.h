// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/pipeline/pipeline.h"

namespace parallax::pipeline {

/// The tables that are read from outside, in their reading order.
enum class Table : std::uint8_t { clean_events, raw_events, dead_letters };

struct WarehouseCounts {
  std::int64_t raw_events = 0;
  std::int64_t dead_letters = 0;
  std::uint64_t log_offset = 0;  ///< The log is loaded up to here.
};

/// A consistent look at one table, page by page: later loads and rebuilds do not show. Holds a
/// database connection. Must not outlive its Warehouse; used by one thread at a time.
class Snapshot {
 public:
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();
  /// Replaces `out` by the next rows as NDJSON, at most about 20'000 rows; empty at the end.
  Result<void> next_page(std::string& out);

 private:
  friend class Warehouse;
  struct State;
  explicit Snapshot(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

/// DuckDB file with raw_events, dead_letters and the models. Loading from the durable log happens
/// in transactions that hold the log position too: a crash neither repeats nor loses a row.
/// Thread-safe: one mutex orders loading and rebuilding; snapshots are read outside of it.
class Warehouse {
 public:
  /// Opens or makes `file`, and installs the contract and the models with `bugs`.
  static Result<std::unique_ptr<Warehouse>> open(const std::filesystem::path& file,
                                                 const PipelineOptions& options);
  ~Warehouse();

  /// Loads what the log holds before `end` and is not loaded yet.
  Result<void> load(const std::filesystem::path& log, std::uint64_t end);
  /// Rows of `run_id` (all rows when it is empty) as of now; clean_events is rebuilt first if rows
  /// arrived since the last time.
  Result<Snapshot> read(Table table, const std::string& run_id);
  Result<WarehouseCounts> counts();

 private:
  struct State;
  explicit Warehouse(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace parallax::pipeline
