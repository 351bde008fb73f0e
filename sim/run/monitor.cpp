// SPDX-License-Identifier: Apache-2.0
#include "sim/run/monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "sim/core/duckdb_text.h"
#include "sim/run/explain_facts.h"

namespace parallax {
namespace {

using duckdb::quote_literal;
using duckdb::quote_name;

struct Check {
  const char* name;
  const char* title;
};
constexpr std::array checks{
    Check{"ratio", "Client rows per server row, by day"},
    Check{"joinability", "Joined by event_id"},
    Check{"hours", "The same hour by both clocks"},
    Check{"revenue", "Revenue of the same order, by currency"},
    Check{"orders", "The orders that differ most"},
    Check{"latency", "Latency"},
    Check{"losses", "Rejected, by reason"},
    Check{"clean", "The clean table against the raw rows"},
    Check{"consent", "Consent and sampling"},
};

constexpr Micros comparison = 7 * day;

SimTime time_of(std::int64_t us) { return SimTime{us}; }

/// Texts as they are printed: NULL says nothing.
std::string shown(const std::string& text) { return text == "NULL" ? "" : text; }

Result<MonitorCheck> run_check(const Check& check, duckdb::Connection& sql) {
  const std::string_view query = embedded_monitor(std::string(check.name) + ".sql");
  assert(!query.empty());
  auto rows = sql.query(std::string(query));
  if (!rows) return Error{rows.error().kind, rows.error().what, std::string(check.name) + ".sql"};
  MonitorCheck out;
  out.name = check.name;
  out.title = check.title;
  for (std::size_t i = 0; i + 1 < rows->columns(); ++i) out.columns.push_back(rows->column_name(i));
  for (const auto& row : rows->texts()) {
    out.alerts.push_back(row.back() == "true");
    std::vector<std::string> cells;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) cells.push_back(shown(row[i]));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

Result<void> set_variables(const MonitorSpans& spans, const MonitorBounds& bounds,
                           duckdb::Connection& sql) {
  std::string text;
  const std::array<std::pair<const char*, SimTime>, 4> ends{{{"before_from", spans.before_from},
                                                             {"before_until", spans.before_until},
                                                             {"after_from", spans.after_from},
                                                             {"after_until", spans.after_until}}};
  for (const auto& [name, at] : ends)
    text += fmt::format("set variable {} = make_timestamp({});", name, at.since_epoch);
  for (const auto& [name, bound] : bounds_of(bounds))
    text += fmt::format("set variable slo_{} = {};", name, bound);
  return sql.run(text + std::string(embedded_monitor("prepare.sql")));
}

/// The events to explain, with the most rows first.
Result<std::vector<std::string>> events_of(const MonitorPlan& plan, duckdb::Connection& sql) {
  if (!plan.events.empty()) return plan.events;
  auto asked = sql.query(
      "select event_name from pairs semi join both_sides using (event_name) group by 1 "
      "order by count(*) desc, 1 limit 10");
  if (!asked) return asked.error();
  std::vector<std::string> out;
  for (const auto& row : asked->texts()) out.push_back(row[0]);
  return out;
}

/// The first value that any row of an action has in each of the user's columns.
Result<void> make_values(const std::vector<std::string>& columns, duckdb::Connection& sql) {
  std::string list;
  for (const std::string& column : columns)
    list += ", min(" + quote_name(column) + ") as " + quote_name(column);
  return sql.run(
      "create or replace temp table values_of as select coalesce(event_id, 'row ' || "
      "row_number) as key, min(currency) as currency, min(revenue) as revenue" +
      list + " from raw_rows where event_name = getvariable('event') group by 1");
}

explain::Facts facts_for(const std::string& event, const MonitorPlan& plan,
                         const MonitorReport& report) {
  explain::Facts facts;
  facts.event = event;
  facts.start = report.first.floor(day);
  const Micros length = report.last - facts.start + 1;
  facts.bucket = hour;
  while (length / facts.bucket > 2'000) facts.bucket *= 2;
  facts.buckets = static_cast<std::int32_t>(length / facts.bucket + 1);
  for (const auto& [at, label] : plan.deploys) facts.deploys.push_back({at - facts.start, label});
  return facts;
}

Result<explain::Facts> count_event(const std::string& event, const MonitorPlan& plan,
                                   const std::vector<std::string>& columns,
                                   const MonitorReport& report, duckdb::Connection& sql) {
  explain::Facts facts = facts_for(event, plan, report);
  Result<void> done = sql.run(fmt::format(
      "set variable event = {}; set variable start_us = {}; set variable bucket_us = {};",
      quote_literal(event), facts.start.since_epoch, facts.bucket));
  if (done) done = make_values(columns, sql);
  if (done) done = sql.run(std::string(embedded_explanation("of_tables.sql")));
  if (!done) return done.error();
  const auto attributes = fact_attributes(sql, {});
  if (!attributes) return attributes.error();
  if (done = count_facts(sql, *attributes, facts); !done) return done.error();
  return facts;
}

explain::Windows windows_of(const MonitorSpans& spans, const explain::Facts& facts) {
  const auto bucket = [&](SimTime at) {
    const Micros since = std::max<Micros>(at - facts.start, 0);
    return static_cast<std::int32_t>(
        std::min<Micros>((since + facts.bucket - 1) / facts.bucket, facts.buckets));
  };
  return {{bucket(spans.before_from), bucket(spans.before_until)},
          {bucket(spans.after_from), bucket(spans.after_until)}};
}

MonitorSpans spans_of(const explain::Explanation& e) {
  const auto at = [&](std::int32_t bucket) { return e.start + bucket * e.bucket; };
  return {at(e.before_window.from), at(e.before_window.until), at(e.after_window.from),
          at(e.after_window.until)};
}

/// Seven days against those before them where there are as many, else halves.
MonitorSpans spans_by_calendar(const MonitorReport& report) {
  const SimTime end = report.last.floor(day) + day;
  const SimTime start = report.first.floor(day);
  const Micros length = end - start;
  const SimTime cut = length > comparison + day ? end - comparison : start + length / 2;
  return {std::max(start, cut - comparison), cut, cut, end};
}

/// First explanations without windows: the strongest change decides what everything compares.
Result<void> choose_spans(const std::vector<explain::Facts>& facts, MonitorReport& report) {
  const explain::Explanation* strongest = nullptr;
  std::vector<explain::Explanation> found;
  for (const explain::Facts& each : facts) found.push_back(explain::explain(each));
  for (const explain::Explanation& e : found)
    if (e.change && (strongest == nullptr || e.change_score > strongest->change_score))
      strongest = &e;
  if (strongest != nullptr) {
    report.spans = spans_of(*strongest);
    report.spans_by = "the strongest change of a ratio, that of " + strongest->event;
    report.explanations = std::move(found);
    return {};
  }
  report.spans = spans_by_calendar(report);
  report.spans_by = "the calendar: no ratio changed";
  report.explanations = std::move(found);
  return {};
}

Result<void> measure(MonitorReport& report, duckdb::Connection& sql) {
  auto rows = sql.query(
      "select epoch_us(min(instant)), epoch_us(max(instant)), count(*) filter (source = 'client'), "
      "count(*) filter (source = 'server') from raw_rows");
  if (!rows) return rows.error();
  const auto texts = rows->texts().front();
  report.first = time_of(std::stoll(texts[0]));
  report.last = time_of(std::stoll(texts[1]));
  report.client_rows = std::stoull(texts[2]);
  report.server_rows = std::stoull(texts[3]);
  return {};
}

Result<void> explain_events(const MonitorPlan& plan, const std::optional<MonitorSpans>& spans,
                            const std::vector<std::string>& columns, MonitorReport& report,
                            duckdb::Connection& sql) {
  const auto events = events_of(plan, sql);
  if (!events) return events.error();
  std::vector<explain::Facts> facts;
  for (const std::string& event : *events) {
    Result<explain::Facts> counted = count_event(event, plan, columns, report, sql);
    if (!counted) return counted.error();
    facts.push_back(std::move(*counted));
  }
  if (!spans) return choose_spans(facts, report);
  report.spans = *spans;
  report.spans_by = "--baseline and --window";
  for (const explain::Facts& each : facts)
    report.explanations.push_back(explain::explain(each, windows_of(*spans, each)));
  return {};
}

}  // namespace

std::size_t MonitorCheck::alert_count() const {
  return static_cast<std::size_t>(std::count(alerts.begin(), alerts.end(), true));
}

std::size_t MonitorReport::alerts() const {
  return std::accumulate(checks.begin(), checks.end(), std::size_t{0},
                         [](std::size_t sum, const auto& c) { return sum + c.alert_count(); });
}

Result<MonitorReport> monitor(const MonitorPlan& plan, const MonitorBounds& bounds,
                              const std::optional<MonitorSpans>& spans) {
  auto database = duckdb::Database::open({});
  if (!database) return database.error();
  auto sql = database->connect();
  if (!sql) return sql.error();
  const auto columns = open_monitor_tables(plan, *sql);
  if (!columns) return columns.error();
  MonitorReport report;
  report.about = plan.about;
  Result<void> done = measure(report, *sql);
  // `pairs` has to be there before anything is explained; its parts, once the spans are known.
  if (done) done = set_variables(spans.value_or(spans_by_calendar(report)), bounds, *sql);
  if (done) done = explain_events(plan, spans, *columns, report, *sql);
  if (done) done = set_variables(report.spans, bounds, *sql);
  if (!done) return done.error();
  for (const Check& check : checks) {
    Result<MonitorCheck> made = run_check(check, *sql);
    if (!made) return made.error();
    report.checks.push_back(std::move(*made));
  }
  auto of_columns = check_columns(*sql, *columns, bounds);
  if (!of_columns) return of_columns.error();
  for (MonitorCheck& check : *of_columns) report.checks.push_back(std::move(check));
  return report;
}

}  // namespace parallax
