// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <duckdb.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/core/time.h"

/// The part of DuckDB's C API that Parallax uses, with owned handles and Results. A thin layer: the
/// raw handles stay reachable for vectorised reading and appending.
namespace parallax::duckdb {

/// What a Database is opened with. Everything is bounded and local: no extension is loaded or
/// fetched, and DuckDB sends nothing anywhere.
struct OpenOptions {
  bool read_only = false;
  unsigned threads = 0;      ///< 0: DuckDB's choice. 1 where output must be byte-identical.
  std::string memory_limit;  ///< "4GiB"; empty: DuckDB's choice.
};

/// A result, read chunk by chunk or cell by cell. Move-only.
class Rows {
 public:
  explicit Rows(duckdb_result result);
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  std::size_t columns() const;
  std::string column_name(std::size_t column) const;
  duckdb_type column_type(std::size_t column) const;
  /// The next data chunk, or null at the end; the caller destroys it (see `Chunk`).
  duckdb_data_chunk fetch();
  /// For streamed results: whether the end that `fetch` reported is the end, and not a failure.
  Result<void> check();
  /// For small results: everything that is left as texts, NULL as "NULL".
  std::vector<std::vector<std::string>> texts();
  duckdb_result* raw() { return &result_; }

 private:
  duckdb_result result_;
};

/// Owns a data chunk.
struct ChunkDeleter {
  using pointer = duckdb_data_chunk;
  void operator()(duckdb_data_chunk chunk) const { duckdb_destroy_data_chunk(&chunk); }
};
using Chunk = std::unique_ptr<duckdb_data_chunk, ChunkDeleter>;

/// One connection; not thread-safe. Must not outlive its Database.
class Connection {
 public:
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// Runs one or several statements; errors carry DuckDB's message.
  Result<void> run(const std::string& sql);
  /// Runs one statement with text parameters for $1, $2, ...
  Result<Rows> query(const std::string& sql, const std::vector<std::string>& params = {});
  /// The same, computed while it is fetched: only one chunk and what the query itself keeps are in
  /// memory. Until the end the connection can do nothing else.
  Result<Rows> stream(const std::string& sql, const std::vector<std::string>& params = {});
  /// The single value of a one-row, one-column answer.
  Result<std::int64_t> integer(const std::string& sql);
  duckdb_connection raw() const { return connection_; }

 private:
  friend class Database;
  explicit Connection(duckdb_connection connection) : connection_(connection) {}
  Result<Rows> execute(const std::string& sql, const std::vector<std::string>& params,
                       bool streamed);
  duckdb_connection connection_ = nullptr;
};

/// An open database: a file, or memory for an empty path.
class Database {
 public:
  static Result<Database> open(const std::filesystem::path& file, const OpenOptions& options = {});
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();
  Result<Connection> connect();

 private:
  explicit Database(duckdb_database database) : database_(database) {}
  duckdb_database database_ = nullptr;
};

/// Appends rows to a table through data chunks of 2'048 rows: call the column writers for one row
/// from left to right, then `end_row`. Nothing is visible before `close`.
class Appender {
 public:
  static Result<Appender> open(Connection& connection, const std::string& table);
  Appender(Appender&&) noexcept;
  Appender& operator=(Appender&&) noexcept;
  ~Appender();

  void text(std::string_view value);
  void integer(std::int64_t value);  ///< Any integer column; the value must fit.
  void real(double value);
  void boolean(bool value);
  void time(SimTime value);  ///< TIMESTAMP; `no_time` is NULL.
  void null();
  void end_row();
  /// Errors of all appends come here.
  Result<void> close();

 private:
  struct State;
  explicit Appender(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

/// `text` as an SQL string literal, quoted.
std::string quote_literal(std::string_view text);
/// `name` as an SQL identifier, quoted.
std::string quote_name(std::string_view name);

}  // namespace parallax::duckdb
