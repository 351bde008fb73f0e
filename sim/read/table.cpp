// SPDX-License-Identifier: Apache-2.0
#include "sim/read/table.h"

#include "sim/core/duckdb.h"
#include "sim/read/json_cells.h"

namespace parallax {
namespace {

/// A column of the table that a row needs.
struct Input {
  std::string name;
  std::uint16_t slot = 0;
  Cell::Kind kind = Cell::Kind::text;
};

Cell::Kind kind_of(duckdb_type type) {
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
    out += "cast(" + (nested ? "to_json(" + name + ")" : name) + " as varchar)";
  }
  return out;
}

/// The query as a subquery: a statement's end would break it.
std::string bare(std::string query) {
  const auto end = query.find_last_not_of("; \t\r\n");
  query.resize(end == std::string::npos ? 0 : end + 1);
  return query;
}

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
  Result<duckdb::Rows> query(duckdb::Connection& connection, const std::string& sql,
                             std::string_view run_id) const;
  Result<std::vector<Input>> inputs(duckdb::Connection& connection, std::string_view run_id) const;
  void decode(duckdb_data_chunk chunk, const std::vector<Input>& inputs,
              std::vector<CanonicalRow>& out);

  TableSource source_;
  ColumnMap map_;
  Columns columns_;
  RowBuilder builder_;
  JsonCells cells_{columns_};
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
  std::vector<std::string> params;
  if (source_.query.find("$1") != std::string::npos) params.emplace_back(run_id);
  auto rows = connection.query(sql, params);
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
    const Cell::Kind kind = source_.untyped ? Cell::Kind::untyped : kind_of(head->column_type(i));
    if (slot) out.push_back({name, *slot, kind});
  }
  if (!out.empty()) return out;
  return Error{Error::Kind::protocol, "none of the columns is one of a canonical row",
               source_.name};
}

void TableReader::decode(duckdb_data_chunk chunk, const std::vector<Input>& inputs,
                         std::vector<CanonicalRow>& out) {
  struct View {
    duckdb_string_t* texts;
    std::uint64_t* validity;
  };
  std::vector<View> views;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
    views.push_back({static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)),
                     duckdb_vector_get_validity(vector)});
  }
  const idx_t rows = duckdb_data_chunk_get_size(chunk);
  out.resize(rows);
  for (idx_t row = 0; row < rows; ++row) {
    cells_.clear();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      Cell& cell = cells_.cells()[inputs[i].slot];
      cell.kind = Cell::Kind::null;
      if (views[i].validity != nullptr && !duckdb_validity_row_is_valid(views[i].validity, row))
        continue;
      duckdb_string_t& text = views[i].texts[row];
      cell = {inputs[i].kind, {duckdb_string_t_data(&text), duckdb_string_t_length(text)}};
    }
    builder_.build(cells_.finish(), out[row]);
  }
}

Result<bool> TableReader::scan(std::string_view run_id, const TakeRows& take) {
  auto database = open();
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  const auto needed = inputs(*connection, run_id);
  if (!needed) return needed.error();
  auto rows = query(*connection, "select " + select_list(*needed) + " from (" + source_.query + ")",
                    run_id);
  if (!rows) return rows.error();
  std::vector<CanonicalRow> batch;
  std::uint64_t number = 0;
  while (const duckdb::Chunk chunk{rows->fetch()}) {
    decode(chunk.get(), *needed, batch);
    for (CanonicalRow& row : batch) row.number = number++;
    if (!take(batch)) return false;
  }
  return true;
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
