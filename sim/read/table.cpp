// SPDX-License-Identifier: Apache-2.0
#include "sim/read/table.h"

#include <algorithm>
#include <utility>

#include "sim/core/duckdb.h"
#include "sim/read/json_cells.h"
#include "sim/read/plain_table.h"
#include "sim/read/row_function.h"

namespace parallax {
namespace {

/// The query as a subquery: a statement's end would break it.
std::string bare(std::string query) {
  const auto end = query.find_last_not_of("; \t\r\n");
  query.resize(end == std::string::npos ? 0 : end + 1);
  return query;
}

/// The rows of one statement as DuckDB makes them: a bounded number is held at a time.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    duckdb_destroy_result(&result_);
    duckdb_destroy_pending(&pending_);
    duckdb_destroy_prepare(&statement_);
  }

  Result<void> begin(duckdb::Connection& connection, const std::string& sql,
                     const std::vector<std::string>& params) {
    if (duckdb_prepare(connection.raw(), sql.c_str(), &statement_) != DuckDBSuccess)
      return failure(duckdb_prepare_error(statement_));
    for (std::size_t i = 0; i < params.size(); ++i)
      if (duckdb_bind_varchar_length(statement_, i + 1, params[i].data(), params[i].size()) !=
          DuckDBSuccess)
        return failure(duckdb_prepare_error(statement_));
    if (duckdb_pending_prepared_streaming(statement_, &pending_) != DuckDBSuccess)
      return failure(duckdb_pending_error(pending_));
    if (duckdb_execute_pending(pending_, &result_) != DuckDBSuccess)
      return failure(duckdb_result_error(&result_));
    return {};
  }
  /// Null at the end, or where it broke off.
  duckdb_data_chunk fetch() { return duckdb_fetch_chunk(result_); }
  bool whole() {
    const char* const message = duckdb_result_error(&result_);
    return message == nullptr || *message == 0;
  }

 private:
  static Error failure(const char* message) {
    return {Error::Kind::io, message != nullptr ? message : "the database failed", {}};
  }

  duckdb_prepared_statement statement_ = nullptr;
  duckdb_pending_result pending_ = nullptr;
  duckdb_result result_{};
};

class TableReader final : public RowReader {
 public:
  TableReader(TableSource source, const ColumnMap& map, const TrackingPlan& plan)
      : source_(std::move(source)), map_(map), plan_(plan), columns_(plan, map) {
    source_.query = bare(source_.query);
  }
  Result<bool> scan(std::string_view run_id, const TakeRows& take) override;
  Result<std::vector<std::string>> texts(std::string_view run_id,
                                         const std::vector<std::uint64_t>& numbers) override;

 private:
  Result<duckdb::Database> open() const;
  std::vector<std::string> params(std::string_view run_id) const {
    if (source_.query.find("$1") == std::string::npos) return {};
    return {std::string(run_id)};
  }
  Result<duckdb::Rows> query(duckdb::Connection& connection, const std::string& sql,
                             std::string_view run_id) const;
  Result<std::vector<TableInput>> inputs(duckdb::Connection& connection,
                                         std::string_view run_id) const;
  Result<bool> scan_table(duckdb::Connection& connection, PlainTable table, std::string_view run_id,
                          std::vector<TableInput> inputs, const TakeRows& take);

  TableSource source_;
  ColumnMap map_;
  const TrackingPlan& plan_;
  Columns columns_;
};

Result<duckdb::Database> TableReader::open() const {
  const bool file = !source_.database.empty();
  std::error_code ignored;
  if (file && !std::filesystem::exists(source_.database, ignored))
    return Error{Error::Kind::io, "no such database file", source_.name};
  duckdb::OpenOptions options;
  options.read_only = file;
  return duckdb::Database::open(source_.database, options);
}

Result<duckdb::Rows> TableReader::query(duckdb::Connection& connection, const std::string& sql,
                                        std::string_view run_id) const {
  auto rows = connection.query(sql, params(run_id));
  if (rows) return rows;
  Error error = rows.error();
  error.where = source_.name;
  return error;
}

Result<std::vector<TableInput>> TableReader::inputs(duckdb::Connection& connection,
                                                    std::string_view run_id) const {
  auto head = query(connection, "select * from (" + source_.query + ") limit 0", run_id);
  if (!head) return head.error();
  std::vector<TableInput> out;
  for (std::size_t i = 0; i < head->columns(); ++i) {
    const std::string name = head->column_name(i);
    const auto slot = columns_.slot(name);
    if (!slot) continue;
    duckdb_logical_type type = duckdb_column_logical_type(head->raw(), i);
    out.push_back(table_input(name, *slot, type));
    duckdb_destroy_logical_type(&type);
    if (source_.untyped) out.back().kind = Cell::Kind::untyped;
  }
  if (!out.empty()) return out;
  return Error{Error::Kind::protocol, "none of the columns is one of a canonical row",
               source_.name};
}

