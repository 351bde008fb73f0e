// SPDX-License-Identifier: Apache-2.0
// A table is read by many threads and in pieces; its rows are those that any other query of it
// brings.
#include <algorithm>

#include "sim/core/duckdb.h"
#include "sim/read/reader.h"
#include "tests/read/plan.h"
#include "tests/support/catch.h"

namespace parallax {
namespace {

/// Several row groups: threads take one at a time.
constexpr std::size_t row_count = 300'000;

constexpr std::string_view make_rows = R"(
create table clean as select
  printf('%08x-0000-4000-8000-000000000000', i) as event_id, 'mine' as run_id,
  'purchase' as event_name, 'u-' || i % 977 as user_id, i as sequence_id, 'USD' as currency,
  (i % 1000)::decimal(10, 2) as revenue
  from range(300000) as numbers(i))";

class Database {
 public:
  explicit Database(const std::string& more = {}) {
    auto database = duckdb::Database::open(path);
    REQUIRE(database);
    auto connection = database->connect();
    REQUIRE(connection);
    REQUIRE(connection->run(std::string(make_rows)));
    const Result<void> done = connection->run(more.empty() ? "checkpoint" : more);
    CAPTURE(done ? "" : done.error().what);
    REQUIRE(done);
  }
  std::unique_ptr<RowReader> reader(const std::string& query) const {
    auto made = make_duckdb_reader(path, query, {}, plan);
    REQUIRE(made);
    return std::move(*made);
  }
  RowSet rows(const std::string& query) const {
    Result<RowSet> set = reader(query)->read("mine");
    CAPTURE(set ? "" : set.error().text());
    REQUIRE(set);
    CHECK(set->complete);
    return std::move(*set);
  }

  const TemporaryFolder folder{"plain_table"};
  const std::string path = folder.file("rows.duckdb");
  const TrackingPlan plan = shop_plan();
};

auto content(const CanonicalRow& row) {
  return std::tuple(row.event_id, row.run, row.event_name, row.user, row.sequence, row.currency,
                    row.forms, row.values);
}

bool all_alike(const RowSet& a, const RowSet& b) {
  return std::equal(
      a.rows.begin(), a.rows.end(), b.rows.begin(), b.rows.end(),
      [](const CanonicalRow& x, const CanonicalRow& y) { return content(x) == content(y); });
}

}  // namespace

TEST_CASE("a table brings the rows that a query of it brings", "[read][plain_table]") {
  const Database database;
  const RowSet table = database.rows("select * from clean");
  CHECK(table.rows.size() == row_count);
  CHECK(all_alike(table, database.rows("from clean")));
  CHECK(all_alike(table, database.rows("SELECT *\nFROM clean WHERE run_id=$1;")));
  for (std::size_t i = 0; i < row_count; i += 10'007) CHECK(table.rows[i].number == i);
}

TEST_CASE("of a table with other runs only the rows of the run are read", "[read][plain_table]") {
  const Database database("update clean set run_id = 'other' where sequence_id % 3 = 0");
  const RowSet mine = database.rows("select * from clean where run_id = $1");
  CHECK(mine.rows.size() == row_count / 3 * 2);
  CHECK(all_alike(mine, database.rows("from clean where run_id = $1")));
  CHECK(database.rows("select * from clean").rows.size() == row_count);
}

TEST_CASE("a row without a run is left out where the run is asked for", "[read][plain_table]") {
  const Database database("update clean set run_id = null where sequence_id = 7");
  CHECK(database.rows("select * from clean where run_id = $1").rows.size() == row_count - 1);
}

TEST_CASE("a row's text is found by its place, whatever was deleted before it",
          "[read][plain_table]") {
  const Database database("delete from clean where sequence_id < 1000");
  const RowSet table = database.rows("select * from clean");
  REQUIRE(table.rows.size() == row_count - 1000);
  const CanonicalRow& last = table.rows.back();
  const std::vector<std::uint64_t> wanted{table.rows[5].number, last.number};
  const auto texts = database.reader("select * from clean")->texts("mine", wanted);
  REQUIRE(texts);
  REQUIRE(texts->size() == 2);
  CHECK(texts->front().find("\"sequence_id\":1005,") != std::string::npos);
  CHECK(texts->back().find("\"sequence_id\":299999,") != std::string::npos);
}

TEST_CASE("what only looks like a table is read as a query", "[read][plain_table]") {
  const Database database(
      "create view seen as select * from clean order by sequence_id desc;"
      "create table placed as select *, 300000 - sequence_id as rowid from clean");
  const RowSet seen = database.rows("select * from seen where run_id = $1");
  REQUIRE(seen.rows.size() == row_count);
  CHECK(seen.rows.front().number == 0);
  CHECK(seen.rows.front().sequence == row_count - 1);
  const RowSet placed = database.rows("select * from placed");
  REQUIRE(placed.rows.size() == row_count);
  CHECK(placed.rows.front().number == 0);
  CHECK(placed.rows.front().sequence == 0);
}

TEST_CASE("a read of a table that is stopped is not complete", "[read][plain_table]") {
  const Database database;
  std::size_t calls = 0;
  const Result<bool> complete =
      database.reader("select * from clean")->scan("mine", [&](std::span<const CanonicalRow>) {
        ++calls;
        return false;
      });
  REQUIRE(complete);
  CHECK_FALSE(*complete);
  CHECK(calls == 1);
}

TEST_CASE("a table without a column of a canonical row is an error", "[read][plain_table]") {
  const Database database("create table other as select 1 as nothing_of_ours");
  CHECK_FALSE(database.reader("select * from other")->read("mine"));
}

}  // namespace parallax
