// SPDX-License-Identifier: Apache-2.0
#include "sim/core/duckdb.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "sim/core/duckdb_text.h"

namespace parallax::duckdb {
namespace {

Error failure(const char* message, std::string where = {}) {
  return {Error::Kind::io, message != nullptr && *message != 0 ? message : "the database failed",
          std::move(where)};
}

struct ConfigDeleter {
  using pointer = duckdb_config;
  void operator()(duckdb_config config) const { duckdb_destroy_config(&config); }
};
using Config = std::unique_ptr<duckdb_config, ConfigDeleter>;

struct StatementDeleter {
  using pointer = duckdb_prepared_statement;
  void operator()(duckdb_prepared_statement statement) const { duckdb_destroy_prepare(&statement); }
};
using Statement = std::unique_ptr<duckdb_prepared_statement, StatementDeleter>;

Result<Config> make_config(const OpenOptions& options) {
  duckdb_config raw = nullptr;
  if (duckdb_create_config(&raw) != DuckDBSuccess) return failure("no memory for the settings");
  Config config(raw);
  std::vector<std::pair<const char*, std::string>> settings = {
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"access_mode", options.read_only ? "READ_ONLY" : "AUTOMATIC"},
  };
  if (options.threads > 0) settings.emplace_back("threads", std::to_string(options.threads));
  if (!options.memory_limit.empty()) settings.emplace_back("memory_limit", options.memory_limit);
  for (const auto& [name, value] : settings)
    if (duckdb_set_config(raw, name, value.c_str()) != DuckDBSuccess)
      return Error{Error::Kind::invalid_input, "setting not accepted: " + value, name};
  return config;
}

}  // namespace

// ---- Rows

Rows::Rows(duckdb_result result) : result_(result) {}
Rows::Rows(Rows&& other) noexcept : result_(std::exchange(other.result_, duckdb_result{})) {}
Rows& Rows::operator=(Rows&& other) noexcept {
  std::swap(result_, other.result_);
  return *this;
}
Rows::~Rows() { duckdb_destroy_result(&result_); }

std::size_t Rows::columns() const {
  return duckdb_column_count(const_cast<duckdb_result*>(&result_));
}
std::string Rows::column_name(std::size_t column) const {
  assert(column < columns());
  return duckdb_column_name(const_cast<duckdb_result*>(&result_), column);
}
duckdb_type Rows::column_type(std::size_t column) const {
  assert(column < columns());
  return duckdb_column_type(const_cast<duckdb_result*>(&result_), column);
}
duckdb_data_chunk Rows::fetch() { return duckdb_fetch_chunk(result_); }

Result<void> Rows::check() {
  const char* message = duckdb_result_error(&result_);
  if (message != nullptr) return failure(message);
  return {};
}

std::vector<std::vector<std::string>> Rows::texts() {
  std::vector<std::vector<std::string>> out;
  while (const Chunk chunk{fetch()}) {
    const idx_t rows = duckdb_data_chunk_get_size(chunk.get());
    const std::size_t first = out.size();
    out.resize(first + rows);
    for (std::size_t column = 0; column < columns(); ++column) {
      const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), column);
      const CellReader cells(vector);
      for (idx_t row = 0; row < rows; ++row) out[first + row].push_back(cells.text(row));
    }
  }
  return out;
}

// ---- Connection

Connection::Connection(Connection&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}
Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}
Connection::~Connection() { duckdb_disconnect(&connection_); }

Result<void> Connection::run(const std::string& sql) {
  duckdb_result raw{};
  const duckdb_state state = duckdb_query(connection_, sql.c_str(), &raw);
  const Rows rows(raw);
  if (state != DuckDBSuccess) return failure(duckdb_result_error(&raw));
  return {};
}

Result<Rows> Connection::query(const std::string& sql, const std::vector<std::string>& params) {
  return execute(sql, params, false);
}
Result<Rows> Connection::stream(const std::string& sql, const std::vector<std::string>& params) {
  return execute(sql, params, true);
}

Result<Rows> Connection::execute(const std::string& sql, const std::vector<std::string>& params,
                                 bool streamed) {
  duckdb_prepared_statement raw = nullptr;
  const duckdb_state prepared = duckdb_prepare(connection_, sql.c_str(), &raw);
  const Statement statement(raw);
  if (prepared != DuckDBSuccess) return failure(duckdb_prepare_error(raw));
  if (duckdb_nparams(raw) != params.size())
    return Error{Error::Kind::invalid_input,
                 "the statement wants " + std::to_string(duckdb_nparams(raw)) +
                     " parameters, not " + std::to_string(params.size()),
                 {}};
  for (std::size_t i = 0; i < params.size(); ++i)
    if (duckdb_bind_varchar_length(raw, i + 1, params[i].data(), params[i].size()) != DuckDBSuccess)
      return failure(duckdb_prepare_error(raw));
  duckdb_result result{};
  const duckdb_state done = streamed ? duckdb_execute_prepared_streaming(raw, &result)
                                     : duckdb_execute_prepared(raw, &result);
  Rows rows(result);
  if (done != DuckDBSuccess) return failure(duckdb_result_error(rows.raw()));
  return rows;
}

Result<std::int64_t> Connection::integer(const std::string& sql) {
  auto rows = query(sql);
  if (!rows) return rows.error();
  const Chunk chunk{rows->fetch()};
  if (!chunk || rows->columns() != 1 || duckdb_data_chunk_get_size(chunk.get()) != 1)
    return failure("the answer is not one single value", sql);
  const auto value = CellReader(duckdb_data_chunk_get_vector(chunk.get(), 0)).integer(0);
  if (!value) return failure("the answer is not an integer", sql);
  return *value;
}

// ---- Database

Database::Database(Database&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}
Database& Database::operator=(Database&& other) noexcept {
  std::swap(database_, other.database_);
  return *this;
}
Database::~Database() { duckdb_close(&database_); }

Result<Database> Database::open(const std::filesystem::path& file, const OpenOptions& options) {
  const auto config = make_config(options);
  if (!config) return config.error();
  duckdb_database raw = nullptr;
  char* message = nullptr;
  const duckdb_state state =
      duckdb_open_ext(file.string().c_str(), &raw, config.value().get(), &message);
  if (state != DuckDBSuccess) {
    Error error = failure(message, file.string());
    duckdb_free(message);
    duckdb_close(&raw);
    return error;
  }
  return Database(raw);
}

Result<Connection> Database::connect() {
  duckdb_connection raw = nullptr;
  if (duckdb_connect(database_, &raw) != DuckDBSuccess) return failure("no connection");
  return Connection(raw);
}

// ---- Quoting

namespace {
std::string quote(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    if (c == mark) out += mark;
    out += c;
  }
  return out + mark;
}
}  // namespace

std::string quote_literal(std::string_view text) { return quote(text, '\''); }
std::string quote_name(std::string_view name) { return quote(name, '"'); }

}  // namespace parallax::duckdb
