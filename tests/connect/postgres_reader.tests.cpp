// SPDX-License-Identifier: Apache-2.0
// Canonical rows read from a real PostgreSQL server.
#include <chrono>

#include "sim/read/reader.h"
#include "tests/connect/postgres_server.h"
#include "tests/read/plan.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

const TrackingPlan plan = shop_plan();

std::unique_ptr<RowReader> reader_of(const PostgresReaderOptions& options) {
  auto reader = make_postgres_reader(options, plan);
  if (!reader) FAIL(reader.error().text());
  return std::move(*reader);
}

RowSet rows_of(RowReader& reader, const std::string& run_id = "r1") {
  Result<RowSet> rows = reader.read(run_id);
  if (!rows) FAIL(rows.error().text());
  return std::move(*rows);
}

Error refusal(const PostgresReaderOptions& options) {
  const Result<RowSet> rows = reader_of(options)->read("r1");
  REQUIRE_FALSE(rows);
  return rows.error();
}

PostgresReaderOptions reading(const std::string& dsn, const std::string& query) {
  PostgresReaderOptions options;
  options.dsn = dsn;
  options.query = query;
  return options;
}

}  // namespace

TEST_CASE("every type of a column is read as what it stands for", "[connect][postgres][read]") {
  const std::string dsn = PostgresServer::instance().new_database();
  sql(dsn, R"(create table clean (id uuid, event_name varchar, run_id text, ts timestamptz,
      received timestamp, auth boolean, n integer, money numeric(12, 2), currency char(3),
      properties jsonb, written json);
      insert into clean values ('f5719686-db44-4e19-b156-52798153ebb8', 'purchase', 'r1',
      '2026-03-02 19:49:12.944+02', '2026-03-02 17:50:00', true, 2, 10.10, 'USD',
      '{"sku": "a\\b", "gift": true}', E'{\n "weight":\n 1.5}'))");
  PostgresReaderOptions options =
      reading(dsn, "select *, written -> 'weight' as weight from clean where run_id = $1; \n");
  options.columns = {{"event_id", "id"},           {"server_ts", "ts"},
                     {"ingestion_ts", "received"}, {"is_server_authoritative", "auth"},
                     {"server_rows", "n"},         {"revenue", "money"}};
  const auto reader = reader_of(options);
  const RowSet set = rows_of(*reader);
  REQUIRE(set.rows.size() == 1);
  CHECK(set.complete);
  const CanonicalRow& row = set.rows.front();
  CHECK(row.event_id == Uuid::parse("f5719686-db44-4e19-b156-52798153ebb8"));
  CHECK(row.type == 1);
  CHECK(to_rfc3339(row.server_ts) == "2026-03-02T17:49:12.944Z");
  CHECK(to_rfc3339(row.ingestion_ts) == "2026-03-02T17:50:00.000Z");
  CHECK(row.server_authoritative == true);
  CHECK(row.server_rows == 2);
  CHECK(row.values[revenue] == 1010);
  CHECK(row.forms[revenue] == FieldForm::present);
  CHECK(row.values[sku] == text_code("a\\b"));
  CHECK(row.values[gift] == 1);
  CHECK(row.values[weight] == 1'500'000);
  CHECK(rows_of(*reader, "r2").rows.empty());
}

