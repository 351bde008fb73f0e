// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "sim/core/duckdb.h"
#include "sim/run/ledger_parquet.h"
#include "tests/support/catch.h"
#include "tests/support/shop.h"

using namespace parallax;
namespace fs = std::filesystem;

TEST_CASE("what departs from the plan is told in words", "[run][parquet]") {
  Scenario scenario = test::shop();
  scenario.plan.actions[test::purchase].other_name = "order_completed";
  Ledger ledger;
  for (std::uint64_t i = 0; i < 3; ++i) ledger.emissions.push_back({test::client_emission(i)});
  Emission& odd = ledger.emissions[0].emission;
  odd.other_name = odd.other_project = odd.odd_fields = true;
  odd.user_form = UserForm::digits;
  odd.forms[test::revenue] = FieldForm::renamed;
  odd.forms[test::order_id] = FieldForm::truncated;
  ledger.emissions[1].emission.user_form = UserForm::absent;
  const fs::path folder = fs::temp_directory_path() / "parallax-departures";
  fs::create_directories(folder);
  const LedgerParts parts{1, [&](std::size_t, Ledger& out) -> Result<void> {
                            out = ledger;
                            return {};
                          }};
  REQUIRE(export_table(scenario, parts, LedgerTable::emissions, folder));
  auto connection = duckdb::Database::open({})->connect();
  REQUIRE(connection);
  auto rows = connection->query(
      "select event_name, departures, field_forms, revenue::varchar from read_parquet($1)",
      {(folder / "emissions.parquet").string()});
  fs::remove_all(folder);
  REQUIRE(rows);
  CHECK(rows->texts() ==
        std::vector<std::vector<std::string>>{
            {"purchase", "event_name=order_completed, user_id=digits, project=other",
             "order_id=truncated, revenue=renamed", "10.99"},
            {"purchase", "user_id=absent", "", "12.00"},
            {"purchase", "", "", "13.01"}});
}
