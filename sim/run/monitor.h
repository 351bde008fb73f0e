// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assertions/explain.h"
#include "sim/core/duckdb.h"
#include "sim/run/monitor_file.h"

namespace parallax {

/// The text of sim/run/monitor/NAME; empty where there is no such file.
std::string_view embedded_monitor(std::string_view name);

/// Two spans of time that are compared: [from, until).
struct MonitorSpans {
  SimTime before_from, before_until, after_from, after_until;
};

/// One check: a table ready to print, and which of its rows are alerts.
struct MonitorCheck {
  std::string name, title;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<bool> alerts;  ///< Parallel to `rows`.

  std::size_t alert_count() const;
};

/// What `parallax monitor` found in somebody's tables.
struct MonitorReport {
  std::string file, about;
  SimTime first, last;  ///< Of the raw rows.
  std::uint64_t client_rows = 0, server_rows = 0;
  MonitorSpans spans;
  std::string spans_by;  ///< How they were chosen.
  std::vector<MonitorCheck> checks;
  std::vector<explain::Explanation> explanations;  ///< One an event that both sides report.

  std::size_t alerts() const;
};

/// Reads the tables, compares both spans and explains what moved. Without `spans`: around the
/// strongest change point of any event, else the last seven days against those before them, else
/// the second half against the first.
/// Errors (invalid_input): a table or a column that is not there, a side that nobody named, no
/// rows.
Result<MonitorReport> monitor(const MonitorPlan& plan, const MonitorBounds& bounds,
                              const std::optional<MonitorSpans>& spans);

/// Makes the tables raw_rows, clean_rows and rejected_rows (see monitor/prepare.sql). What comes
/// back are the names of the user's further columns of raw_rows.
Result<std::vector<std::string>> open_monitor_tables(const MonitorPlan& plan,
                                                     duckdb::Connection& sql);

/// Missing fields and drift of the user's columns, by side. The variables of prepare.sql are set.
Result<std::vector<MonitorCheck>> check_columns(duckdb::Connection& sql,
                                                const std::vector<std::string>& columns,
                                                const MonitorBounds& bounds);

std::string monitor_markdown(const MonitorReport& report);
nlohmann::ordered_json monitor_json(const MonitorReport& report);

}  // namespace parallax
