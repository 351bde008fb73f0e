// SPDX-License-Identifier: Apache-2.0
// The user's tables under our names: files and databases, column maps, sides.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "sim/run/monitor.h"

namespace parallax {
namespace {

using duckdb::quote_literal;
using duckdb::quote_name;

/// A column that the checks know, and how any value becomes one of it.
struct Known {
  const char* name;
  const char* as;  ///< SQL with {} for the value.
};
constexpr const char* as_text = "nullif(trim(({})::varchar), '')";
constexpr const char* as_instant = "as_instant(({})::varchar)";
constexpr const char* as_amount = "try_cast(({})::varchar as decimal(18, 4))";
constexpr std::array raw_columns{Known{"event_name", as_text},
                                 Known{"source", "lower(trim(({})::varchar))"},
                                 Known{"event_id", "lower(nullif(trim(({})::varchar), ''))"},
                                 Known{"order_id", as_text},
                                 Known{"user_id", as_text},
                                 Known{"consent_state", as_text},
                                 Known{"currency", as_text},
                                 Known{"revenue", as_amount},
                                 Known{"client_ts", as_instant},
                                 Known{"server_ts", as_instant},
                                 Known{"ingestion_ts", as_instant}};
constexpr std::array clean_columns{Known{"event_name", as_text},
                                   Known{"event_id", "lower(nullif(trim(({})::varchar), ''))"}};
constexpr std::array rejected_columns{Known{"event_id", "lower(nullif(trim(({})::varchar), ''))"},
                                      Known{"event_name", as_text},
                                      Known{"source", "lower(trim(({})::varchar))"},
                                      Known{"reason", as_text}, Known{"ingestion_ts", as_instant}};

/// Epoch seconds or milliseconds as digits, or any text that DuckDB reads as a timestamp.
constexpr const char* macros =
    "set timezone = 'UTC'; create macro as_instant(x) as case "
    "when regexp_full_match(x, '[0-9]{12,14}') then make_timestamp(1000 * try_cast(x as bigint)) "
    "when regexp_full_match(x, '[0-9]{9,11}') then make_timestamp(1000000 * try_cast(x as bigint)) "
    "else try_cast(x as timestamp) end;";

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return text.ends_with(end); });
}

/// What stands behind FROM; databases are attached as db0, db1, ...
Result<std::string> relation_of(const MonitorTable& table, std::size_t number,
                                duckdb::Connection& sql) {
  const std::string path = table.path.string(), quoted = quote_literal(path);
  if (ends_with_any(path, {".parquet"})) return "read_parquet(" + quoted + ")";
  if (ends_with_any(path, {".csv", ".csv.gz"})) return "read_csv(" + quoted + ")";
  if (ends_with_any(path, {".ndjson", ".jsonl", ".json", ".ndjson.gz", ".jsonl.gz", ".json.gz"}))
    return "read_json(" + quoted + ")";
  if (!ends_with_any(path, {".duckdb", ".db"}))
    return Error{Error::Kind::invalid_input,
                 "expected a name that ends in .csv, .parquet, .ndjson, .jsonl, .json or .duckdb",
                 path};
  const std::string name = fmt::format("db{}", number);
  const Result<void> attached =
      sql.run(fmt::format("attach if not exists {} as {} (read_only)", quoted, quote_name(name)));
  if (!attached) return Error{Error::Kind::invalid_input, attached.error().what, path};
  if (table.query.empty()) return name + "." + quote_name(table.table);
  const Result<void> asked = sql.run(fmt::format(
      "use {0}; create or replace temp table asked_{0} as {1}; use memory;", name, table.query));
  if (!asked) return Error{Error::Kind::invalid_input, asked.error().what, path};
  return "asked_" + name;
}

Result<std::vector<std::string>> columns_of(const std::string& relation, const MonitorTable& table,
                                            duckdb::Connection& sql) {
  auto described = sql.query("select column_name from (describe from " + relation + ")");
  if (!described)
    return Error{Error::Kind::invalid_input, described.error().what, table.path.string()};
  std::vector<std::string> out;
  for (const auto& row : described->texts()) out.push_back(row[0]);
  return out;
}

/// Where our column comes from: as the map says, else their column of the same name.
std::string expression_of(std::string_view ours, const MonitorTable& table,
                          const std::vector<std::string>& theirs) {
  const auto has = [&](std::string_view name) {
    return std::find(theirs.begin(), theirs.end(), name) != theirs.end();
  };
  for (const auto& [name, from] : table.columns)
    if (name == ours) return has(from) ? quote_name(from) : from;
  return has(ours) ? quote_name(ours) : "null";
}

