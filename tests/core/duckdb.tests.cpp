// SPDX-License-Identifier: Apache-2.0
#include "sim/core/duckdb.h"

#include <unistd.h>

#include "tests/support/catch.h"

using namespace parallax;

namespace {

duckdb::Database memory() {
  auto opened = duckdb::Database::open({}, {.read_only = false, .threads = 1, .memory_limit = {}});
  REQUIRE(opened);
  return std::move(opened).value();
}

}  // namespace

TEST_CASE("every scalar type reads back as the text that SQL writes", "[core][duckdb]") {
  auto db = memory();
  auto connection = db.connect();
  REQUIRE(connection);
  auto rows = connection->query(
      "select true, 7::tinyint, -7::smallint, 70000, 1e15::bigint, 18446744073709551615::ubigint, "
      "1.5::double, 'it''s', timestamp '2026-03-02 00:00:01.5', date '2026-03-02', "
      "-0.0500::decimal(18,4), 175::decimal(30,2), 9.99::decimal(4,2), "
      "'00112233-4455-6677-8899-AABBCCDDEEFF'::uuid, null, [1]");
  REQUIRE(rows);
  CHECK(rows->columns() == 16);
  const auto texts = rows->texts();
  REQUIRE(texts.size() == 1);
  CHECK(texts[0] ==
        std::vector<std::string>{"true", "7", "-7", "70000", "1000000000000000",
                                 "18446744073709551615", "1.5", "it's", "2026-03-02T00:00:01.500Z",
                                 "2026-03-02", "-0.0500", "175.00", "9.99",
                                 "00112233-4455-6677-8899-aabbccddeeff", "NULL", "[type 24]"});
}

TEST_CASE("parameters are values, never SQL", "[core][duckdb]") {
  auto db = memory();
  auto connection = db.connect();
  REQUIRE(connection);
  auto rows = connection->query("select $1 as given", {"'; drop table x; --"});
  REQUIRE(rows);
  CHECK(rows->column_name(0) == "given");
  CHECK(rows->column_type(0) == DUCKDB_TYPE_VARCHAR);
  CHECK(rows->texts()[0][0] == "'; drop table x; --");

  const auto missing = connection->query("select $1");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().what == "the statement wants 1 parameters, not 0");
}

TEST_CASE("errors carry the database's own message", "[core][duckdb]") {
  auto db = memory();
  auto connection = db.connect();
  REQUIRE(connection);
  const auto run = connection->run("create table a (x int); select * from absent");
  REQUIRE_FALSE(run);
  CHECK_THAT(run.error().what, Catch::Contains("absent"));
  CHECK_FALSE(connection->query("selec 1"));
  CHECK_FALSE(connection->integer("select 'seven'"));
  CHECK_FALSE(connection->integer("select 1 where false"));
  CHECK_FALSE(connection->integer("select null::int"));
  const auto seven = connection->integer("select 7::hugeint");
  REQUIRE(seven);
  CHECK(seven.value() == 7);
}

TEST_CASE("an appender writes every kind of column over many chunks", "[core][duckdb]") {
  auto db = memory();
  auto connection = db.connect();
  REQUIRE(connection);
  REQUIRE(connection->run(
      "create table t (b boolean, s smallint, i bigint, r double, v varchar, seen timestamp)"));
  auto appender = duckdb::Appender::open(*connection, "t");
  REQUIRE(appender);
  constexpr int rows = 5'000;  // Three chunks, the last one not full.
  for (int i = 0; i < rows; ++i) {
    appender->boolean(i % 2 == 0);
    appender->integer(i);
    appender->integer(-i);
    appender->real(i / 2.0);
    if (i % 10 == 0) {
      appender->null();
      appender->time(no_time);
    } else {
      appender->text("a text longer than twelve bytes " + std::to_string(i));
      appender->time(SimTime{i * second});
    }
    appender->end_row();
  }
  REQUIRE(appender->close());
  auto answer = connection->query(
      "select count(*), count(v), count(seen), count(distinct v), sum(s)::bigint, sum(i)::bigint, "
      "sum(r)::bigint, count(*) filter (b), max(seen) from t");
  REQUIRE(answer);
  CHECK(answer->texts()[0] == std::vector<std::string>{"5000", "4500", "4500", "4500", "12497500",
                                                       "-12497500", "6248750", "2500",
                                                       "1970-01-01T01:23:19.000Z"});
}

TEST_CASE("an appender that was not closed leaves nothing", "[core][duckdb]") {
  auto db = memory();
  auto connection = db.connect();
  REQUIRE(connection);
  REQUIRE(connection->run("create table t (i int primary key)"));
  CHECK_FALSE(duckdb::Appender::open(*connection, "absent"));
  {
    auto appender = duckdb::Appender::open(*connection, "t");
    REQUIRE(appender);
    appender->integer(1);
    appender->end_row();
  }
  CHECK(connection->integer("select count(*) from t").value() == 0);

  auto twice = duckdb::Appender::open(*connection, "t");
  REQUIRE(twice);
  for (int i = 0; i < 2; ++i) {
    twice->integer(1);
    twice->end_row();
  }
  CHECK_FALSE(twice->close());
}

TEST_CASE("a database file can be opened again, and read-only refuses to write", "[core][duckdb]") {
  const auto file = std::filesystem::temp_directory_path() /
                    ("parallax-duckdb-" + std::to_string(::getpid()) + ".db");
  {
    auto db = duckdb::Database::open(file);
    REQUIRE(db);
    auto connection = db->connect();
    REQUIRE(connection);
    REQUIRE(connection->run("create table t as select 42 as x"));
  }
  {
    auto db = duckdb::Database::open(file, {.read_only = true, .threads = 0, .memory_limit = {}});
    REQUIRE(db);
    auto connection = db->connect();
    REQUIRE(connection);
    CHECK(connection->integer("select x from t").value() == 42);
    CHECK_FALSE(connection->run("insert into t values (43)"));
  }
  std::filesystem::remove(file);
  CHECK_FALSE(duckdb::Database::open("/nowhere/at/all.db"));
  CHECK_FALSE(
      duckdb::Database::open({}, {.read_only = false, .threads = 0, .memory_limit = "much"}));
}

TEST_CASE("quoting doubles the quote mark", "[core][duckdb]") {
  CHECK(duckdb::quote_literal("it's") == "'it''s'");
  CHECK(duckdb::quote_name("a\"b") == "\"a\"\"b\"");
}
