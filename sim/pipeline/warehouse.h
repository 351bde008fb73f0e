// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "sim/core/result.h"
#include "sim/pipeline/durable_log.h"
#include "sim/pipeline/pipeline.h"

namespace parallax::pipeline {

/// The tables that are read from outside.
enum class Table : std::uint8_t { clean_events, daily_totals, raw_events, dead_letters };

/// A consistent look at one table, page by page: later events and refreshes do not show. Holds a
/// database connection; memory is bounded by a page and the database's limit. Must not outlive its
/// Warehouse; used by one thread at a time.
class Snapshot {
 public:
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();
  /// Replaces `out` by the next rows as NDJSON, about a MiB; empty at the end.
  Result<void> next_page(std::string& out);

 private:
  friend class Warehouse;
  struct State;
  explicit Snapshot(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

/// The DuckDB file with clean_events and the models that make it from the log. A refresh and how
/// far it came are one transaction: a crash neither repeats nor loses a row. The file can be
/// deleted: it is made again from the log. Thread-safe: one mutex orders the refreshes; snapshots
/// are read outside of it.
class Warehouse {
 public:
  /// Opens or makes `file`.
  static Result<std::unique_ptr<Warehouse>> open(const std::filesystem::path& file);
  ~Warehouse();

  /// Up to where the log was whole when this file was last closed or refreshed.
  std::int64_t known_log_end() const;
  /// Installs the contract and the models with the bugs of `options`; what other models or another
  /// contract made is thrown away. Once, before what follows. `log` must outlive the warehouse.
  Result<void> install(const DurableLog& log, const PipelineOptions& options);

  /// Brings clean_events up to date with the whole log, in transactions of about a million rows.
  /// Reads do it too, and find little left to do then. This one keeps to a single thread: DuckDB's
  /// others look for work all the while that there is none, and the collector needs the cores.
  Result<void> refresh_ahead();
  /// Rows of the log that clean_events does not know yet.
  std::int64_t behind() const;
  /// False where a model has a bug switched on, or is a vendor's: then each refresh makes
  /// everything anew, since such a model need not be one that can be brought up to date in parts.
  bool refreshes_in_parts() const;
  /// An orderly end: notes that the log is whole up to here.
  Result<void> note_log_end();
  /// Refreshes, and writes the canonical rows as the table clean_events, in their order.
  Result<void> write_clean_table();

  /// Rows of `run_id` (all rows when it is empty) as of now; clean_events is refreshed first.
  /// Order: clean_events by event time, daily_totals by day, the others by position.
  Result<Snapshot> read(Table table, const std::string& run_id);

 private:
  struct State;
  explicit Warehouse(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace parallax::pipeline
