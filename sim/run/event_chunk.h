// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sim/core/duckdb.h"
#include "sim/run/event_columns.h"

namespace parallax {

/// Events as DuckDB sees them: a table function that pulls blocks of them and fills chunks of typed
/// columns, column by column: UUID, TIMESTAMP, INTEGER, BIGINT, DECIMAL(18, places), BOOLEAN,
/// VARCHAR. NULL is a missing value, also an empty event id; an id in capitals is the same UUID.
class EventChunks {
 public:
  /// Swaps the next rows into its argument; false when there are no more. Called on the thread that
  /// runs the query.
  using Pull = std::function<bool(std::vector<Emission>& rows)>;

  /// `plan` must outlive it. It must stay where it is while it is registered.
  EventChunks(const TrackingPlan& plan, std::string run_id, Pull pull);
  Result<void> register_as(const std::string& name, duckdb::Connection& connection);
  /// Lets the query fail as soon as it asks for more.
  void abandon() { abandoned_ = true; }

 private:
  static void bind(duckdb_bind_info info);
  static void fill(duckdb_function_info info, duckdb_data_chunk chunk);
  /// False: a decimal has more digits than its column.
  bool fill_column(const EventColumn& column, duckdb_vector vector,
                   std::span<const Emission> rows) const;
  bool fill_field(const EventColumn& column, duckdb_vector vector,
                  std::span<const Emission> rows) const;
  void fill_texts(const EventColumn& column, duckdb_vector vector,
                  std::span<const Emission> rows) const;
  std::string field_text(const Emission& event, std::uint8_t field) const;

  const TrackingPlan* plan_;
  std::string run_id_;
  Pull pull_;
  std::vector<EventColumn> columns_;
  std::vector<Emission> rows_;
  std::size_t next_ = 0;
  std::atomic<bool> abandoned_{false};
};

}  // namespace parallax
