// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/core/postgres.h"
#include "tests/run/process.h"

namespace parallax::test {

/// A PostgreSQL server of Debian's package with a data folder of its own, on a Unix socket and a
/// free port of 127.0.0.1; run as nobody where the tests are root, which the server refuses to be.
/// One for all tests of a program: each takes a database of its own.
class PostgresServer {
 public:
  /// Started at the first call, stopped by its process id when the program ends.
  static const PostgresServer& instance();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// A fresh database; its DSN over the Unix socket.
  std::string new_database() const;
  /// The DSN of a database over 127.0.0.1 for a user whose password the server asks for.
  std::string dsn_with_password(const std::string& database, const std::string& password) const;
  std::string database_of(const std::string& dsn) const;

 private:
  PostgresServer();
  std::string dsn(const std::string& database) const;

  TempFolder folder_;
  int port_ = 0;
  mutable int databases_ = 0;
};

/// Runs SQL and fails the test where it is refused.
void sql(const std::string& dsn, const std::string& script);
/// The rows of one statement, cells joined by '|'.
std::vector<std::string> select(const std::string& dsn, const std::string& query);

}  // namespace parallax::test
