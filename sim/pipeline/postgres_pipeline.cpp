// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/postgres_pipeline.h"

#include <array>
#include <cassert>

#include "sim/core/duckdb.h"
#include "sim/core/postgres.h"
#include "sim/pipeline/models.h"

namespace parallax {
namespace {

constexpr std::array<BugKind, 7> kinds{{
    {"no_dedupe", "raw rows go straight to the clean table"},
    {"null_id_partition", "all rows without an event_id collapse into one"},
    {"client_wins", "the client's row is kept where both sides were heard"},
    {"keeps_first", "`on conflict do nothing`: what arrives after a refresh never gets in"},
    {"minute_bucket_key", "the composite key of rows without an id holds the calendar minute"},
    {"consent_ignored_server", "server rows are kept although consent was refused"},
    {"totals_local_day", "the daily totals cut the day at midnight in Los Angeles"},
}};

/// Names as a PostgreSQL array.
std::string array_of(const std::vector<std::string>& names) {
  std::string out = "array[";
  for (const std::string& name : names)
    out += (out.back() == '[' ? "" : ", ") + duckdb::quote_literal(name);
  return out + "]::text[]";
}

std::string contract_rows(const TrackingPlan& plan) {
  std::string sql = "truncate contract;\n";
  for (const ActionPlan& action : plan.actions) {
    std::vector<std::string> of_client, shared;
    for (const FieldPlan& field : action.fields) {
      if (field.owner == Source::client) of_client.push_back(field.name);
      if (field.on_client && field.on_server) shared.push_back(field.name);
    }
    const std::string confirmed =
        action.confirmed_by ? duckdb::quote_literal(name_of(*action.confirmed_by)) : "null";
    sql += "insert into contract values (" + duckdb::quote_literal(action.name) + ", " + confirmed +
           ", " + array_of(of_client) + ", " + array_of(shared) + ");\n";
  }
  return sql;
}

}  // namespace

std::vector<BugKind> postgres_bug_kinds() { return {kinds.begin(), kinds.end()}; }

Result<BugSwitch> parse_postgres_bug(std::string_view text) {
  return pipeline::parse_bug_among(text, kinds);
}

namespace pipeline {

Result<std::string> postgres_models(const std::vector<BugSwitch>& bugs,
                                    const TrackingPlan& contract) {
  std::string sql(embedded_postgres_model("tables.sql"));
  sql += embedded_postgres_model("clean_events.sql");
  ReplacedSteps replaced;
  for (const BugSwitch& bug : bugs) {
    const std::string_view model = embedded_postgres_model("bugs/" + bug.name + ".sql");
    assert(!model.empty());
    if (const Result<void> alone = replaced.add("bug " + bug.name, model); !alone)
      return alone.error();
    // The first 60 bits of a hash of the case: the same cases every time.
    sql += "create or replace function " + bug.name +
           "_hits(case_key text) returns boolean immutable language sql as $$ select ('x' || "
           "left(md5(concat(" +
           duckdb::quote_literal(bug.name) + ", ' ', case_key)), 15))::bit(60)::bigint % " +
           std::to_string(Ratio::one) + " < " + std::to_string(bug.share.parts) + " $$;\n";
    sql += model;
  }
  return sql + contract_rows(contract);
}

}  // namespace pipeline

Result<void> install_postgres_pipeline(const PostgresPipelineOptions& options) {
  const Result<std::string> script = pipeline::postgres_models(options.bugs, options.contract);
  if (!script) return script.error();
  Result<postgres::Connection> session = postgres::Connection::open(options.dsn, options.timeout);
  if (!session) return session.error();
  // Two installers at a time would meet in the catalogue: the second one waits.
  return session->run("select pg_advisory_xact_lock(hashtext('parallax models'));\n" + *script);
}

}  // namespace parallax
