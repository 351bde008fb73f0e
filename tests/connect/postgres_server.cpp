// SPDX-License-Identifier: Apache-2.0
#include "tests/connect/postgres_server.h"

#include <signal.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/connect/free_port.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// Finds the newest server installed, makes a cluster and starts it in the background.
constexpr const char* start_script = R"sh(
set -e
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "no PostgreSQL server: install postgresql"; exit 1; }
as=
if [ "$(id -u)" = 0 ]; then
  as="setpriv --reuid=nobody --regid=nogroup --clear-groups"
  chown nobody "$FOLDER"
fi
cd "$FOLDER"
$as "$bin/initdb" -D data -U parallax -A trust --no-sync -E UTF8 --locale=C >initdb.log 2>&1 ||
  { cat initdb.log; exit 1; }
echo "host all guarded 127.0.0.1/32 scram-sha-256" > data/pg_hba.conf
echo "local all all trust" >> data/pg_hba.conf
$as "$bin/postgres" -D data -k "$FOLDER" -p "$PORT" -c listen_addresses=127.0.0.1 -c fsync=off \
  </dev/null >server.log 2>&1 &
)sh";

}  // namespace

const PostgresServer& PostgresServer::instance() {
  static const PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : port_(free_port()) {
  const Output started = shell("FOLDER='" + folder_.path().string() +
                               "' PORT=" + std::to_string(port_) + "\n" + start_script);
  INFO(started.out << started.err);
  REQUIRE(started.code == 0);
  for (int i = 0; i < 600; ++i) {
    Result<postgres::Connection> session = postgres::Connection::open(dsn("postgres"), second);
    if (session) {
      const Result<void> made = session->run("create role guarded login password 'open sesame'");
      REQUIRE(made);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  FAIL("the server did not start: " << read_file(folder_ / "server.log"));
}

PostgresServer::~PostgresServer() {
  std::ifstream file(folder_ / "data/postmaster.pid");
  pid_t pid = 0;
  if (!(file >> pid) || pid <= 1) return;
  ::kill(pid, SIGINT);  // Ends sessions, then stops in order.
  for (int i = 0; i < 100 && ::kill(pid, 0) == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

std::string PostgresServer::dsn(const std::string& database) const {
  return "host=" + folder_.path().string() + " port=" + std::to_string(port_) +
         " user=parallax dbname=" + database;
}

std::string PostgresServer::new_database() const {
  const std::string name = "test_" + std::to_string(++databases_);
  sql(dsn("postgres"), "create database " + name);
  return dsn(name);
}

std::string PostgresServer::dsn_with_password(const std::string& database,
                                              const std::string& password) const {
  return "postgresql://guarded:" + password + "@127.0.0.1:" + std::to_string(port_) + "/" +
         database;
}

std::string PostgresServer::database_of(const std::string& dsn) const {
  return dsn.substr(dsn.rfind('=') + 1);
}

void sql(const std::string& dsn, const std::string& script) {
  Result<postgres::Connection> session = postgres::Connection::open(dsn, 30 * second);
  if (!session) FAIL(session.error().text());
  const Result<void> done = session->run(script);
  if (!done) FAIL(done.error().text());
}

std::vector<std::string> select(const std::string& dsn, const std::string& query) {
  Result<postgres::Connection> session = postgres::Connection::open(dsn, 30 * second);
  if (!session) FAIL(session.error().text());
  const Result<postgres::Rows> rows = session->query(query);
  if (!rows) FAIL(rows.error().text());
  std::vector<std::string> out;
  for (const std::vector<std::string>& row : rows->rows) {
    std::string& line = out.emplace_back();
    for (const std::string& cell : row) line += (&cell == &row.front() ? "" : "|") + cell;
  }
  return out;
}

}  // namespace parallax::test
