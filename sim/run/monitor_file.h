// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/time.h"
#include "sim/scenario/load.h"

namespace parallax {

/// One table of the user's: where it is, and what its columns are called.
struct MonitorTable {
  std::filesystem::path
      path;            ///< .csv .parquet .ndjson .jsonl .json (optionally .gz); .duckdb .db.
  std::string table;   ///< Of a database.
  std::string query;   ///< SELECT over that database, instead of `table`.
  std::string source;  ///< "client" or "server": all its rows; empty: a column says.
  /// Our name -> theirs, as a column or an SQL expression over their columns.
  std::vector<std::pair<std::string, std::string>> columns;
};

/// A monitor file (JSON): what `parallax monitor --read` looks at.
///
///   { "raw": [ { "path": "web.csv", "source": "client",
///                "columns": { "event_name": "event", "event_id": "uuid", "client_ts": "ts" } },
///              { "path": "warehouse.duckdb", "table": "orders", "source": "server", ... } ],
///     "clean": { "path": "warehouse.duckdb", "table": "fct_events" },
///     "rejected": { "path": "dead.ndjson" },
///     "client": ["web", "ios"], "server": ["backend"],    // what the column source says
///     "events": ["purchase"],                             // default: those that both sides report
///     "deploys": [ { "at": "2026-03-05T00:00:00Z", "label": "checkout 4.2" } ] }
///
/// A DuckDB file instead stands for its tables raw_events, clean_events and rejected.
struct MonitorPlan {
  std::string about;
  std::vector<MonitorTable> raw;  ///< At least one.
  std::optional<MonitorTable> clean, rejected;
  std::vector<std::string> client{"client"}, server{"server"};
  std::vector<std::string> events;
  std::vector<std::pair<SimTime, std::string>> deploys;
};

/// Bounds beyond which a row of the report is an alert. Shares and relative changes as fractions.
/// An SLO file is an object of these names: {"ratio": "5%", "latency_p95": "5m"}.
struct MonitorBounds {
  double ratio = 0.05;       ///< |ln(ratio / baseline)| of a day.
  double joined = 0.90;      ///< Least share of actions whose other side is found by id.
  double hours = 0.02;       ///< Actions whose hour differs between the clocks.
  double revenue = 0.005;    ///< Orders that differ.
  double latency_p95 = 300;  ///< Seconds.
  double rejected = 0.01;    ///< Of a side's rows, by one reason.
  double clean = 0.001;      ///< Actions missing, doubled or from nowhere in the clean table.
  double consent = 0;        ///< Pairs that differ, rows without consent.
  double sampling = 0.10;    ///< Users of whom only one side has rows.
  double missing = 0.02;     ///< Growth of a field's empty share.
  double drift = 0.1;        ///< Population stability index, at least; see monitor_columns.cpp.
};
/// Name and value of each, in the order above.
std::vector<std::pair<std::string, double>> bounds_of(const MonitorBounds& bounds);

struct LoadedMonitor {
  MonitorPlan plan;
  std::vector<Problem> problems;
};
/// Paths in it are relative to its folder.
LoadedMonitor load_monitor(const std::filesystem::path& file);

struct LoadedBounds {
  MonitorBounds bounds;
  std::vector<Problem> problems;
};
LoadedBounds load_bounds(const std::filesystem::path& file);

}  // namespace parallax