/// SELECT of the known columns; with `further`, also everything else that the user has or maps.
template <std::size_t n>
Result<std::string> select_of(const MonitorTable& table, const std::array<Known, n>& known,
                              bool further, std::size_t number, duckdb::Connection& sql) {
  Result<std::string> relation = relation_of(table, number, sql);
  if (!relation) return relation;
  const auto theirs = columns_of(*relation, table, sql);
  if (!theirs) return theirs.error();
  std::string list;
  std::set<std::string> used;
  for (const Known& column : known) {
    std::string from = expression_of(column.name, table, *theirs);
    if (column.name == std::string_view("source") && !table.source.empty())
      from = quote_literal(table.source);
    list += (list.empty() ? "" : ", ") + fmt::format(fmt::runtime(column.as), from) + " as " +
            quote_name(column.name);
    used.insert(column.name);
  }
  for (const auto& [ours, from] : table.columns) {
    used.insert(from);
    if (!further || used.contains(ours)) continue;
    used.insert(ours);
    list += ", " + expression_of(ours, table, *theirs) + " as " + quote_name(ours);
  }
  for (const std::string& name : *theirs)
    if (further && !used.contains(name)) list += ", " + quote_name(name);
  return fmt::format("select {} from {}", list, *relation);
}

std::string words(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& word : list) {
    std::string lower = word;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    out += (out.empty() ? "" : ", ") + quote_literal(lower);
  }
  return "(" + out + ")";
}

/// Sides by the user's words. Errors: a value that is neither.
Result<void> name_sides(const MonitorPlan& plan, const std::string& table,
                        duckdb::Connection& sql) {
  std::vector<std::string> client = plan.client, server = plan.server;
  client.emplace_back("client");
  server.emplace_back("server");
  auto odd = sql.query(fmt::format(
      "select coalesce(source, 'nothing'), count(*) from {} where source is null or (source not in "
      "{} and source not in {}) group by 1 order by 2 desc limit 5",
      table, words(client), words(server)));
  if (!odd) return odd.error();
  std::string found;
  for (const auto& row : odd->texts())
    found += (found.empty() ? "" : ", ") + row[0] + " in " + row[1] + " rows";
  if (!found.empty())
    return Error{Error::Kind::invalid_input,
                 "the column source says " + found +
                     "; \"client\" and \"server\" of the monitor file name the values of each side",
                 plan.raw.front().path.string()};
  return sql.run(
      fmt::format("update {} set source = case when source in {} then 'client' else "
                  "'server' end",
                  table, words(client)));
}

template <std::size_t n>
Result<void> open_one(const char* name, const std::optional<MonitorTable>& table,
                      const std::array<Known, n>& known, std::size_t number,
                      duckdb::Connection& sql) {
  std::string select;
  if (table) {
    Result<std::string> made = select_of(*table, known, false, number, sql);
    // The tables of a database that nobody described may be missing.
    const bool optional = table->columns.empty() && table->query.empty();
    if (!made && !optional) return made.error();
    if (made) select = *made;
  }
  if (select.empty())
    for (const Known& column : known)
      select += (select.empty() ? "select " : ", ") + fmt::format(fmt::runtime(column.as), "null") +
                " as " + quote_name(column.name);
  return sql.run(
      fmt::format("create table {} as {}{}", name, select,
                  table && select.find(" from ") != std::string::npos ? "" : " limit 0"));
}

Result<void> open_raw(const MonitorPlan& plan, duckdb::Connection& sql) {
  std::string text;
  for (std::size_t i = 0; i < plan.raw.size(); ++i) {
    const Result<std::string> select = select_of(plan.raw[i], raw_columns, true, i, sql);
    if (!select) return select.error();
    text += (i == 0 ? "" : " union all by name ") + *select;
  }
  const Result<void> made =
      sql.run(fmt::format("create table raw_rows as select row_number() over () as row_number, *, "
                          "coalesce(server_ts, client_ts, ingestion_ts) as instant from ({})",
                          text));
  if (!made)
    return Error{Error::Kind::invalid_input, made.error().what, plan.raw.front().path.string()};
  const auto usable = sql.integer(
      "select count(*) from raw_rows where event_name is not null and instant is not null");
  if (!usable) return usable.error();
  if (*usable == 0)
    return Error{
        Error::Kind::invalid_input,
        "no raw row has an event_name and a time; \"columns\" of the monitor file says what "
        "they are called (event_name, event_id, source, client_ts, server_ts)",
        plan.raw.front().path.string()};
  return name_sides(plan, "raw_rows", sql);
}

}  // namespace

Result<std::vector<std::string>> open_monitor_tables(const MonitorPlan& plan,
                                                     duckdb::Connection& sql) {
  Result<void> done = sql.run(macros);
  if (done) done = open_raw(plan, sql);
  if (done) done = open_one("clean_rows", plan.clean, clean_columns, plan.raw.size(), sql);
  if (done)
    done = open_one("rejected_rows", plan.rejected, rejected_columns, plan.raw.size() + 1, sql);
  if (!done) return done.error();
  auto described = sql.query("select column_name from (describe raw_rows)");
  if (!described) return described.error();
  std::vector<std::string> further;
  for (const auto& row : described->texts()) {
    const bool ours = row[0] == "row_number" || row[0] == "instant" ||
                      std::any_of(raw_columns.begin(), raw_columns.end(),
                                  [&](const Known& known) { return row[0] == known.name; });
    if (!ours) further.push_back(row[0]);
  }
  return further;
}

}  // namespace parallax
