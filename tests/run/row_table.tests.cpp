// SPDX-License-Identifier: Apache-2.0
#include "sim/core/duckdb.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// The one row and column that a query over rows.parquet of a run folder answers, as text.
std::string ask(const std::filesystem::path& folder, const std::string& select) {
  auto database = duckdb::Database::open({});
  REQUIRE(database);
  auto sql = database->connect();
  REQUIRE(sql);
  const std::string ledger = (folder / "ledger").string();
  const auto made =
      sql->run("create view rows_of_run as from '" + ledger +
               "/rows.parquet'; create view actions as from '" + ledger + "/actions.parquet'");
  if (!made) FAIL(made.error().text());
  auto rows = sql->query(select);
  if (!rows) FAIL(rows.error().text());
  const auto texts = rows->texts();
  REQUIRE(texts.size() == 1);
  return texts.front().front();
}

void replace_first(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  text.replace(at, what.size(), with);
}

/// Up to the next quote.
std::string value_after(const std::string& text, const std::string& key) {
  const std::size_t from = text.find(key) + key.size();
  return text.substr(from, text.find('"', from) - from);
}

}  // namespace

TEST_CASE("rows.parquet has the rows as they were read, with their actions", "[run][page]") {
  const TempFolder folder;
  const std::string file = (folder / "clean.ndjson").string();
  write_file(folder / "target.json", R"({"send": {"kind": "file", "path": ")" + file +
                                         R"("}, "read": {"kind": "file", "path": ")" + file +
                                         R"("}, "settle": {"quiet": "0s"}})");
  const std::filesystem::path run = folder / "run";
  const Output ran = parallax({"run", source("scenarios/smoke/plain.json").string(), "--target",
                               (folder / "target.json").string(), "--out", run.string(), "-q"});
  INFO(ran.out << ran.err);
  REQUIRE(std::filesystem::exists(run / "ledger" / "rows.parquet"));
  CHECK(ask(run, "select count(*) filter (unread <> '') from rows_of_run") == "0");
  CHECK(ask(run, "select count(*) filter (action_id is null) from rows_of_run") == "0");
  CHECK(ask(run,
            "select count(*) from rows_of_run join actions using (action_id) where "
            "rows_of_run.happened_at is distinct from actions.happened_at or "
            "rows_of_run.user_id is distinct from actions.user_id or "
            "rows_of_run.revenue is distinct from actions.revenue or "
            "rows_of_run.sku is distinct from actions.sku") == "0");
  const std::string rows = ask(run, "select count(*) from rows_of_run");

  std::string text = read_file(file);
  const std::string sku = value_after(text, "\"sku\":\"");
  const std::string user = value_after(text, "\"user_id\":\"");
  replace_first(text, "\"sku\":\"" + sku + "\"", "\"sku\":\"of the warehouse\"");
  replace_first(text, "\"user_id\":\"" + user + "\"", "\"user_id\":\"somebody\"");
  std::string lone = text.substr(0, text.find('\n') + 1);
  replace_first(lone, value_after(lone, "\"event_id\":\""), "00000000-0000-4000-8000-000000000001");
  replace_first(lone, value_after(lone, "\"session_id\":\""), "s-ffffffffffffffff");
  write_file(file, text + lone);
  const Output judged = parallax({"judge", run.string(), "-q"});
  INFO(judged.out << judged.err);
  CHECK(ask(run, "select count(*) from rows_of_run") == std::to_string(std::stoul(rows) + 1));
  CHECK(ask(run,
            "select count(*) from rows_of_run where contains(unread, 'sku') and sku is null "
            "and action_id is not null") == "1");
  CHECK(ask(run,
            "select count(*) from rows_of_run where contains(unread, 'user_id') and user_id "
            "is null and action_id is not null") == "1");
  CHECK(ask(run, "select count(*) from rows_of_run where action_id is null") == "1");
}

}  // namespace parallax::test
