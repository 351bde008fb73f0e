// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <map>

#include "sim/core/duckdb.h"
#include "sim/run/event_columns.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

const std::string shop = source("scenarios/examples/shop.json").string();

/// Ids that are missing, empty or replaced, every kind of value, and what only faults say, must
/// come through.
const std::string faults = R"(/faults=[{"fault": "missing_id", "rate": 0.1},
  {"fault": "missing_id", "name": "zero", "form": "placeholder", "rate": 0.1},
  {"fault": "renamed_event", "of": "purchase", "to": "order, completed", "rate": 0.5},
  {"fault": "renamed_field", "field": "sku", "to": "item", "rate": 0.2},
  {"fault": "missing_field", "field": "attempt_id", "form": "undefined", "rate": 0.2},
  {"fault": "truncated_field", "field": "order_id", "length": 9, "rate": 0.5},
  {"fault": "user_not_passed", "rate": 0.1},
  {"fault": "user_not_passed", "name": "nobody", "sends": "nothing", "rate": 0.1},
  {"fault": "wrong_project", "rate": 0.1},
  {"fault": "answer_lost", "rate": 0.1}])";

constexpr std::array rarely_said{"item is not null",
                                 "attempt_id = 'undefined'",
                                 "user_id is null",
                                 "event_name = 'order, completed'",
                                 "user_id like 'anon-%'",
                                 "length(order_id) = 9",
                                 "run_id like '%-other-project'"};

}  // namespace

