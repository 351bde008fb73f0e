// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include "sim/core/duckdb.h"
#include "sim/read/ndjson.h"
#include "sim/read/reader.h"
#include "tests/read/plan.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {

const TrackingPlan plan = shop_plan();

std::unique_ptr<RowReader> reader_of(const std::string& path, const ColumnMap& columns = {}) {
  auto reader = make_file_reader(path, columns, plan);
  REQUIRE(reader);
  return std::move(reader).value();
}

std::string compressed(const std::string& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  return path;
}

std::string many_rows(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += R"({"user_id":"u-)" + std::to_string(i) + "\"}\n";
  return out;
}

/// Runs `sql` in a database of its own.
void run(const std::string& sql, const std::string& file = {}) {
  auto database = duckdb::Database::open(file);
  REQUIRE(database);
  auto connection = database->connect();
  REQUIRE(connection);
  const auto done = connection->run(sql);
  CAPTURE(done ? "" : done.error().text());
  REQUIRE(done);
}

}  // namespace

TEST_CASE("lines are cut the same whatever pieces they come in", "[read][lines]") {
  const std::string stream = "one\ntwo\r\n\n  \nthree and more\nlast";
  const std::vector<std::string> wanted{"one", "two\r", "three and more", "last"};
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    std::vector<std::string> taken;
    LineSplitter splitter([&](std::string_view line) {
      taken.emplace_back(line);
      return true;
    });
    for (std::size_t at = 0; at < stream.size(); at += piece)
      REQUIRE(splitter.feed(std::string_view(stream).substr(at, piece)));
    REQUIRE(splitter.finish());
    CAPTURE(piece);
    CHECK(taken == wanted);
    CHECK(splitter.line() == 6);
  }
}

TEST_CASE("a line without end is refused before it fills the memory", "[read][lines]") {
  LineSplitter splitter([](std::string_view) { return true; });
  const std::string piece(1U << 20U, 'x');
  std::size_t fed = 0;
  while (splitter.feed(piece) && fed < 100) ++fed;
  CHECK(fed == LineSplitter::line_bytes_max / piece.size());
  CHECK(splitter.line() == 1);
}

