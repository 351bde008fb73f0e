// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>

#include "sim/core/duckdb.h"
#include "tests/drive/sending.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::drive_tests;

namespace {

/// A database file of its own for each test, gone afterwards.
struct TemporaryDatabase {
  std::string path = (std::filesystem::temp_directory_path() /
                      ("parallax-drive-" + std::to_string(::getpid()) + ".duckdb"))
                         .string();
  TemporaryDatabase() { std::filesystem::remove(path); }
  ~TemporaryDatabase() { std::filesystem::remove(path); }

  void run(const std::string& sql) const {
    auto database = duckdb::Database::open(path);
    REQUIRE(database);
    REQUIRE(database->connect()->run(sql));
  }
  std::vector<std::string> events() const {
    auto database = duckdb::Database::open(path, {true, 0, ""});
    REQUIRE(database);
    auto connection = database->connect();
    auto rows = connection->query("select event from raw_events order by event");
    REQUIRE(rows);
    std::vector<std::string> out;
    for (const auto& row : rows->texts()) out.push_back(row.front());
    return out;
  }
};

using Events = std::vector<std::string>;

}  // namespace

TEST_CASE("each event is a row, letter for letter, in a table that is made", "[drive][duckdb]") {
  const TemporaryDatabase file;
  const auto target = make_duckdb_target({file.path}).value();
  const std::string odd = R"({"a":"quote ' \", back \\, \u000a \u00e9 é"})";
  CHECK(send(*target, R"({"batch":[{"a":1},)" + odd + "]}").receipt == Receipt::accepted);
  CHECK(send(*target, R"({"batch":[{"a":3}]})").receipt == Receipt::accepted);
  REQUIRE(target->close());
  CHECK(file.events() == Events{odd, R"({"a":1})", R"({"a":3})"});
}

TEST_CASE("a table that is there keeps its rows and its other columns", "[drive][duckdb]") {
  const TemporaryDatabase file;
  file.run(
      "create table raw_events (n integer default 7, event json); insert into raw_events (event) "
      "values ('{}')");
  const auto target = make_duckdb_target({file.path}).value();
  CHECK(send(*target, R"({"batch":[{"a":1}]})").receipt == Receipt::accepted);
  REQUIRE(target->close());
  CHECK(file.events() == Events{R"({"a":1})", "{}"});
}

TEST_CASE("what a strike leaves in the database is what its receipt says", "[drive][duckdb]") {
  const TemporaryDatabase file;
  const auto target = make_duckdb_target({file.path}).value();
  const std::string body = R"({"batch":[{"a":1}]})";
  CHECK(send(*target, body, Strike::before_send).receipt == Receipt::rejected);
  CHECK(send(*target, body, Strike::during_body).receipt == Receipt::unknown);
  CHECK(send(*target, body, Strike::answered, 503).receipt == Receipt::unknown);
  CHECK(send(*target, body, Strike::after_commit).receipt == Receipt::unknown);
  CHECK(send(*target, "{}").receipt == Receipt::rejected);
  REQUIRE(target->close());
  CHECK(file.events() == Events{R"({"a":1})"});
}

TEST_CASE("two targets share a file, and the last one lets go of it", "[drive][duckdb]") {
  const TemporaryDatabase file;
  const auto first = make_duckdb_target({file.path}).value();
  const auto second = make_duckdb_target({file.path}).value();
  for (int i = 0; i < 100; ++i) {
    send(*first, R"({"batch":[{"a":1}]})");
    send(*second, R"({"batch":[{"a":2}]})");
  }
  REQUIRE(first->close());
  REQUIRE(second->close());
  CHECK(file.events().size() == 200);
  file.run("drop table raw_events");  // Opened for writing: nobody holds it.
}

TEST_CASE("a table that cannot take events is told at the end", "[drive][duckdb]") {
  const TemporaryDatabase file;
  file.run("create table raw_events (n integer)");
  const auto target = make_duckdb_target({file.path}).value();
  send(*target, R"({"batch":[{"a":1}]})");
  const Result<void> closed = target->close();
  REQUIRE_FALSE(closed);
  CHECK(closed.error().what.find("event") != std::string::npos);
  CHECK_FALSE(make_duckdb_target({"/nowhere/x.duckdb"}));
}