TEST_CASE("a read of many pages has every row, in order, and finds each again by its number",
          "[connect][postgres][read]") {
  const std::string dsn = PostgresServer::instance().new_database();
  const auto reader = reader_of(reading(
      dsn, "select n as sequence_id, 'u-' || n as user_id from generate_series(0, 12344) as n"));
  const RowSet set = rows_of(*reader);
  REQUIRE(set.rows.size() == 12'345);
  CHECK(set.complete);
  for (std::size_t i = 0; i < set.rows.size(); ++i) {
    REQUIRE(set.rows[i].number == i);
    REQUIRE(set.rows[i].sequence == static_cast<std::int64_t>(i));
  }
  const auto texts = reader->texts("r1", {0, 4999, 5000, 12'344});
  REQUIRE(texts);
  CHECK(*texts == std::vector<std::string>{R"({"sequence_id":0,"user_id":"u-0"})",
                                           R"({"sequence_id":4999,"user_id":"u-4999"})",
                                           R"({"sequence_id":5000,"user_id":"u-5000"})",
                                           R"({"sequence_id":12344,"user_id":"u-12344"})"});
}

TEST_CASE("a connection that is cut between two pages leaves the read incomplete",
          "[connect][postgres][read]") {
  const std::string dsn = PostgresServer::instance().new_database();
  const auto reader =
      reader_of(reading(dsn, "select n as sequence_id from generate_series(1, 20000) as n"));
  std::size_t got = 0;
  const Result<bool> complete = reader->scan("r1", [&](std::span<const CanonicalRow> rows) {
    if (got == 0)
      sql(dsn,
          "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
          "and datname = current_database()");
    got += rows.size();
    return true;
  });
  REQUIRE(complete);
  CHECK_FALSE(*complete);
  CHECK(got > 0);
  CHECK(got < 20'000);
}

TEST_CASE("what the server refuses is an error with its own words", "[connect][postgres][read]") {
  const std::string dsn = PostgresServer::instance().new_database();
  const Error error = refusal(reading(dsn, "select * from clean"));
  CHECK(error.kind == Error::Kind::protocol);
  CHECK(error.what == "relation \"clean\" does not exist");
  CHECK(error.where.find(PostgresServer::instance().database_of(dsn) + " on ") == 0);
}

TEST_CASE("a read cannot change the target", "[connect][postgres][read]") {
  const std::string dsn = PostgresServer::instance().new_database();
  sql(dsn,
      "create table t (n int); insert into t values (1); create function eat() returns int "
      "language sql as 'delete from t returning n'");
  CHECK(refusal(reading(dsn, "select eat() as sequence_id")).what ==
        "cannot execute DELETE in a read-only transaction");
  CHECK(select(dsn, "select count(*) from t") == std::vector<std::string>{"1"});
}

TEST_CASE("a query that takes too long ends at the timeout", "[connect][postgres][read]") {
  const std::string dsn = PostgresServer::instance().new_database();
  PostgresReaderOptions options = reading(dsn, "select pg_sleep(20), 1 as sequence_id");
  options.timeout = 300 * millisecond;
  const auto start = std::chrono::steady_clock::now();
  const Error error = refusal(options);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK((error.kind == Error::Kind::timeout ||
         error.what == "canceling statement due to statement timeout"));
}

TEST_CASE("a wrong password and a missing server are errors that show no password",
          "[connect][postgres][read][secrets]") {
  const std::string dsn = PostgresServer::instance().new_database();
  const std::string name = PostgresServer::instance().database_of(dsn);
  const std::string wrong = PostgresServer::instance().dsn_with_password(name, "hunter2");
  const Error refused = refusal(reading(wrong, "select 1 as sequence_id"));
  CHECK(refused.text().find("password authentication failed") != std::string::npos);
  CHECK(refused.text().find("hunter2") == std::string::npos);
  const Error missing =
      refusal(reading("postgresql://u:hunter2@127.0.0.1:1/none", "select 1 as sequence_id"));
  CHECK(missing.kind == Error::Kind::io);
  CHECK(missing.text().find("none on 127.0.0.1:1: ") == 0);
  CHECK(missing.text().find("hunter2") == std::string::npos);
  const auto broken =
      make_postgres_reader(reading("postgresql://u:hunter2@[::1", "select 1"), plan);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().kind == Error::Kind::invalid_input);
  CHECK(broken.error().text().find("hunter2") == std::string::npos);
}

TEST_CASE("the right password is taken from the DSN", "[connect][postgres][read]") {
  const std::string dsn = PostgresServer::instance().new_database();
  const auto reader =
      reader_of(reading(PostgresServer::instance().dsn_with_password(
                            PostgresServer::instance().database_of(dsn), "open%20sesame"),
                        "select 1 as sequence_id"));
  CHECK(rows_of(*reader).rows.size() == 1);
}

TEST_CASE("a refresh is run before each read", "[connect][postgres][read]") {
  const std::string dsn = PostgresServer::instance().new_database();
  sql(dsn, "create table t (n int)");
  PostgresReaderOptions options = reading(dsn, "select n as sequence_id from t");
  options.refresh = "insert into t values (7); insert into t values (8)";
  const auto reader = reader_of(options);
  CHECK(rows_of(*reader).rows.size() == 2);
  CHECK(rows_of(*reader).rows.size() == 4);
}

TEST_CASE("the hosts of a DSN are known before anything is sent there", "[connect][postgres]") {
  CHECK(postgres::hosts_of("host=/tmp").value().empty());
  CHECK(postgres::hosts_of("postgresql://db.example/x").value() ==
        std::vector<std::string>{"db.example"});
  CHECK(postgres::hosts_of("host=localhost,db.example hostaddr=10.0.0.1").value() ==
        std::vector<std::string>{"localhost", "db.example", "10.0.0.1"});
  CHECK_FALSE(postgres::hosts_of("service=prod"));
}

}  // namespace parallax::test
