// SPDX-License-Identifier: Apache-2.0
#include "sim/run/explain_run.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "sim/pipeline/pipeline.h"
#include "sim/run/connection.h"
#include "sim/run/explain_facts.h"
#include "sim/run/run_folder.h"
#include "sim/run/runner.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using duckdb::quote_literal;

/// The tables of the run folder that the facts are made from.
constexpr std::array tables{"actions", "emissions", "attempts", "deliveries", "rows"};

/// What the pipeline stored and what it rejected, in the columns that the facts need.
struct RawTable {
  const char* name;  ///< Of the file, and of the route.
  const char* route;
  const char* columns;  ///< Of the NDJSON, for DuckDB.
  const char* select;
};
constexpr std::array raw_tables{
    RawTable{"raw_events", "/v1/raw_events",
             "{event_id: 'VARCHAR', source: 'VARCHAR', event_name: 'VARCHAR', "
             "client_ts: 'TIMESTAMP', server_ts: 'TIMESTAMP'}",
             "lower(event_id) as event_id, source, event_name, client_ts, server_ts"},
    RawTable{"rejected", "/v1/dead_letters",
             "{event: 'JSON', source: 'VARCHAR', event_name: 'VARCHAR', reason: 'VARCHAR'}",
             "lower(event->>'event_id') as event_id, source, event_name, reason"}};

fs::path file_of(const fs::path& ledger, const char* name) {
  return ledger / (std::string(name) + ".parquet");
}

Result<void> download(const std::string& url, const std::string& path, const fs::path& file) {
  httplib::Client client(url);
  client.set_read_timeout(60, 0);
  std::ofstream out(file, std::ios::binary);
  const auto answer = client.Get(path, [&out](const char* data, std::size_t size) {
    out.write(data, static_cast<std::streamsize>(size));
    return out.good();
  });
  out.close();
  if (answer && answer->status == 200 && out) return {};
  return Error{Error::Kind::io, "the pipeline's rows cannot be read", url + path};
}

/// Starts the pipeline on the run's folder and keeps what it has as tables.
Result<void> keep_raw_tables(const Scenario& scenario, const TargetPlan& target,
                             const RunFolder& folder, const std::string& run_id,
                             duckdb::Connection& sql) {
  const auto pipeline = start_pipeline(scenario.plan, target, folder.pipeline());
  if (!pipeline) return pipeline.error();
  const fs::path lines = folder.ledger() / "raw.ndjson";
  Result<void> done;
  for (const RawTable& table : raw_tables) {
    done = download((*pipeline)->url(), std::string(table.route) + "?run_id=" + run_id, lines);
    if (done)
      done = sql.run(fmt::format(
          "copy (select {} from read_json({}, format = 'newline_delimited', columns = {})) to {} "
          "(format parquet, compression zstd)",
          table.select, quote_literal(lines.string()), table.columns,
          quote_literal(file_of(folder.ledger(), table.name).string())));
    if (!done) break;
  }
  std::error_code none;
  fs::remove(lines, none);
  return done;
}

Result<void> open_raw_tables(const Scenario& scenario, const TargetPlan& target,
                             const RunFolder& folder, duckdb::Connection& sql) {
  const bool there = fs::exists(file_of(folder.ledger(), raw_tables.back().name));
  const bool can_have = target.send.kind == "embedded" && fs::exists(folder.pipeline());
  if (!there && can_have) {
    const Result<RunInfo> info = read_run_info(folder.root);
    if (!info) return info.error();
    if (const auto kept = keep_raw_tables(scenario, target, folder, info->run_id, sql); !kept)
      return kept;
  }
  std::string text = fmt::format("set variable has_raw = {};", there || can_have);
  for (const RawTable& table : raw_tables) {
    const std::string name = table.name == std::string_view("raw_events") ? "raw" : table.name;
    const std::string file = quote_literal(file_of(folder.ledger(), table.name).string());
    text += there || can_have
                ? fmt::format("create view {} as from read_parquet({});", name, file)
                : fmt::format(
                      "create table {} (event_id varchar, source varchar, event_name "
                      "varchar, reason varchar, client_ts timestamp, server_ts timestamp);",
                      name);
  }
  return sql.run(text);
}

Result<void> open_ledger(const RunFolder& folder, duckdb::Connection& sql) {
  for (const char* name : tables) {
    const fs::path file = file_of(folder.ledger(), name);
    if (!fs::exists(file))
      return Error{Error::Kind::invalid_input,
                   "is missing: `parallax judge --tables` of the run folder writes it",
                   file.string()};
    const Result<void> made = sql.run(
        fmt::format("create view {} as from read_parquet({})", name, quote_literal(file.string())));
    if (!made) return made;
  }
  return {};
}