Result<bool> TableReader::scan(std::string_view run_id, const TakeRows& take) {
  auto database = open();
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  auto needed = inputs(*connection, run_id);
  if (!needed) return needed.error();
  if (const auto table = plain_table(*connection, source_.query))
    return scan_table(*connection, *table, run_id, std::move(*needed), take);
  RowFunction function(plan_, columns_, std::move(*needed));
  Result<void> ready = function.register_in(*connection);
  // In places of rows, which stand for some forty times as many bytes. With room for less than two
  // row groups, the thread that scans the second would wait until the first is taken.
  if (ready) ready = connection->run("set streaming_buffer_size = '3MiB'");
  Stream stream;
  if (ready)
    ready = stream.begin(*connection, "select " + function.call() + " from (" + source_.query + ")",
                         params(run_id));
  if (!ready) return Error{Error::Kind::io, ready.error().what, source_.name};
  std::vector<CanonicalRow> batch;
  std::uint64_t number = 0;
  for (;;) {
    const duckdb::Chunk chunk{stream.fetch()};
    const idx_t rows = chunk ? duckdb_data_chunk_get_size(chunk.get()) : 0;
    // An answer that breaks off in the middle proves what came, and nothing else.
    if (rows == 0) return stream.whole();
    const auto* places = static_cast<const std::int64_t*>(
        duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 0)));
    function.take({places, rows}, batch);
    for (CanonicalRow& row : batch) row.number = number++;
    if (!take(batch)) return false;
  }
}

/// All threads scan and hand over; nobody waits for anybody's turn.
Result<bool> TableReader::scan_table(duckdb::Connection& connection, PlainTable table,
                                     std::string_view run_id, std::vector<TableInput> inputs,
                                     const TakeRows& take) {
  // What a filter lets through is copied, a column at a time. A table that holds one run needs
  // none.
  if (table.by_run) {
    const auto others =
        connection.integer("select count(*) from " + table.name +
                           " where run_id is distinct from " + duckdb::quote_literal(run_id));
    table.by_run = !others || *others > 0;
  }
  RowFunction function(plan_, columns_, std::move(inputs));
  function.hand_over_to(take);
  Result<void> read = function.register_in(connection);
  // No block is read twice: to keep them all would only take memory.
  if (read) read = connection.run("set memory_limit = '1GiB'");
  if (read) {
    const auto counted =
        connection.query(table.select("count(" + function.call() + ")"),
                         table.by_run ? params(run_id) : std::vector<std::string>{});
    if (!counted) read = counted.error();
  }
  if (read) return true;
  // As below: what came before it broke off, or was stopped, stands.
  if (function.handed_any()) return false;
  return Error{Error::Kind::io, read.error().what, source_.name};
}

Result<std::vector<std::string>> TableReader::texts(std::string_view run_id,
                                                    const std::vector<std::uint64_t>& numbers) {
  std::vector<std::string> out;
  if (numbers.empty()) return out;
  auto database = open();
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  std::string wanted;
  for (const std::uint64_t number : numbers)
    wanted += (wanted.empty() ? "" : ", ") + std::to_string(number);
  const auto table = plain_table(*connection, source_.query);
  // A join with a few rowids reads but those rows; "in (...)" would read all.
  auto rows =
      table ? connection->query("select cast(to_json(parallax_row) as varchar) from " +
                                table->name + " as parallax_row where rowid in (select unnest([" +
                                wanted + "])) order by rowid")
            : query(*connection,
                    "select cast(to_json(held) as varchar) from (select parallax_row as held, "
                    "row_number() over () - 1 as number from (select * from (" +
                        source_.query + ") limit " + std::to_string(numbers.back() + 1) +
                        ") as parallax_row) where number in (" + wanted + ") order by number",
                    run_id);
  if (!rows) return rows.error();
  for (const auto& row : rows->texts()) out.push_back(rename_columns(row.front(), map_));
  return out;
}

}  // namespace

Result<std::unique_ptr<RowReader>> make_table_reader(const TableSource& source,
                                                     const ColumnMap& columns,
                                                     const TrackingPlan& plan) {
  return std::unique_ptr<RowReader>(std::make_unique<TableReader>(source, columns, plan));
}

}  // namespace parallax