TEST_CASE("every format holds the same rows as NDJSON", "[run][generate]") {
  const TempFolder folder;
  for (const char* format : {"ndjson", "csv", "parquet", "duckdb"}) {
    const Output output = parallax({"generate", shop, "--out", (folder / format).string(),
                                    "--format", format, "--users", "200", "--set", faults});
    INFO(output.out << output.err);
    REQUIRE(output.code == 0);
  }
  auto database = duckdb::Database::open({});
  REQUIRE(database);
  auto connection = database->connect();
  REQUIRE(connection);
  const auto events = [&](const std::string& format) {
    return duckdb::quote_literal((folder / format).string() + "/events." + format);
  };
  const std::string flat =
      "event_name, event_id::uuid event_id, user_id, device_id, session_id, "
      "sequence_id::int sequence_id, client_ts::timestamp client_ts, "
      "server_ts::timestamp server_ts, source, schema_version::int schema_version, consent_state, "
      "retry_count::int retry_count, delivery_status, run_id, ";
  const std::string tail = "currency, page, country, platform, campaign, attempt_id, sku, item, ";
  const std::string numbers =
      "quantity::bigint quantity, items::bigint items, order_id, "
      "subtotal::decimal(18, 2) subtotal, discount::decimal(18, 2) discount, "
      "tax::decimal(18, 2) tax, revenue::decimal(18, 2) revenue";
  REQUIRE(connection->run(
      "create table lines as select " + flat +
      "currency, context->>'page' page, context->>'country' country, context->>'platform' "
      "platform, context->>'campaign' campaign, properties->>'attempt_id' attempt_id, "
      "properties->>'sku' sku, properties->>'item' item, (properties->>'quantity')::bigint "
      "quantity, "
      "(properties->>'items')::bigint items, properties->>'order_id' order_id, "
      "(properties->>'subtotal')::decimal(18, 2) subtotal, "
      "(properties->>'discount')::decimal(18, 2) discount, tax::decimal(18, 2) tax, "
      "revenue::decimal(18, 2) revenue from read_json(" +
      events("ndjson") +
      ", format = 'newline_delimited', columns = {event_name: 'varchar', event_id: 'varchar', "
      "user_id: 'varchar', device_id: 'varchar', session_id: 'varchar', sequence_id: 'int', "
      "client_ts: 'varchar', server_ts: 'varchar', source: 'varchar', schema_version: 'int', "
      "consent_state: 'varchar', retry_count: 'int', delivery_status: 'varchar', run_id: "
      "'varchar', context: 'json', currency: 'varchar', revenue: 'varchar', tax: 'varchar', "
      "properties: 'json'})"));
  REQUIRE(connection->run("create view csv as select " + flat + tail + numbers + " from read_csv(" +
                          events("csv") + ", header = true, all_varchar = true)"));
  REQUIRE(connection->run("create view parquet as select " + flat + tail + numbers +
                          " from read_parquet(" + events("parquet") + ")"));
  REQUIRE(connection->run("attach " + events("duckdb") + " as database (read_only)"));
  REQUIRE(connection->run("create view duckdb as select " + flat + tail + numbers +
                          " from database.events"));
  const std::int64_t rows = connection->integer("select count(*) from lines").value();
  CHECK(rows > 1'000);
  CHECK(connection->integer("select count(*) from lines where event_id is null").value() > 50);
  CHECK(connection->integer("select count(*) from lines where retry_count > 0").value() > 20);
  CHECK(connection->integer("select count(*) from lines where tax > 0").value() > 20);
  for (const char* said : rarely_said) {
    INFO(said);
    CHECK(connection->integer(std::string("select count(*) from lines where ") + said).value() > 5);
  }
  for (const std::string table : {"csv", "parquet", "duckdb"}) {
    INFO(table);
    CHECK(connection->integer("select count(*) from " + table).value() == rows);
    for (const auto& [a, b] :
         {std::pair{std::string("lines"), table}, std::pair{table, std::string("lines")}})
      CHECK(connection->integer("select count(*) from (from " + a + " except all from " + b + ")")
                .value() == 0);
  }
}

TEST_CASE("tables have types, not texts", "[run][generate]") {
  const TempFolder folder;
  const std::filesystem::path data = folder / "data";
  REQUIRE(
      parallax({"generate", shop, "--out", data.string(), "--format", "parquet", "--length", "1d"})
          .code == 0);
  auto database = duckdb::Database::open({});
  REQUIRE(database);
  auto connection = database->connect();
  REQUIRE(connection);
  auto rows =
      connection->query("select column_name, column_type from (describe from read_parquet($1))",
                        {(data / "events.parquet").string()});
  if (!rows) FAIL(rows.error().text());
  std::map<std::string, std::string> types;
  for (const auto& row : rows->texts()) types[row[0]] = row[1];
  CHECK(types["event_id"] == "UUID");
  CHECK(types["client_ts"] == "TIMESTAMP");
  CHECK(types["sequence_id"] == "INTEGER");
  CHECK(types["revenue"] == "DECIMAL(18,2)");
  CHECK(types["items"] == "BIGINT");
  CHECK(types["platform"] == "VARCHAR");
}

TEST_CASE("flat columns give way to taken names and merge fields of one name", "[run][generate]") {
  TrackingPlan plan;
  plan.currencies = {{"USD", 2}, {"KWD", 3}};
  plan.traits = {{"Page", {"x"}}};
  plan.pages = {"home"};
  FieldPlan money{.name = "price", .type = FieldType::money, .form = {}, .other_name = {}};
  FieldPlan text{.name = "SOURCE", .type = FieldType::string, .form = {}, .other_name = {}};
  FieldPlan count{.name = "price", .type = FieldType::integer, .form = {}, .other_name = {}};
  plan.actions.resize(2);
  plan.actions[0].fields = {money, text};
  plan.actions[1].fields = {count};
  std::map<std::string, EventColumn> columns;
  for (const EventColumn& column : event_columns(plan)) columns.emplace(column.name, column);
  CHECK(columns.count("trait_Page") == 1);
  CHECK(columns.count("field_SOURCE") == 1);
  REQUIRE(columns.count("price") == 1);
  CHECK(columns.at("price").type == FieldType::string);  // Its types disagree.
  CHECK(columns.at("price").field_of_type == std::vector<std::uint8_t>{0, 0});
  plan.actions[1].fields.clear();
  for (const EventColumn& column : event_columns(plan))
    if (column.name == "price") CHECK(column.scale == 3);
}

}  // namespace parallax::test
