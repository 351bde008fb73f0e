// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/warehouse.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "sim/core/duckdb.h"
#include "sim/core/id.h"
#include "sim/pipeline/log_functions.h"
#include "sim/pipeline/merge_fields.h"
#include "sim/pipeline/models.h"
#include "sim/pipeline/ndjson.h"

namespace parallax::pipeline {
namespace {

constexpr std::int64_t refresh_rows_max = 1'000'000;
constexpr std::size_t page_bytes = 1U << 20;

/// A quarter of the machine's memory, at least 512 MiB and at most 4 GiB: the rest is the
/// harness's, which is on the same machine.
std::string memory_limit() {
  const auto machine_mib = (static_cast<std::uint64_t>(std::max(::sysconf(_SC_PHYS_PAGES), 0L)) *
                            static_cast<std::uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 0L))) >>
                           20U;
  return std::to_string(std::clamp<std::uint64_t>(machine_mib / 4, 512, 4'096)) + "MiB";
}

std::string_view boolean(bool value) { return value ? "true" : "false"; }

/// The contract as rows, so that the models can join it.
std::string contract_rows(const TrackingPlan& plan) {
  std::string sql;
  for (const ActionPlan& action : plan.actions) {
    const std::string name = duckdb::quote_literal(action.name);
    const std::string confirmed =
        action.confirmed_by ? duckdb::quote_literal(name_of(*action.confirmed_by)) : "null";
    sql.append("insert into contract_events values (" + name + ", ").append(confirmed + ");\n");
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

std::string select_of(Table table, std::int64_t log_end) {
  const std::string span = "(0, " + std::to_string(log_end) + ")";
  switch (table) {
    case Table::clean_events:
      return "select * exclude (run, key) from clean";
    case Table::daily_totals:
      return "select * from daily_totals";
    case Table::raw_events:
      return "select * exclude (event_uuid, run, place, arrival) from event_log" + span;
    case Table::dead_letters:
      break;
  }
  return "select *, json_extract_string(event, '$.event_id') as event_id from dead_letter_log" +
         span;
}

std::string_view order_of(Table table) {
  if (table == Table::clean_events) return " order by event_ts, event_id, run_id, key";
  return table == Table::daily_totals ? " order by run_id, day, event_name, currency"
                                      : " order by position";
}

std::vector<std::string_view> json_columns(Table table) {
  if (table == Table::dead_letters) return {"event"};
  return {"revenue", "tax", "context", "properties"};
}

}  // namespace

// ---- Snapshot

struct Snapshot::State {
  duckdb::Connection connection;
  duckdb::Rows rows;
  NdjsonWriter writer;
};

Snapshot::Snapshot(std::unique_ptr<State> state) : state_(std::move(state)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

Result<void> Snapshot::next_page(std::string& out) {
  out.clear();
  while (out.size() < page_bytes) {
    const duckdb::Chunk chunk{state_->rows.fetch()};
    if (auto fine = state_->rows.check(); !fine) return fine;
    if (!chunk || duckdb_data_chunk_get_size(chunk.get()) == 0) break;
    state_->writer.write(chunk.get(), out);
  }
  return {};
}

// ---- Warehouse

struct Warehouse::State {
  duckdb::Database database;
  duckdb::Connection connection;
  const DurableLog* log = nullptr;
  std::mutex mutex;
  std::atomic<std::int64_t> modelled{0};  ///< clean_events has the rows before this position.
  std::int64_t known_log_end = 0;
  bool in_parts = true;
  bool refresh_always = false;

  State(duckdb::Database db, duckdb::Connection first)
      : database(std::move(db)), connection(std::move(first)) {}

  Result<void> transact(const std::string& sql) {
    auto done = connection.run("begin transaction;" + sql + ";commit");
    if (!done) (void)connection.run("rollback");
    return done;
  }

  Result<void> forget_what_others_made(std::uint64_t models) {
    const auto same = connection.integer("select (models = " + std::to_string(models) +
                                         ")::integer from model_state");
    if (!same) return same.error();
    if (*same != 0) return {};
    modelled = 0;
    return transact(
        "delete from actions; delete from action_keys;"
        "update model_state set modelled = 0, models = " +
        std::to_string(models));
  }

  Result<void> refresh_part(std::int64_t first, std::int64_t end) {
    const std::string position = std::to_string(end);
    std::string sql = "set variable first_row = " + std::to_string(first) +
                      "; set variable end_row = " + position + ";";
    if (first == 0) sql += "delete from actions; delete from action_keys;";
    sql += embedded_model("refresh.sql");
    sql += "update model_state set modelled = " + position + ", log_end = " + position;
    auto done = transact(sql);
    if (done) modelled = end;
    return done;
  }

  Result<void> refresh() {
    const std::int64_t end = log->end();
    if (!in_parts) {
      if (modelled == end && !refresh_always) return {};
      return refresh_part(0, end);
    }
    while (modelled < end) {
      const std::int64_t first = modelled;
      const std::int64_t next = std::min(end, first + refresh_rows_max);
      if (auto done = refresh_part(first, next); !done) return done;
    }
    return {};
  }
};

Warehouse::Warehouse(std::unique_ptr<State> state) : state_(std::move(state)) {}
Warehouse::~Warehouse() = default;

Result<std::unique_ptr<Warehouse>> Warehouse::open(const std::filesystem::path& file) {
  duckdb::OpenOptions options;
  options.memory_limit = memory_limit();
  auto database = duckdb::Database::open(file, options);
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  auto state = std::make_unique<State>(std::move(*database), std::move(*connection));
  const auto used = state->connection.integer(
      "select count(*) from duckdb_tables() where table_name = 'model_state'");
  if (!used) return used.error();
  if (*used != 0) {
    const auto modelled = state->connection.integer("select modelled from model_state");
    const auto log_end = state->connection.integer("select log_end from model_state");
    if (!modelled) return modelled.error();
    if (!log_end) return log_end.error();
    state->modelled = *modelled;
    state->known_log_end = *log_end;
  }
  return std::unique_ptr<Warehouse>(new Warehouse(std::move(state)));
}

std::int64_t Warehouse::known_log_end() const { return state_->known_log_end; }

Result<void> Warehouse::install(const DurableLog& log, const PipelineOptions& options) {
  state_->log = &log;
  duckdb::Connection& connection = state_->connection;
  if (auto done = register_merge_fields(connection); !done) return done;
  if (auto done = register_log_functions(connection, log); !done) return done;
  ReplacedSteps replaced;
  const std::string policy = policy_models(options.policy, replaced);
  const auto bugs = bug_models(options.bugs, replaced);
  if (!bugs) return bugs.error();
  // At DuckDB's own 16 MiB nearly every refresh would write its rows a second time.
  if (auto done = connection.run("set checkpoint_threshold = '64MiB'"); !done) return done;
  std::string sql(embedded_model("tables.sql"));
  if (options.contract) sql += contract_rows(*options.contract);
  sql += embedded_model("clean_events.sql");
  sql += policy + *bugs;
  // Of an earlier stop: it would be behind from now on.
  if (auto done = state_->transact(sql + "drop table if exists clean_events"); !done) return done;
  state_->in_parts = policy.empty() && bugs->empty();
  state_->refresh_always = find_bug(options.bugs, "any_row_wins") != nullptr;
  sql += embedded_model("refresh.sql");
  return state_->forget_what_others_made(hash_text(sql));
}

Result<void> Warehouse::refresh_ahead() {
  const std::lock_guard lock(state_->mutex);
  if (auto done = state_->connection.run("set threads = 1"); !done) return done;
  const auto refreshed = state_->refresh();
  const auto reset = state_->connection.run("reset threads");
  return refreshed ? reset : refreshed;
}

std::int64_t Warehouse::behind() const { return state_->log->end() - state_->modelled; }
bool Warehouse::refreshes_in_parts() const { return state_->in_parts; }

Result<void> Warehouse::note_log_end() {
  const std::lock_guard lock(state_->mutex);
  return state_->transact("update model_state set log_end = " + std::to_string(state_->log->end()));
}

Result<void> Warehouse::write_clean_table() {
  const std::lock_guard lock(state_->mutex);
  if (auto done = state_->refresh(); !done) return done;
  return state_->transact("create or replace table clean_events as " +
                          select_of(Table::clean_events, 0).append(order_of(Table::clean_events)));
}

Result<Snapshot> Warehouse::read(Table table, const std::string& run_id) {
  const std::lock_guard lock(state_->mutex);
  if (table == Table::clean_events || table == Table::daily_totals)
    if (auto done = state_->refresh(); !done) return done.error();
  auto connection = state_->database.connect();
  if (!connection) return connection.error();
  std::string sql = select_of(table, state_->log->end());
  std::vector<std::string> params;
  if (!run_id.empty()) {
    sql += " where run_id = $1";
    // Other runs' actions are left out before their fields are fetched.
    if (table == Table::clean_events) sql += " and run = " + std::to_string(hash_text(run_id));
    params.push_back(run_id);
  }
  auto rows = connection->stream(sql.append(order_of(table)), params);
  if (!rows) return rows.error();
  NdjsonWriter writer(*rows, json_columns(table));
  return Snapshot(std::make_unique<Snapshot::State>(
      Snapshot::State{std::move(*connection), std::move(*rows), std::move(writer)}));
}

}  // namespace parallax::pipeline
