// SPDX-License-Identifier: Apache-2.0
#include "sim/run/ledger_parquet.h"

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/core/duckdb.h"
#include "sim/run/parquet.h"
#include "tests/support/catch.h"
#include "tests/support/shop.h"

using namespace parallax;
namespace fs = std::filesystem;
using Table = std::vector<std::vector<std::string>>;

namespace {

/// A folder of this test's own that goes away with it.
struct Folder {
  explicit Folder(const std::string& name)
      : path(fs::temp_directory_path() / ("parallax-parquet-" + name)) {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path path;
};

/// All rows of `select WHAT from FOLDER/FILE.parquet REST`, as texts.
Table select(const fs::path& folder, const std::string& what, const std::string& file,
             const std::string& rest = {}) {
  auto database = duckdb::Database::open({});
  REQUIRE(database);
  auto connection = database->connect();
  REQUIRE(connection);
  const std::string path = (folder / (file + ".parquet")).string();
  auto rows = connection->query("select columns(*)::varchar from (select " + what + " from " +
                                duckdb::quote_literal(path) + " " + rest + ")");
  CAPTURE(what, file, rows ? "" : rows.error().text());
  REQUIRE(rows);
  return rows->texts();
}

/// Column name -> type, in order, as lines "name type".
std::vector<std::string> schema(const fs::path& folder, const std::string& file) {
  auto database = duckdb::Database::open({});
  REQUIRE(database);
  auto connection = database->connect();
  REQUIRE(connection);
  auto rows = connection->query("describe select * from " +
                                duckdb::quote_literal((folder / (file + ".parquet")).string()));
  REQUIRE(rows);
  std::vector<std::string> out;
  for (const auto& row : rows->texts()) out.push_back(row[0] + " " + row[1]);
  return out;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// The shop with yen beside dollars, and two faults.
Scenario scenario_with_faults() {
  Scenario scenario = test::shop();
  scenario.plan.currencies = {{"USD", 2}, {"JPY", 0}};
  scenario.faults.resize(2);
  scenario.faults[0].name = scenario.faults[0].fault = "clock_skew";
  scenario.faults[1].name = scenario.faults[1].fault = "answer_lost";
  return scenario;
}

/// One purchase of each currency and one page view, with their emissions, two attempts of which one
/// was answered, and one abandoned emission.
Ledger small_ledger() {
  Ledger ledger;
  ledger.actions = {test::action(0), test::action(1), test::action(2, 5, test::page_view)};
  ledger.actions[1].currency = 1;
  for (const Action& action : ledger.actions)
    ledger.emissions.push_back({test::emission(action, Source::client), Fate::queued});
  ledger.emissions.push_back({test::emission(ledger.actions[0], Source::server), Fate::queued});
  ledger.emissions[1].fate = Fate::destroyed;
  AttemptRecord attempt;
  attempt.id = {7};
  attempt.at = attempt.arrives = attempt.sent_at = TimePlan{}.start;
  attempt.size = 2;
  attempt.struck = 2;
  attempt.strike = Strike::after_commit;
  ledger.attempts = {attempt, attempt};
  ledger.attempts[1].id = {8};
  ledger.attempts[1].struck = 0;
  ledger.attempts[1].strike = Strike::none;
  ledger.deliveries = {{{7}, ledger.emissions[0].emission.key()},
                       {{7}, ledger.emissions[3].emission.key()}};
  ReceiptRecord receipt;
  receipt.attempt = {8};
  receipt.at = TimePlan{}.start + second;
  receipt.receipt = Receipt::accepted;
  receipt.status = 202;
  ledger.receipts = {receipt};
  ledger.abandons = {
      {ledger.emissions[2].emission.key(), TimePlan{}.start + minute, AbandonRecord::Why::unload}};
  return ledger;
}

/// The ledger in one part, behind an empty one.
LedgerParts in_parts(const Ledger& ledger) {
  return {2, [&ledger](std::size_t part, Ledger& out) -> Result<void> {
            out = part == 1 ? ledger : Ledger{};
            return {};
          }};
}

void require_export(const Scenario& scenario, const Ledger& ledger, const fs::path& folder) {
  for (const LedgerTable table : ledger_tables) {
    const auto done = export_table(scenario, in_parts(ledger), table, folder);
    CAPTURE(done ? "" : done.error().text());
    REQUIRE(done);
  }
}

/// `count` actions, of which the first 5'000 have an emission.
Ledger many_purchases(std::uint64_t count) {
  Ledger ledger;
  for (std::uint64_t i = 0; i < count; ++i) {
    ledger.actions.push_back(test::action(i, static_cast<std::uint32_t>(i % 97)));
    if (i < 5'000)
      ledger.emissions.push_back(
          {test::emission(ledger.actions.back(), Source::server), Fate::queued});
  }
  return ledger;
}

}  // namespace

TEST_CASE("the export is five files and nothing else", "[run][parquet]") {
  const Folder folder("files");
  require_export(scenario_with_faults(), small_ledger(), folder.path);
  CHECK(names_in(folder.path) == std::vector<std::string>{"abandons.parquet", "actions.parquet",
                                                          "attempts.parquet", "deliveries.parquet",
                                                          "emissions.parquet"});
}

TEST_CASE("actions have typed columns, one a trait and one a field", "[run][parquet]") {
  const Folder folder("actions");
  require_export(scenario_with_faults(), small_ledger(), folder.path);
  CHECK(schema(folder.path, "actions") ==
        std::vector<std::string>{"action_id VARCHAR", "happened_at TIMESTAMP", "sampled BOOLEAN",
                                 "refused BOOLEAN", "event_name VARCHAR", "user_id VARCHAR",
                                 "device_id VARCHAR", "session_id VARCHAR", "sequence_id BIGINT",
                                 "page VARCHAR", "currency VARCHAR", "consent_state VARCHAR",
                                 "country VARCHAR", "platform VARCHAR", "sku VARCHAR",
                                 "order_id VARCHAR", "revenue DECIMAL(18,2)", "tax DECIMAL(18,2)"});
  const Action action = test::action(0);
  CHECK(
      select(
          folder.path,
          "action_id, happened_at, event_name, user_id, device_id, session_id, sequence_id, page, "
          "currency, country, sku, revenue",
          "actions", "limit 1") ==
      Table{{"a-" + std::to_string(action.id.value), "2026-03-02 00:00:00.250123", "purchase",
             "u-1", device_id_text(action.device), session_id_text(action.session), "1", "checkout",
             "USD", "DE", "NULL", "10.99"}});
}

TEST_CASE("money is in major units of the row's currency", "[run][parquet]") {
  const Folder folder("money");
  require_export(scenario_with_faults(), small_ledger(), folder.path);
  CHECK(select(folder.path, "currency, revenue, tax", "actions") ==
        Table{{"USD", "10.99", "0.88"}, {"JPY", "1200.00", "88.00"}, {"USD", "NULL", "NULL"}});
}

TEST_CASE("an emission says what that side believed and how it went out", "[run][parquet]") {
  Ledger ledger = small_ledger();
  Emission& odd = ledger.emissions[0].emission;
  odd.id_form = IdForm::upper_case;
  odd.struck = 3;
  odd.skipped = 2;
  odd.forms[test::revenue] = FieldForm::as_text;
  odd.forms[test::tax] = FieldForm::null;
  odd.clock_error = -5'000'000;
  ledger.emissions[1].emission.id_form = IdForm::absent;
  ledger.emissions[2].emission.id_form = IdForm::placeholder;
  ledger.emissions[3].emission.id_form = IdForm::empty;
  const Folder folder("emissions");
  require_export(scenario_with_faults(), ledger, folder.path);
  std::string capitals = odd.event_id.text();
  for (char& c : capitals) c = static_cast<char>(std::toupper(c));
  CHECK(select(folder.path,
               "event_id, source, copy, fate, faults, faults_skipped, field_forms, revenue, tax, "
               "clock_error_us, client_ts, server_ts",
               "emissions",
               "limit 1") == Table{{capitals, "client", "0", "queued", "clock_skew, answer_lost",
                                    "answer_lost", "revenue=as_text, tax=null", "10.99", "NULL",
                                    "-5000000", "2026-03-02 00:00:00.25", "NULL"}});
  CHECK(select(folder.path, "event_id, source, fate, faults", "emissions", "offset 1") ==
        Table{{"NULL", "client", "destroyed", ""},
              {Uuid{}.text(), "client", "queued", ""},
              {"", "server", "queued", ""}});
}

TEST_CASE("a field that its plan keeps from a side is NULL there", "[run][parquet]") {
  Scenario scenario = scenario_with_faults();
  scenario.plan.actions[test::purchase].fields[test::tax].on_client = false;
  const Folder folder("sides");
  require_export(scenario, small_ledger(), folder.path);
  CHECK(select(folder.path, "source, tax, field_forms", "emissions",
               "where event_name = 'purchase' and currency = 'USD'") ==
        Table{{"client", "NULL", ""}, {"server", "0.88", ""}});
}

TEST_CASE("an attempt has its receipt, or none and is unknown", "[run][parquet]") {
  const Folder folder("attempts");
  require_export(scenario_with_faults(), small_ledger(), folder.path);
  CHECK(select(folder.path,
               "attempt_id, size, strike, faults, receipt, receipt_at, status, by_fault",
               "attempts") ==
        Table{{"t-7", "2", "after_commit", "answer_lost", "unknown", "NULL", "0", "false"},
              {"t-8", "2", "none", "", "accepted", "2026-03-02 00:00:01", "202", "false"}});
}

TEST_CASE("deliveries and abandons join with emissions by their key", "[run][parquet]") {
  const Folder folder("joins");
  require_export(scenario_with_faults(), small_ledger(), folder.path);
  const std::string emissions = duckdb::quote_literal((folder.path / "emissions.parquet").string());
  const std::string by_key = "join " + emissions + " e using (action_id, source, copy)";
  CHECK(select(folder.path, "attempt_id, source, e.event_name", "deliveries",
               by_key + " order by source") ==
        Table{{"t-7", "client", "purchase"}, {"t-7", "server", "purchase"}});
  CHECK(select(folder.path, "why, abandoned_at, e.user_id", "abandons", by_key) ==
        Table{{"unload", "2026-03-02 00:01:00", "u-5"}});
}

TEST_CASE("names that are taken give way, and a name with two types is text", "[run][parquet]") {
  Scenario scenario = scenario_with_faults();
  scenario.plan.traits[test::country].name = "Currency";
  auto& fields = scenario.plan.actions[test::purchase].fields;
  fields[test::tax].name = "page";
  scenario.plan.actions[test::add_to_cart].fields[test::sku].name = "revenue";
  Ledger ledger = small_ledger();
  ledger.actions.push_back(test::action(3, 1, test::add_to_cart));
  const Folder folder("names");
  require_export(scenario, ledger, folder.path);
  CHECK(select(folder.path, "\"trait_Currency\", page, field_page, revenue", "actions") ==
        Table{{"DE", "checkout", "0.88", "10.99"},
              {"DE", "checkout", "88.00", "1200"},
              {"JP", "home", "NULL", "NULL"},
              {"DE", "product", "NULL", "sku-4"}});
}

TEST_CASE("each field type has its column type", "[run][parquet]") {
  Scenario scenario = scenario_with_faults();
  scenario.plan.currencies.push_back({"KWD", 3});
  auto& fields = scenario.plan.actions[test::page_view].fields;
  for (const FieldType type : {FieldType::integer, FieldType::number, FieldType::boolean}) {
    FieldPlan field;
    field.name = std::string(name_of(type));
    field.type = type;
    fields.push_back(field);
  }
  Ledger ledger;
  ledger.actions = {test::action(0, 1, test::page_view)};
  ledger.actions[0].values = {-3, -1'500'000, 1};
  const Folder folder("types");
  require_export(scenario, ledger, folder.path);
  CHECK(select(folder.path, "integer, number, boolean", "actions") ==
        Table{{"-3", "-1.500000", "true"}});
  const auto types = schema(folder.path, "actions");
  for (const char* column :
       {"integer BIGINT", "number DECIMAL(18,6)", "boolean BOOLEAN", "revenue DECIMAL(18,3)"}) {
    CAPTURE(column);
    CHECK(std::find(types.begin(), types.end(), column) != types.end());
  }
}

TEST_CASE("an empty ledger gives files with columns and no rows", "[run][parquet]") {
  const Folder folder("empty");
  require_export(scenario_with_faults(), {}, folder.path);
  CHECK(select(folder.path, "count(*)", "actions") == Table{{"0"}});
  CHECK(schema(folder.path, "emissions").size() > 20);
}

TEST_CASE("equal ledgers give equal bytes, and every row of many in order", "[run][parquet]") {
  const Scenario scenario = scenario_with_faults();
  const Ledger ledger = many_purchases(30'000);  // Many chunks of 2'048.
  const Folder first("bytes-1"), second("bytes-2");
  require_export(scenario, ledger, first.path);
  require_export(scenario, ledger, second.path);
  for (const std::string& name : names_in(first.path)) {
    CAPTURE(name);
    CHECK(bytes_of(first.path / name) == bytes_of(second.path / name));
  }
  // Column `happened_at` rises by a second a row: any row lost, doubled or moved breaks the count.
  CHECK(select(first.path, "count(*), count(distinct happened_at), sum(revenue)", "actions") ==
        Table{{"30000", "30000", "454814550.00"}});
  CHECK(select(first.path, "count(*)", "actions",
               "where happened_at = timestamp '2026-03-02 00:00:00.250123' + interval 1 second * "
               "file_row_number") == Table{{"30000"}});
}

TEST_CASE("verdicts stand beside their actions", "[run][parquet]") {
  const Ledger ledger = small_ledger();
  Judgement judgement;
  for (std::uint32_t i = 0; i < ledger.actions.size(); ++i) {
    JudgedAction judged;
    judged.id = ledger.actions[i].id;
    judged.at = ledger.actions[i].at;
    judged.user = ledger.actions[i].user;
    judged.type = ledger.actions[i].type;
    judged.index = i;
    judgement.actions.push_back(judged);
  }
  judgement.actions[1].expectation = Expectation::must;
  judgement.actions[1].verdict = ActionVerdict::duplicated;
  judgement.actions[1].cause = Cause::retransmit;
  judgement.actions[1].rows = 2;
  judgement.actions[1].findings = (1U << static_cast<unsigned>(ActionVerdict::duplicated)) |
                                  (1U << static_cast<unsigned>(ActionVerdict::late));
  const Folder folder("verdicts");
  REQUIRE(export_verdicts(scenario_with_faults(), {&judgement}, folder.path));
  CHECK(select(folder.path,
               "event_name, user_id, happened_at, verdict, cause, expectation, findings, rows",
               "verdicts",
               "where action_id = 'a-" + std::to_string(ledger.actions[1].id.value) + "'") ==
        Table{{"purchase", "u-1", "2026-03-02 00:00:01.250123", "duplicated", "retransmit", "must",
               "duplicated, late", "2"}});
  CHECK(select(folder.path, "count(*)", "verdicts") == Table{{"3"}});
}

TEST_CASE("a full disk is an error and leaves no file", "[run][parquet]") {
  const Folder folder("full");
  const Ledger ledger = many_purchases(20'000);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{32'768, before.rlim_max};
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);  // The write is to fail, not the process.
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto done =
      export_table(scenario_with_faults(), in_parts(ledger), LedgerTable::actions, folder.path);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == Error::Kind::io);
  CHECK(done.error().where == (folder.path / "actions.parquet").string());
  CHECK(names_in(folder.path).empty());
}

TEST_CASE("a failed export keeps the file of the one before", "[run][parquet]") {
  const Folder folder("keeps");
  auto writer = ParquetWriter::open();
  REQUIRE(writer);
  const auto money = [](std::int64_t minor) {
    return std::vector<ParquetColumn>{
        {"revenue", ParquetColumn::Type::decimal,
         [minor](ParquetCell& cell, std::size_t) { cell.decimal(minor, 0); }, 2}};
  };
  const fs::path file = folder.path / "money.parquet";
  REQUIRE(writer->write(file, money(9'999'999'999'999'999), 1));
  CHECK(select(folder.path, "revenue", "money") == Table{{"9999999999999999.00"}});
  const auto done = writer->write(file, money(10'000'000'000'000'000), 1);
  REQUIRE_FALSE(done);
  CHECK(done.error().what.find("revenue has more than 18 digits") != std::string::npos);
  CHECK(select(folder.path, "revenue", "money") == Table{{"9999999999999999.00"}});
  CHECK(names_in(folder.path) == std::vector<std::string>{"money.parquet"});
}

TEST_CASE("a table that is older than a journal is missing", "[run][parquet]") {
  const Folder folder("older");
  const fs::path journal = folder.path / "journal-0.plx";
  std::ofstream{journal};
  require_export(scenario_with_faults(), small_ledger(), folder.path);
  CHECK(missing_tables(folder.path, {&journal, 1}).empty());
  fs::last_write_time(journal,
                      fs::last_write_time(folder.path / "actions.parquet") + std::chrono::hours(1));
  CHECK(missing_tables(folder.path, {&journal, 1}).size() == ledger_tables.size());
}

TEST_CASE("a folder that is missing is an error", "[run][parquet]") {
  const auto done = export_table(scenario_with_faults(), in_parts({}), LedgerTable::actions,
                                 "/nonexistent/ledger");
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == Error::Kind::io);
}
