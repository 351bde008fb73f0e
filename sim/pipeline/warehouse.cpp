// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/warehouse.h"

#include <mutex>

#include "sim/core/duckdb.h"
#include "sim/pipeline/loader.h"
#include "sim/pipeline/merge_fields.h"
#include "sim/pipeline/models.h"
#include "sim/pipeline/ndjson.h"

namespace parallax::pipeline {
namespace {

constexpr std::int64_t page_rows = 20'000;

/// How a table is read: in the order of `number`, which is unique.
struct Reading {
  std::string_view name;
  std::string_view number;
  std::string_view columns;
  std::vector<std::string_view> raw_columns;
};

Reading reading_of(Table table) {
  switch (table) {
    case Table::clean_events:
      return {"clean_events",
              "number",
              "* exclude (number)",
              {"revenue", "tax", "context", "properties"}};
    case Table::raw_events:
      return {"raw_events", "position", "*", {"revenue", "tax", "context", "properties"}};
    case Table::dead_letters:
      break;
  }
  return {"dead_letters", "position", "*", {"event"}};
}

std::string_view boolean(bool value) { return value ? "true" : "false"; }

/// The contract as rows, so that the models can join it.
std::string contract_rows(const TrackingPlan& plan) {
  std::string sql;
  for (const ActionPlan& action : plan.actions) {
    const std::string name = duckdb::quote_literal(action.name);
    const std::string confirmed =
        action.confirmed_by ? duckdb::quote_literal(name_of(*action.confirmed_by)) : "null";
    sql += "insert into contract_events values (" + name + ", " + confirmed + ");\n";
    for (const FieldPlan& field : action.fields)
      sql.append("insert into contract_fields values (" + name + ", ")
          .append(duckdb::quote_literal(field.name) + ", ")
          .append(duckdb::quote_literal(name_of(field.owner)) + ", ")
          .append(boolean(field.on_client))
          .append(", ")
          .append(boolean(field.on_server))
          .append(");\n");
  }
  return sql;
}

Result<void> install(duckdb::Connection& connection, const PipelineOptions& options) {
  if (auto done = register_merge_fields(connection); !done) return done;
  auto bugs = bug_models(options.bugs);
  if (!bugs) return bugs.error();
  std::string sql(embedded_model("raw_tables.sql"));
  if (options.contract) sql += contract_rows(*options.contract);
  sql +=
      "create table if not exists keyed_rows (position bigint, run_id varchar, source varchar, "
      "ingestion_ts timestamp, id uuid, key uuid);\n";
  sql += embedded_model("clean_events.sql");
  sql += *bugs;
  return connection.run("begin transaction;" + sql + "commit");
}

}  // namespace

// ---- Snapshot

struct Snapshot::State {
  duckdb::Connection connection;
  Reading reading;
  std::string run_id;
  std::int64_t next = 0;  ///< First number not yet read.
  std::int64_t last = -1;
};

Snapshot::Snapshot(std::unique_ptr<State> state) : state_(std::move(state)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

Result<void> Snapshot::next_page(std::string& out) {
  out.clear();
  const Reading& reading = state_->reading;
  while (out.empty() && state_->next <= state_->last) {
    const std::string number(reading.number);
    std::string sql = "select " + number + ", " + std::string(reading.columns) + " from " +
                      std::string(reading.name) + " where " + number +
                      " >= " + std::to_string(state_->next) + " and " + number + " < " +
                      std::to_string(state_->next + page_rows);
    if (!state_->run_id.empty()) sql += " and run_id = $1";
    sql += " order by " + number;
    std::vector<std::string> params;
    if (!state_->run_id.empty()) params.push_back(state_->run_id);
    auto rows = state_->connection.query(sql, params);
    if (!rows) return rows.error();
    write_ndjson(*rows, 1, reading.raw_columns, out);
    state_->next += page_rows;
  }
  return {};
}

// ---- Warehouse

struct Warehouse::State {
  duckdb::Database database;
  duckdb::Connection connection;
  std::mutex mutex;
  LoadState loaded;
  std::int64_t modelled = -1;  ///< LoadState::position at the last rebuild.
  bool rebuild_always = false;

  State(duckdb::Database db, duckdb::Connection first)
      : database(std::move(db)), connection(std::move(first)) {}

  Result<void> rebuild() {
    if (modelled == loaded.position && !rebuild_always) return {};
    auto done = connection.run("begin transaction;" + std::string(embedded_model("refresh.sql")) +
                               "commit");
    if (done)
      modelled = loaded.position;
    else
      (void)connection.run("rollback");
    return done;
  }

  /// Fixes the snapshot by looking at the table's span.
  Result<void> look(Snapshot::State& snapshot) {
    if (auto begun = snapshot.connection.run("begin transaction"); !begun) return begun;
    std::string sql = "select coalesce(min(" + std::string(snapshot.reading.number) +
                      "), 0)::varchar, coalesce(max(" + std::string(snapshot.reading.number) +
                      "), -1)::varchar from " + std::string(snapshot.reading.name);
    std::vector<std::string> params;
    if (!snapshot.run_id.empty()) {
      sql += " where run_id = $1";
      params.push_back(snapshot.run_id);
    }
    auto rows = snapshot.connection.query(sql, params);
    if (!rows) return rows.error();
    const auto texts = rows->texts();
    snapshot.next = std::stoll(texts.at(0).at(0));
    snapshot.last = std::stoll(texts.at(0).at(1));
    return {};
  }
};

Warehouse::Warehouse(std::unique_ptr<State> state) : state_(std::move(state)) {}
Warehouse::~Warehouse() = default;

Result<std::unique_ptr<Warehouse>> Warehouse::open(const std::filesystem::path& file,
                                                   const PipelineOptions& options) {
  auto database = duckdb::Database::open(file);
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  if (auto done = install(*connection, options); !done) return done.error();
  const auto loaded = read_load_state(*connection);
  if (!loaded) return loaded.error();
  auto state = std::make_unique<State>(std::move(*database), std::move(*connection));
  state->loaded = *loaded;
  state->rebuild_always = find_bug(options.bugs, "any_row_wins") != nullptr;
  return std::unique_ptr<Warehouse>(new Warehouse(std::move(state)));
}

Result<void> Warehouse::load(const std::filesystem::path& log, std::uint64_t end) {
  const std::lock_guard lock(state_->mutex);
  return load_log(state_->connection, log, end, state_->loaded);
}

Result<Snapshot> Warehouse::read(Table table, const std::string& run_id) {
  const std::lock_guard lock(state_->mutex);
  if (table == Table::clean_events)
    if (auto done = state_->rebuild(); !done) return done.error();
  auto connection = state_->database.connect();
  if (!connection) return connection.error();
  auto snapshot = std::unique_ptr<Snapshot::State>(
      new Snapshot::State{std::move(*connection), reading_of(table), run_id, 0, -1});
  if (auto done = state_->look(*snapshot); !done) return done.error();
  return Snapshot(std::move(snapshot));
}

Result<WarehouseCounts> Warehouse::counts() {
  const std::lock_guard lock(state_->mutex);
  const auto raw = state_->connection.integer("select count(*) from raw_events");
  if (!raw) return raw.error();
  const auto dead = state_->connection.integer("select count(*) from dead_letters");
  if (!dead) return dead.error();
  return WarehouseCounts{*raw, *dead, state_->loaded.log_offset};
}

}  // namespace parallax::pipeline