TEST_CASE("rows are read from lines, compressed or not", "[read][file]") {
  const TemporaryFolder folder("lines");
  const std::string rows = many_rows(50'000);
  for (const std::string& path : {folder.write("a.ndjson", rows), folder.write("b.jsonl", rows),
                                  compressed(folder.file("c.ndjson.gz"), rows),
                                  compressed(folder.file("d.jsonl.gz"), rows)}) {
    CAPTURE(path);
    const auto set = reader_of(path)->read("r-1");
    REQUIRE(set);
    CHECK(set->complete);
    REQUIRE(set->rows.size() == 50'000);
    CHECK(set->rows[49'999].user == user_key_of("u-49999"));
    CHECK(set->rows[49'999].number == 49'999);
  }
}

TEST_CASE("a compressed file that ends too early is incomplete", "[read][file]") {
  const TemporaryFolder folder("cut");
  const std::string path = compressed(folder.file("a.ndjson.gz"), many_rows(200'000));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  const auto set = reader_of(path)->read("r-1");
  REQUIRE(set);
  CHECK_FALSE(set->complete);
  CHECK(set->rows.size() > 0);
  CHECK(set->rows.size() < 200'000);
}

TEST_CASE("a torn last line is incomplete, a damaged one in the middle an error", "[read][file]") {
  const TemporaryFolder folder("torn");
  const auto torn = reader_of(folder.write("a.ndjson", many_rows(3) + R"({"user_)"))->read("r-1");
  REQUIRE(torn);
  CHECK_FALSE(torn->complete);
  CHECK(torn->rows.size() == 3);
  const std::string path = folder.write("b.ndjson", many_rows(3) + "\n{\"user_\n" + many_rows(1));
  const auto damaged = reader_of(path)->read("r-1");
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().kind == Error::Kind::protocol);
  CHECK(damaged.error().where == path + " line 5");
}

TEST_CASE("a file that is missing or of another kind is an error", "[read][file]") {
  const auto missing = reader_of("/nonexistent/a.ndjson")->read("r-1");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == Error::Kind::io);
  CHECK(missing.error().where == "/nonexistent/a.ndjson");
  CHECK_FALSE(reader_of("/nonexistent/a.parquet")->read("r-1"));
  const auto odd = make_file_reader("rows.xlsx", {}, plan);
  REQUIRE_FALSE(odd);
  CHECK(odd.error().kind == Error::Kind::invalid_input);
}

TEST_CASE("a CSV cell stands for what its column wants", "[read][file]") {
  const TemporaryFolder folder("csv");
  const std::string path = folder.write(
      "rows.csv",
      "event_name,event_id,user_id,currency,revenue,sku,items,gift,server_ts,properties\n"
      "purchase,ord-1,17,JPY,999,0042,3,true,2026-03-02 00:00:00,\n"
      "purchase,\"\",u-2,USD,9.999,,,,1772409600000,\"{\"\"items\"\": 4}\"\n");
  const auto set = reader_of(path)->read("r-1");
  REQUIRE(set);
  CHECK(set->complete);
  REQUIRE(set->rows.size() == 2);
  const CanonicalRow& first = set->rows[0];
  CHECK(first.user == user_key_of("17"));
  CHECK(first.id_form == IdForm::foreign);
  CHECK(first.forms[revenue] == FieldForm::present);
  CHECK(first.values[revenue] == 999);
  CHECK(first.values[sku] == text_code("0042"));
  CHECK(first.values[gift] == 1);
  CHECK(first.forms[weight] == FieldForm::absent);
  const CanonicalRow& second = set->rows[1];
  CHECK(second.id_form == IdForm::empty);
  CHECK(second.forms[revenue] == FieldForm::inexact);
  CHECK(second.forms[sku] == FieldForm::null);
  CHECK(second.values[items] == 4);
  CHECK(second.server_ts == first.server_ts);
  CHECK(second.number == 1);
}

TEST_CASE("a Parquet file keeps its order and its types", "[read][file]") {
  const TemporaryFolder folder("parquet");
  const std::string path = folder.file("rows.parquet");
  run("copy (select 'purchase' as event, 'u-' || i as user_id, i as sequence_id, "
      "9.90::decimal(18, 2) as revenue, '7' as items, 0.5::double as weight, "
      "i % 2 = 0 as gift, timestamp '2026-03-02 00:00:00' + interval (i) second as server_ts, "
      "{'sku': 'sku-1'} as properties from range(5000) t(i)) to " +
      duckdb::quote_literal(path) + " (format parquet)");
  const auto reader = reader_of(path, {{"event_name", "event"}});
  const auto set = reader->read("r-1");
  REQUIRE(set);
  CHECK(set->complete);
  REQUIRE(set->rows.size() == 5'000);
  const CanonicalRow& row = set->rows[4'321];
  CHECK(row.type == 1);
  CHECK(row.number == 4'321);
  CHECK(row.sequence == 4'321);
  CHECK(row.user == user_key_of("u-4321"));
  CHECK(row.values[revenue] == 990);
  CHECK(row.forms[items] == FieldForm::as_text);
  CHECK(row.values[weight] == 500'000);
  CHECK(row.values[gift] == 0);
  CHECK(row.values[sku] == text_code("sku-1"));
  CHECK(row.server_ts == *parse_rfc3339("2026-03-02T01:12:01Z"));

  const auto texts = reader->texts("r-1", {2, 4'321});
  REQUIRE(texts);
  REQUIRE(texts->size() == 2);
  CHECK(texts.value()[1].starts_with(R"({"event_name":"purchase","user_id":"u-4321",)"));
  CHECK(texts.value()[0].find(R"("sequence_id":2)") != std::string::npos);
}

TEST_CASE("a table without any of our columns is an error", "[read][file]") {
  const TemporaryFolder folder("strange");
  const auto set = reader_of(folder.write("rows.csv", "a,b\n1,2\n"))->read("r-1");
  REQUIRE_FALSE(set);
  CHECK(set.error().kind == Error::Kind::protocol);
}

TEST_CASE("a duckdb query reads the rows of one run, with its order", "[read][duckdb]") {
  const TemporaryFolder folder("duckdb");
  const std::string path = folder.file("warehouse.duckdb");
  run("create table clean as select * from (values ('r-1', 'u-2', timestamptz "
      "'2026-03-02 00:00:00+00'), ('r-2', 'u-9', null), ('r-1', 'u-1', null)) t(run_id, user_id, "
      "ts)",
      path);
  const ColumnMap columns{{"server_ts", "ts"}};
  const std::string query =
      "with mine as (select * from clean where run_id = $1) "
      "select * from mine order by user_id; ";
  const auto reader = make_duckdb_reader(path, query, columns, plan);
  REQUIRE(reader);
  const auto set = reader.value()->read("r-1");
  REQUIRE(set);
  CHECK(set->complete);
  REQUIRE(set->rows.size() == 2);
  CHECK(set->rows[0].user == user_key_of("u-1"));
  CHECK(set->rows[0].server_ts == no_time);
  CHECK(set->rows[1].server_ts == *parse_rfc3339("2026-03-02"));
  CHECK(set->rows[1].run == hash_text("r-1"));
  const auto texts = reader.value()->texts("r-1", {0});
  REQUIRE(texts);
  CHECK(texts.value() ==
        std::vector<std::string>{R"({"run_id":"r-1","user_id":"u-1","server_ts":null})"});

  const auto all = make_duckdb_reader(path, "from clean", columns, plan);
  REQUIRE(all);
  const auto every = all.value()->read("r-1");
  REQUIRE(every);
  CHECK(every->rows.size() == 3);
}

TEST_CASE("a duckdb reader changes nothing and says what failed", "[read][duckdb]") {
  const TemporaryFolder folder("failing");
  const std::string path = folder.file("warehouse.duckdb");
  const auto missing = make_duckdb_reader(path, "select 1 as run_id", {}, plan);
  REQUIRE(missing);
  CHECK_FALSE(missing.value()->read("r-1"));
  CHECK_FALSE(std::filesystem::exists(path));
  run("create table clean as select 1 as run_id", path);
  const auto wrong = make_duckdb_reader(path, "select * from dirty", {}, plan);
  REQUIRE(wrong);
  const auto set = wrong.value()->read("r-1");
  REQUIRE_FALSE(set);
  CHECK(set.error().where == path);
  CHECK(set.error().what.find("dirty") != std::string::npos);
  CHECK_FALSE(make_duckdb_reader(path, "", {}, plan));
}
