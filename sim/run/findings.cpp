// SPDX-License-Identifier: Apache-2.0
#include "sim/run/findings.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <system_error>

#include "assertions/blame.h"
#include "assertions/judgement.h"
#include "sim/core/duckdb.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using duckdb::quote_literal;

/// Causes that only one kind of fault brings about, besides those of Blame.
struct OwnCause {
  std::string_view kind;
  Cause cause;
};
constexpr std::array own_causes{
    OwnCause{"double_fire", Cause::double_fire},
    OwnCause{"worker_replay", Cause::double_fire},
    OwnCause{"double_fire", Cause::double_fire_new_id},
    OwnCause{"worker_replay", Cause::double_fire_new_id},
    OwnCause{"missing_id", Cause::id_missing},
    OwnCause{"missing_id", Cause::null_id},
    OwnCause{"regenerated_id", Cause::id_regenerated},
    OwnCause{"dual_write", Cause::dual_write},
    OwnCause{"renamed_event", Cause::two_names},
    OwnCause{"consent_drift", Cause::consent_ignored},
    OwnCause{"sampling_drift", Cause::sampling_ignored},
    OwnCause{"early_success", Cause::refused_counted},
};

std::vector<Cause> causes_of(std::string_view kind) {
  std::vector<Cause> causes;
  if (const auto named = cause_of_fault(kind)) causes.push_back(*named);
  for (const OwnCause& own : own_causes)
    if (own.kind == kind && (causes.empty() || own.cause != causes.front()))
      causes.push_back(own.cause);
  return causes;
}

/// The fault, and those without which it strikes nothing.
std::string with_company(const Scenario& scenario, std::size_t fault) {
  std::string text = scenario.faults[fault].name;
  for (std::size_t i = 0; i < fault; ++i)
    if ((scenario.faults[fault].selector.with >> i & 1U) != 0)
      text += " and " + scenario.faults[i].name;
  return text;
}

/// A list of structs: a cause, the fault that brings it about, what it then needs.
std::string rules_sql(const Scenario& scenario) {
  std::vector<std::string> rules;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    for (const Cause cause : causes_of(scenario.faults[i].fault))
      rules.push_back(fmt::format(
          "{{'cause': {}, 'fault': {}, 'needs': {}}}", quote_literal(name_of(cause)),
          quote_literal(scenario.faults[i].name), quote_literal(with_company(scenario, i))));
  return fmt::format("([{}]::struct(cause varchar, fault varchar, needs varchar)[])",
                     fmt::join(rules, ", "));
}

std::string failing_sql() {
  std::vector<std::string> failing;
  for (std::size_t i = 0; i < action_verdict_count; ++i)
    if (const auto verdict = static_cast<ActionVerdict>(i); severity(verdict) == Verdict::fail)
      failing.push_back(quote_literal(name_of(verdict)));
  return fmt::format("({})", fmt::join(failing, ", "));
}

constexpr std::string_view touched_sql =
    "if(faults = '', []::varchar[], string_split(faults, ', ')) as touched";

/// One connection of its own: few rows are looked at, in the order of the ledger.
struct Session {
  duckdb::Database database;
  duckdb::Connection connection;
};
Result<Session> open_session() {
  auto database =
      duckdb::Database::open({}, {.read_only = false, .threads = 1, .memory_limit = {}});
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  return Session{std::move(*database), std::move(*connection)};
}

/// The answer of `select` as findings.parquet, in one step: nobody sees half of it.
Result<void> write_findings(Session& session, const fs::path& ledger, const std::string& select) {
  const fs::path part = ledger / (std::string(findings_file) + ".part");
  const Result<void> written = session.connection.run(
      "copy (" + select + ") to " + quote_literal(part.string()) + " (format parquet)");
  std::error_code failed;
  if (written) fs::rename(part, ledger / findings_file, failed);
  if (!written || failed) {
    std::error_code ignored;
    fs::remove(part, ignored);
  }
  if (!written) return written;
  if (failed) return Error{Error::Kind::io, failed.message(), part.string()};
  return {};
}

std::string table_in(const fs::path& ledger, const char* file) {
  return "read_parquet(" + quote_literal((ledger / file).string()) + ", file_row_number = true)";
}

/// A table `run_0`, `run_1`, ... of the findings that stand in each.
Result<void> load_runs(Session& session, std::span<const FewerFaults> runs) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string verdicts = table_in(runs[i].ledger, verdicts_file);
    const auto open = session.connection.integer("select count(*) from " + verdicts +
                                                 " where verdict = 'unevaluated'");
    if (!open) return open.error();
    if (*open > 0)
      return Error{
          Error::Kind::protocol,
          "the run without " + runs[i].without.front() + " could not be judged: nothing is proved",
          runs[i].ledger.string()};
    const Result<void> loaded = session.connection.run(fmt::format(
        "create temp table run_{} as select action_id, unnest(string_split(findings, ', ')) as "
        "verdict from {} where findings <> ''",
        i, verdicts));
    if (!loaded) return loaded;
  }
  return {};
}

std::string list_sql(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back(quote_literal(name));
  return fmt::format("[{}]::varchar[]", fmt::join(quoted, ", "));
}

