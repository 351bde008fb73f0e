// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/core/time.h"

/// A thin C++ face over libpq, the client library of PostgreSQL. Built without libpq, everything
/// here answers Error::Kind::unsupported and says what to install.
namespace parallax::postgres {

/// An answer as texts, row by row. `nulls` are empty texts: what must tell them apart asks in SQL.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// One session. Every wait for the server is bounded by the timeout given at the start. Errors:
/// `protocol` the server refused (its message), `timeout` it said nothing in time, `io` the
/// connection broke. After the last two the session is of no more use. Messages never hold a
/// password.
class Connection {
 public:
  /// `dsn`: a URI (postgresql://user@host:5432/db) or key=value words, as libpq reads it.
  /// Errors besides: invalid_input, the DSN cannot be read.
  static Result<Connection> open(const std::string& dsn, Micros timeout);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// One statement with texts for $1, $2, ...
  Result<Rows> query(const std::string& sql, const std::vector<std::string>& params = {});
  /// Several statements in one go, a transaction unless they say otherwise.
  Result<void> run(const std::string& script);

  /// COPY ... FROM STDIN: begin, any number of pieces in its text format, end. What was put is in
  /// the table only after `copy_end`; a connection destroyed before has left nothing.
  Result<void> copy_begin(const std::string& copy);
  Result<void> copy_put(std::string_view rows);
  Result<void> copy_end();

 private:
  struct State;
  explicit Connection(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

/// The hosts that a DSN leads to, names or addresses; none for a Unix socket. What the DSN leaves
/// open comes from the PG... environment, as for libpq.
/// Errors (invalid_input): it cannot be read, or a service file hides the hosts.
Result<std::vector<std::string>> hosts_of(const std::string& dsn);

/// "db on host:port", without user and password; "a database" where the DSN cannot be read.
std::string shown_dsn(const std::string& dsn);

/// `text` as a field of COPY's text format, appended: a backslash and control characters escaped.
void append_copy_text(std::string_view text, std::string& out);

}  // namespace parallax::postgres
