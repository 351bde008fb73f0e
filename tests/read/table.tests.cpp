// SPDX-License-Identifier: Apache-2.0
// A table's rows, built a column at a time, are those that are built cell by cell.
#include "sim/core/duckdb.h"
#include "sim/read/reader.h"
#include "tests/read/plan.h"
#include "tests/support/catch.h"

namespace parallax {
namespace {

constexpr std::string_view rows_of_all_kinds = R"(
create table clean as from (values
 ('0f7be6b2-1c8b-4e5a-9d2f-3a4b5c6d7e8f', 'mine', 'purchase', 'u-17', 'd-0123456789abcdef',
  's-fedcba9876543210', 3, timestamp '2026-03-02 10:00:00.123', 1, 0, true, 'client', 'granted',
  'USD', 12.50::decimal(10,2), 'sku-1', 2, 1.5::double, true),
 ('0F7BE6B2-1C8B-4E5A-9D2F-3A4B5C6D7E8F', 'mine', 'page_view', 'u-017', 'D-0123456789ABCDEF',
  'web', null, null, null, 2, false, 'server', 'denied', null, null, null, null, null, null),
 ('no uuid', 'other', 'purchase', 'u-4294967296', null, null, -1, timestamp 'infinity', 7, 7, null,
  'neither', 'unknown', 'JPY', 12.50, null, 3, null, false),
 (null, null, null, null, null, null, null, null, null, null, null, null, null, null, 1, 'x', 1, 1,
  true),
 ('', 'mine', 'no such event', 'someone', 'd-0', 's-0', 9223372036854775807, null, 3000000000, 1,
  true, null, null, 'KWD', 1.25, 'sku-2', 1, 0.1, false),
 ('00000000-0000-0000-0000-000000000000', 'mine', 'purchase', 'u-999999999', 'd-0', 's-0', 1, null,
  1, 1, true, 'server', 'granted', 'EUR', -3.10, '', null, 2, null))
as t(event_id, run_id, event_name, user_id, device_id, session_id, sequence_id, seen_at, client_rows,
     server_rows, is_server_authoritative, source, consent_state, currency, revenue, sku, items,
     weight, gift))";

std::vector<CanonicalRow> read_rows(const std::string& path, const std::string& query) {
  const TrackingPlan plan = shop_plan();
  const ColumnMap columns{{"client_ts", "seen_at"}, {"event_ts", "seen_at"}};
  const auto reader = make_duckdb_reader(path, query, columns, plan);
  REQUIRE(reader);
  const Result<RowSet> set = (*reader)->read("mine");
  REQUIRE(set);
  CHECK(set->complete);
  return set->rows;
}

auto members(const CanonicalRow& row) {
  return std::tuple(row.event_id, row.run, row.event_name, row.user, row.device, row.session,
                    row.number, row.client_ts, row.server_ts, row.event_ts, row.ingestion_ts,
                    row.sequence, row.client_rows, row.server_rows, row.type, row.schema_version,
                    row.id_form, row.source, row.server_authoritative, row.consent, row.currency,
                    row.lane, row.forms, row.values);
}

}  // namespace

TEST_CASE("columns are read as what their cells are read as", "[read][table]") {
  const TemporaryFolder folder("table");
  const std::string path = folder.file("rows.duckdb");
  {
    auto database = duckdb::Database::open(path);
    REQUIRE(database);
    auto connection = database->connect();
    REQUIRE(connection);
    const Result<void> made = connection->run(std::string(rows_of_all_kinds));
    CAPTURE(made ? "" : made.error().what);
    REQUIRE(made);
  }
  const auto by_column = read_rows(path, "from clean");
  // With a column of properties a field may stand in either place, so that rows are built one by
  // one; here there are none in it.
  const auto by_cell = read_rows(path, "select *, null::varchar as properties from clean");
  REQUIRE(by_column.size() == 6);
  REQUIRE(by_cell.size() == 6);
  for (std::size_t i = 0; i < by_column.size(); ++i) {
    CAPTURE(i);
    CHECK(members(by_column[i]) == members(by_cell[i]));
  }
  CHECK(by_column[0].values[revenue] == 1'250);
  CHECK(by_column[0].event_ts == by_column[0].client_ts);
  CHECK(by_column[0].server_authoritative == true);
  CHECK(by_column[1].id_form == IdForm::upper_case);
  CHECK(by_column[2].forms[sku] == FieldForm::null);
  CHECK(by_column[4].client_rows == -1);
}

}  // namespace parallax