/// Findings with `touched`; `needs`: the single faults without which they are gone; `either`: sets
/// of that kind; `is_tried`: their own set was.
std::string proved_sql(const fs::path& ledger, std::span<const FewerFaults> runs) {
  std::vector<std::string> needs, either, tried;
  std::string joins;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::vector<std::string>& without = runs[i].without;
    joins += fmt::format(
        " left join run_{0} on run_{0}.action_id = f.action_id and run_{0}.verdict = f.verdict", i);
    if (without.size() == 1) {
      needs.push_back(
          fmt::format("if(run_{0}.action_id is null and list_contains(touched, {1}), {1}, null)", i,
                      quote_literal(without.front())));
      continue;
    }
    either.push_back(fmt::format(
        "if(run_{}.action_id is null and list_has_all(touched, {}), {}, null)", i,
        list_sql(without), quote_literal(fmt::format("{}", fmt::join(without, " or ")))));
    tried.push_back(fmt::format("list_has_all({}, touched)", list_sql(without)));
  }
  return fmt::format(
      "select f.*, [n for n in ([{}]::varchar[]) if n is not null] as needs, [n for n in "
      "([{}]::varchar[]) if n is not null] as either, list_bool_or([{}]::bool[]) as is_tried from "
      "(select *, {} from {}) f{}",
      fmt::join(needs, ", "), fmt::join(either, ", "), fmt::join(tried, ", "), touched_sql,
      table_in(ledger, findings_file), joins);
}

}  // namespace

Result<void> export_findings(const Scenario& scenario, const fs::path& ledger) {
  auto session = open_session();
  if (!session) return session.error();
  return write_findings(
      *session, ledger,
      fmt::format(
          "with found as (select action_id, event_name, verdict as headline, cause as own, faults, "
          "file_row_number, {}, unnest(string_split(findings, ', ')) as verdict from {} where "
          "findings <> ''), "
          "failing as (select *, if(verdict = headline and own <> 'none', own, null) as cause from "
          "found where verdict in {}), "
          "ruled as (select *, [r.needs for r in {} if r.cause = cause and "
          "list_contains(touched, r.fault)] as names from failing) "
          "select action_id, event_name, verdict, cause, faults, "
          "case when faults = '' then '' when len(names) = 1 then names[1] end as needed, "
          "case when faults = '' then 'untouched' when len(names) = 1 then 'cause' end as proof "
          "from ruled order by file_row_number, verdict",
          touched_sql, table_in(ledger, verdicts_file), failing_sql(), rules_sql(scenario)));
}

Result<std::vector<std::string>> faults_of_findings(const fs::path& ledger) {
  auto session = open_session();
  if (!session) return session.error();
  auto rows = session->connection.query(
      fmt::format("select fault from (select unnest(touched) as fault from (select {} from {})) "
                  "group by fault order by count(*) desc, fault",
                  touched_sql, table_in(ledger, findings_file)));
  if (!rows) return rows.error();
  std::vector<std::string> faults;
  for (auto& row : rows->texts()) faults.push_back(std::move(row[0]));
  return faults;
}

Result<std::vector<std::vector<std::string>>> doubtful_sets(const fs::path& ledger,
                                                            std::span<const FewerFaults> runs) {
  auto session = open_session();
  if (!session) return session.error();
  if (const Result<void> loaded = load_runs(*session, runs); !loaded) return loaded.error();
  auto rows = session->connection.query(
      fmt::format("select faults from ({}) where len(touched) > 1 and len(needs) = 0 "
                  "group by faults order by count(*) desc, faults",
                  proved_sql(ledger, runs)));
  if (!rows) return rows.error();
  std::vector<std::vector<std::string>> sets;
  for (const auto& row : rows->texts()) sets.push_back(report_text::split(row[0], ", "));
  return sets;
}

Result<void> prove_findings(const fs::path& ledger, std::span<const FewerFaults> runs) {
  auto session = open_session();
  if (!session) return session.error();
  if (const Result<void> loaded = load_runs(*session, runs); !loaded) return loaded;
  return write_findings(
      *session, ledger,
      fmt::format(
          "with proved as ({}), told as (select *, "
          "case when len(needs) > 0 then array_to_string(needs, ' and ') "
          "when len(either) > 0 then either[1] "
          "when len(touched) < 2 or is_tried then '' end as now_needed from proved) "
          "select action_id, event_name, verdict, cause, faults, now_needed as needed, "
          "if(now_needed is null, null, 'replay') as proof from told order by file_row_number",
          proved_sql(ledger, runs)));
}

Result<std::vector<FindingGroup>> finding_groups(const fs::path& ledger) {
  auto session = open_session();
  if (!session) return session.error();
  auto rows = session->connection.query(
      "select verdict, coalesce(cause, ''), coalesce(needed, ''), needed is not null, "
      "coalesce(proof, ''), count(*), arg_min(action_id, file_row_number) from " +
      table_in(ledger, findings_file) + " group by all order by count(*) desc, verdict, 2, 3, 5");
  if (!rows) return rows.error();
  std::vector<FindingGroup> groups;
  for (auto& row : rows->texts())
    groups.push_back(
        {row[0], row[1], row[2], row[3] == "true", row[4], std::stoull(row[5]), row[6]});
  return groups;
}

}  // namespace parallax