/// Buckets of an hour, or shorter ones where the run is short.
Micros bucket_of(Micros length) {
  constexpr std::int64_t buckets_min = 48;
  for (const Micros width : {hour, 15 * minute, 5 * minute, minute})
    if (length / width >= buckets_min) return width;
  return second;
}

explain::Facts empty_facts(const Scenario& scenario, const std::string& event) {
  explain::Facts facts;
  facts.event = event;
  facts.start = scenario.time.start;
  facts.bucket = bucket_of(scenario.time.length);
  facts.buckets =
      static_cast<std::int32_t>((scenario.time.length + facts.bucket - 1) / facts.bucket);
  facts.knows_unseen = true;
  for (const DeployPlan& deploy : scenario.deploys)
    facts.deploys.push_back({deploy.at, deploy.label});
  return facts;
}

std::optional<explain::Windows> windows_of(const std::optional<Spans>& spans,
                                           const explain::Facts& facts) {
  if (!spans) return std::nullopt;
  const auto bucket = [&](Micros at) { return static_cast<std::int32_t>(at / facts.bucket); };
  return explain::Windows{{bucket(spans->before_from), bucket(spans->before_until)},
                          {bucket(spans->after_from), bucket(spans->after_until)}};
}

/// The rows that one side has stored, those of the best suspect, with whether they were kept.
Result<std::string> absorption(const explain::Facts& facts, const explain::Explanation& e,
                               const std::vector<FactAttribute>& attributes,
                               const std::set<std::string>& ids, duckdb::Connection& sql) {
  const explain::Step* step = e.mechanism();
  if (step == nullptr || !facts.whys[step->why].ends_with("stored, and not counted"))
    return std::string();
  const std::string side = step->client ? "client" : "server";
  std::string where = fmt::format("f.fact_bucket >= {}", e.after_window.from);
  for (const auto& [attribute, code] : e.best.predicates)
    where += fmt::format(" and {} = {}", attributes[attribute].expression,
                         quote_literal(facts.attributes[attribute].predicates[code]));
  const Result<void> made = sql.run(fmt::format(
      "create or replace temp table stored_rows as select f.*, f.fact_{0} > 0 as kept, "
      "date_trunc('second', t.seen) as \"second\", date_trunc('minute', t.seen) as \"minute\", "
      "date_trunc('hour', t.seen) as \"hour\", date_trunc('day', t.seen) as \"day\" from facts f "
      "join "
      "(select i.action_id, min(coalesce(r.server_ts, r.client_ts)) as seen from raw r join ids i "
      "using (event_id) where r.source = '{0}' group by all) t using (action_id) where {1}",
      side, where));
  if (!made) return made.error();
  std::vector<std::string> keys{"\"second\"", "\"minute\"", "\"hour\"", "\"day\""};
  for (const std::string& id : ids)
    if (id == "user_id" || id == "session_id" || id == "device_id")
      keys.insert(keys.end(), {id, id + ", \"day\""});
  return absorbed_by(sql, "stored_rows", keys);
}

}  // namespace

std::optional<std::string> explained_event(const Scenario& scenario) {
  for (const AssertionPlan& plan : scenario.assertions)
    if (plan.that == "ratio" && plan.of && !plan.per) return scenario.plan.actions[*plan.of].name;
  for (const ActionPlan& action : scenario.plan.actions)
    if (action.client && action.server) return action.name;
  return std::nullopt;
}

Result<explain::Explanation> explain_run(const Scenario& scenario, const TargetPlan& target,
                                         const fs::path& root, const std::string& event,
                                         const std::optional<Spans>& spans) {
  const RunFolder folder{root};
  auto database = duckdb::Database::open({});
  if (!database) return database.error();
  auto sql = database->connect();
  if (!sql) return sql.error();
  explain::Facts facts = empty_facts(scenario, event);
  Result<void> done = open_ledger(folder, *sql);
  if (done) done = open_raw_tables(scenario, target, folder, *sql);
  if (done)
    done = sql->run(fmt::format("set variable event = {}; set variable start_us = {}; "
                                "set variable bucket_us = {};\n",
                                quote_literal(event), facts.start.since_epoch, facts.bucket) +
                    std::string(embedded_explanation("of_run.sql")));
  if (!done) return done.error();
  const std::set<std::string> ids{"action_id",  "user_id",      "device_id", "session_id",
                                  "event_name", "sequence_id",  "sampled",   "refused",
                                  "counts",     "consent_state"};
  const auto attributes = fact_attributes(*sql, ids);
  if (!attributes) return attributes.error();
  if (done = count_facts(*sql, *attributes, facts); !done) return done.error();
  explain::Explanation out = explain::explain(facts, windows_of(spans, facts));
  if (out.finding != explain::Finding::cause) return out;
  Result<std::string> note = absorption(facts, out, *attributes, ids, *sql);
  if (!note) return note.error();
  if (!note->empty()) out.notes.push_back(std::move(*note));
  return out;
}

}  // namespace parallax
