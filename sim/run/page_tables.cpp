// SPDX-License-Identifier: Apache-2.0
#include "sim/run/page_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <nlohmann/json.hpp>

#include "sim/core/duckdb.h"
#include "sim/core/duckdb_text.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
using duckdb::quote_literal;
using duckdb::quote_name;

constexpr std::int64_t buckets_max = 120;

/// The page's tables, each the answer of its query.
constexpr std::array tables{
    "verdicts_over_time",
    "causes",
    "sides",
    "counts",
    "money",
    "counts_over_time",
    "latency",
    "latency_over_time",
    "latency_distribution",
    "skew",
    "skew_summary",
    "multiplicity",
    "funnel",
    "identity",
    "identity_rows",
    "strikes",
    "sampled",
    "sample_actions",
    "sample_emissions",
    "sample_attempts",
    "sample_abandons",
    "sample_rows",
};
constexpr std::array files{"actions",  "emissions", "attempts", "deliveries",
                           "abandons", "verdicts",  "rows"};

fs::path file_of(const fs::path& ledger, std::string_view name) {
  return ledger / (std::string(name) + ".parquet");
}

bool is_integer(duckdb_type type) {
  return type == DUCKDB_TYPE_BIGINT || type == DUCKDB_TYPE_INTEGER || type == DUCKDB_TYPE_UBIGINT;
}

Json table_json(duckdb::Rows& rows) {
  Json columns = Json::array(), cells = Json::array();
  for (std::size_t i = 0; i < rows.columns(); ++i) columns.push_back(rows.column_name(i));
  while (const duckdb::Chunk chunk{rows.fetch()}) {
    const std::size_t first = cells.size();
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk.get()); ++row)
      cells.push_back(Json::array());
    for (std::size_t column = 0; column < rows.columns(); ++column) {
      const duckdb::CellReader reader(duckdb_data_chunk_get_vector(chunk.get(), column));
      const duckdb_type type = rows.column_type(column);
      for (idx_t row = 0; first + row < cells.size(); ++row) {
        Json& out = cells[first + row];
        if (reader.null(row)) {
          out.push_back(nullptr);
        } else if (is_integer(type)) {
          out.push_back(*reader.integer(row));
        } else if (type == DUCKDB_TYPE_BOOLEAN) {
          out.push_back(*reader.integer(row) != 0);
        } else {
          out.push_back(reader.text(row));
        }
      }
    }
  }
  return {{"columns", std::move(columns)}, {"rows", std::move(cells)}};
}

/// The amount column of a table: the money field's, or what it had to be called beside others.
Result<std::string> money_column(duckdb::Connection& sql, const std::string& table,
                                 const std::string& field) {
  if (field.empty()) return std::string("null::decimal(18, 2)");
  auto rows = sql.query("select column_name from (describe " + table +
                            ") where column_name in ($1, 'field_' || $1) and column_type like "
                            "'DECIMAL%' order by length(column_name) desc",
                        {field});
  if (!rows) return rows.error();
  const auto names = rows->texts();
  if (names.empty()) return std::string("null::decimal(18, 2)");
  return quote_name(names.front().front());
}

Result<void> open_tables(duckdb::Connection& sql, const Scenario& scenario,
                         const fs::path& ledger) {
  for (const char* name : files) {
    const fs::path file = file_of(ledger, name);
    if (!fs::exists(file))
      return Error{Error::Kind::invalid_input,
                   "is missing: `parallax judge` of the run folder writes it", file.string()};
    const bool has_money = name == std::string_view("actions") || name == std::string_view("rows");
    const std::string view = has_money ? fmt::format("{}_file", name) : name;
    Result<void> made = sql.run(
        fmt::format("create view {} as from read_parquet({})", view, quote_literal(file.string())));
    if (!made) return made;
    if (!has_money) continue;
    const auto money = money_column(sql, view, money_field(scenario.plan));
    if (!money) return money.error();
    Result<void> named = sql.run(
        fmt::format("create view raw_{} as select *, {} as money from {}", name, *money, view));
    if (!named) return named;
  }
  return {};
}

