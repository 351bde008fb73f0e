// SPDX-License-Identifier: Apache-2.0
#include "sim/read/table.h"

#include "sim/core/duckdb.h"
#include "sim/read/beside.h"
#include "sim/read/json_cells.h"

namespace parallax {
namespace {

/// A column of the table that a row needs.
struct Input {
  std::string name;
  std::uint16_t slot = 0;
  Cell::Kind kind = Cell::Kind::text;
};

/// Times and counts of the envelope and booleans are read as they are, everything else as its text.
Cell::Kind kind_of(duckdb_type type, std::uint16_t slot) {
  if (type == DUCKDB_TYPE_TIMESTAMP && slot >= slot_client_ts && slot <= slot_ingestion_ts)
    return Cell::Kind::instant;
  const bool is_count =
      slot == slot_sequence_id || (slot >= slot_client_rows && slot <= slot_schema_version);
  const bool fits = type == DUCKDB_TYPE_BIGINT || type == DUCKDB_TYPE_INTEGER ||
                    type == DUCKDB_TYPE_SMALLINT || type == DUCKDB_TYPE_UINTEGER;
  if (is_count && fits) return Cell::Kind::integer;
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return Cell::Kind::boolean;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
      return Cell::Kind::number;
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
      return Cell::Kind::nested;
    default:
      return Cell::Kind::text;
  }
}

std::string select_list(const std::vector<Input>& inputs) {
  std::string out;
  for (const Input& input : inputs) {
    const std::string name = duckdb::quote_name(input.name);
    const bool nested = input.kind == Cell::Kind::nested;
    if (!out.empty()) out += ", ";
    if (input.kind == Cell::Kind::instant) {
      out += "cast(" + name + " as timestamp)";
      continue;
    }
    if (input.kind == Cell::Kind::boolean) {
      out += name;
      continue;
    }
    if (input.kind == Cell::Kind::integer) {
      out += "cast(" + name + " as bigint)";
      continue;
    }
    out += "cast(" + (nested ? "to_json(" + name + ")" : name) + " as varchar)";
  }
  return out;
}

/// What `duckdb_string_t_data` and `_length` say, without a call for each.
std::string_view text_of(const duckdb_string_t& text) {
  const std::uint32_t size = text.value.inlined.length;
  const bool inlined = size <= sizeof text.value.inlined.inlined;
  return {inlined ? text.value.inlined.inlined : text.value.pointer.ptr, size};
}

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
  TableReader(const TableSource& source, const ColumnMap& map, const TrackingPlan& plan)
      : source_(source), map_(map), columns_(plan, map), builder_(plan, columns_) {
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
  Result<std::vector<Input>> inputs(duckdb::Connection& connection, std::string_view run_id) const;
  struct View {
    const void* data;
    const std::uint64_t* validity;
  };
  static void read_cell(const View& view, Cell::Kind kind, idx_t row, Cell& cell);
  void decode(duckdb_data_chunk chunk, const std::vector<Input>& inputs,
              std::vector<CanonicalRow>& out);

  TableSource source_;
  ColumnMap map_;
  Columns columns_;
  RowBuilder builder_;
  JsonCells cells_{columns_};
  std::vector<View> views_;
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

Result<std::vector<Input>> TableReader::inputs(duckdb::Connection& connection,
                                               std::string_view run_id) const {
  const auto head = query(connection, "select * from (" + source_.query + ") limit 0", run_id);
  if (!head) return head.error();
  std::vector<Input> out;
  for (std::size_t i = 0; i < head->columns(); ++i) {
    const std::string name = head->column_name(i);
    const auto slot = columns_.slot(name);
    const Cell::Kind kind = source_.untyped ? Cell::Kind::untyped
                            : slot          ? kind_of(head->column_type(i), *slot)
                                            : Cell::Kind::absent;
    if (slot) out.push_back({name, *slot, kind});
  }
  if (!out.empty()) return out;
  return Error{Error::Kind::protocol, "none of the columns is one of a canonical row",
               source_.name};
}

void TableReader::read_cell(const View& view, Cell::Kind kind, idx_t row, Cell& cell) {
  cell.kind = Cell::Kind::null;
  if (view.validity != nullptr && (view.validity[row / 64] >> row % 64 & 1U) == 0) return;
  cell.kind = kind;
  switch (kind) {
    case Cell::Kind::instant:
    case Cell::Kind::integer:
      cell.value = static_cast<const std::int64_t*>(view.data)[row];
      return;
    case Cell::Kind::boolean:
      cell.text = static_cast<const bool*>(view.data)[row] ? "true" : "false";
      return;
    default:
      cell.text = text_of(static_cast<const duckdb_string_t*>(view.data)[row]);
  }
}

void TableReader::decode(duckdb_data_chunk chunk, const std::vector<Input>& inputs,
                         std::vector<CanonicalRow>& out) {
  views_.clear();
  bool properties = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
    views_.push_back({duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)});
    properties = properties || inputs[i].slot == slot_properties;
  }
  const idx_t rows = duckdb_data_chunk_get_size(chunk);
  out.resize(rows);
  cells_.clear();
  for (idx_t row = 0; row < rows; ++row) {
    // Every row sets the same cells, but for what `properties` fills in.
    if (properties) cells_.clear();
    for (std::size_t i = 0; i < inputs.size(); ++i)
      read_cell(views_[i], inputs[i].kind, row, cells_.cells()[inputs[i].slot]);
    builder_.build(properties ? cells_.finish() : cells_.finish_columns(), out[row]);
  }
}

Result<bool> TableReader::scan(std::string_view run_id, const TakeRows& take) {
  auto database = open();
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  const auto needed = inputs(*connection, run_id);
  if (!needed) return needed.error();
  Stream stream;
  const std::string sql = "select " + select_list(*needed) + " from (" + source_.query + ")";
  if (const Result<void> begun = stream.begin(*connection, sql, params(run_id)); !begun)
    return Error{Error::Kind::io, begun.error().what, source_.name};
  std::vector<CanonicalRow> batch;
  std::uint64_t number = 0;
  constexpr std::size_t ahead = 8;  // Chunks that wait to be decoded.
  Beside<duckdb::Chunk> decoder(ahead, [&](const duckdb::Chunk& chunk) {
    decode(chunk.get(), *needed, batch);
    for (CanonicalRow& row : batch) row.number = number++;
    return take(batch);
  });
  bool more = true;
  while (more) {
    duckdb::Chunk chunk{stream.fetch()};
    if (!chunk || duckdb_data_chunk_get_size(chunk.get()) == 0) break;
    more = decoder.give(std::move(chunk));
  }
  if (!decoder.finish()) return false;
  // An answer that breaks off in the middle proves what came, and nothing else.
  return stream.whole();
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
  auto rows = query(*connection,
                    "select cast(to_json(held) as varchar) from (select parallax_row as held, "
                    "row_number() over () - 1 as number from (" +
                        source_.query + ") as parallax_row) where number in (" + wanted +
                        ") order by number",
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