Result<void> tell(duckdb::Connection& sql, const Scenario& scenario, const PageSample& sample) {
  const PageTime time = page_time(scenario.time);
  std::string text = fmt::format(
      "create macro since(t) as epoch_us(t) - {0};\n"
      "create macro bucket_of(t) as case when epoch_us(t) >= {0} and epoch_us(t) < {1}\n"
      "  then ((epoch_us(t) - {0}) // {2})::int end;\n"
      "create table steps (step int, event_name varchar);\n"
      "create table wanted (action_id varchar);\n",
      time.start.since_epoch, (time.start + time.length).since_epoch, time.bucket);
  int step = 0;
  for (const std::string& name : funnel_steps(scenario))
    text += fmt::format("insert into steps values ({}, {});\n", ++step, quote_literal(name));
  for (const std::string& id : sample.wanted)
    text += fmt::format("insert into wanted values ({});\n", quote_literal(id));
  return sql.run(text);
}

/// Answers every query, in order.
Result<Json> answer(duckdb::Connection& sql, const PageSample& sample) {
  if (const Result<void> made = sql.run(std::string(embedded_query("prepare.sql"))); !made)
    return made.error();
  const auto chosen = sql.query(std::string(embedded_query("sample.sql")),
                                {std::to_string(sample.odd_max), std::to_string(sample.ok_max)});
  if (!chosen) return chosen.error();
  Json out;
  for (const char* name : tables) {
    const std::string_view query = embedded_query(std::string(name) + ".sql");
    assert(!query.empty());
    auto rows = sql.query(std::string(query));
    if (!rows) return Error{rows.error().kind, rows.error().what, std::string(name) + ".sql"};
    out[name] = table_json(*rows);
  }
  return out;
}

}  // namespace

PageTime page_time(const TimePlan& time) {
  constexpr std::array widths{second, 10 * second, minute,   5 * minute, 15 * minute,
                              hour,   3 * hour,    6 * hour, 12 * hour,  day};
  PageTime out{time.start, time.length, 4 * day};
  for (const Micros width : widths)
    if ((time.length + width - 1) / width <= buckets_max) {
      out.bucket = width;
      break;
    }
  return out;
}

std::string money_field(const TrackingPlan& plan) {
  std::string first;
  for (const ActionPlan& action : plan.actions)
    for (const FieldPlan& field : action.fields) {
      if (field.type != FieldType::money) continue;
      if (field.name == "revenue") return field.name;
      if (first.empty()) first = field.name;
    }
  return first;
}

std::vector<std::string> funnel_steps(const Scenario& scenario) {
  constexpr std::size_t steps_max = 8;
  std::vector<std::string> out;
  if (scenario.journeys.empty()) return out;
  const JourneyPlan& journey =
      *std::max_element(scenario.journeys.begin(), scenario.journeys.end(),
                        [](const auto& a, const auto& b) { return a.weight < b.weight; });
  std::vector<bool> seen(journey.states.size());
  std::deque<std::size_t> next{journey.start};
  seen[journey.start] = true;
  while (!next.empty() && out.size() < steps_max) {
    const StatePlan& state = journey.states[next.front()];
    next.pop_front();
    if (state.does) {
      const std::string& name = scenario.plan.actions[*state.does].name;
      if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
    }
    for (const Weighted& branch : state.next) {
      if (branch.index == StatePlan::leaves || seen[branch.index]) continue;
      seen[branch.index] = true;
      next.push_back(branch.index);
    }
  }
  return out;
}

bool has_page_tables(const fs::path& ledger) { return fs::exists(file_of(ledger, "verdicts")); }

Result<Json> page_tables(const Scenario& scenario, const fs::path& ledger,
                         const PageSample& sample) {
  duckdb::OpenOptions options;
  options.memory_limit = "2GiB";
  auto database = duckdb::Database::open({}, options);
  if (!database) return database.error();
  auto sql = database->connect();
  if (!sql) return sql.error();
  const fs::path spill = ledger / "page.tmp";
  Result<void> ready = sql->run(fmt::format(
      "set temp_directory = {}; set timezone = 'UTC'; set preserve_insertion_order = false",
      quote_literal(spill.string())));
  if (ready) ready = open_tables(*sql, scenario, ledger);
  if (ready) ready = tell(*sql, scenario, sample);
  if (!ready) return ready.error();
  Result<Json> out = answer(*sql, sample);
  std::error_code gone;
  fs::remove_all(spill, gone);
  return out;
}

}  // namespace parallax
