// SPDX-License-Identifier: Apache-2.0
// Missing fields and drift, column by column and side by side.
//
// Drift is told by the population stability index, sum (p - q) ln(p / q) over the values of texts
// and the tenths of numbers. Without drift it is about (1/n + 1/m) chi-square(k - 1): an alert
// needs more than the bound and more than the 99th percentile of that floor, which is printed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/run/monitor.h"

namespace parallax {
namespace {

using duckdb::quote_literal;
using duckdb::quote_name;

constexpr double rows_min = 100;
constexpr std::size_t values_max = 50;

double real(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

/// 99th percentile of chi-square with k degrees of freedom (Wilson and Hilferty, 1931).
double chi_square_99(double k) {
  const double a = 2 / (9 * k);
  return k * std::pow(1 - a + 2.326 * std::sqrt(a), 3);
}

Result<MonitorCheck> missing_fields(duckdb::Connection& sql,
                                    const std::vector<std::string>& columns) {
  MonitorCheck out{"missing",
                   "Missing fields",
                   {"field", "side", "rows before", "missing", "rows after", "missing"},
                   {},
                   {}};
  for (const std::string& column : columns) {
    const std::string name = quote_name(column);
    auto asked = sql.query(fmt::format(
        "with counts as (select source, count(*) filter (part_of(instant) = 'before') as n, "
        "count(*) filter (part_of(instant) = 'before' and {0} is null) as gone, "
        "count(*) filter (part_of(instant) = 'after') as m, "
        "count(*) filter (part_of(instant) = 'after' and {0} is null) as gone_later "
        "from raw_rows group by source) "
        "select source, n, printf('%.2f %%', 100.0 * gone / n), m, "
        "printf('%.2f %%', 100.0 * gone_later / m), "
        "1.0 * gone_later / m - 1.0 * gone / n > getvariable('slo_missing') "
        "from counts where n > 0 and m > 0 and gone + gone_later > 0 order by source",
        name));
    if (!asked) return asked.error();
    for (const auto& row : asked->texts()) {
      out.rows.push_back({column, row[0], row[1], row[2], row[3], row[4]});
      out.alerts.push_back(row[5] == "true");
    }
  }
  return out;
}

struct Value {
  std::string text;
  double before = 0, after = 0;
};

/// Rows of each value in both parts; numbers of many values by tenths of the earlier part.
Result<std::vector<Value>> values_of(duckdb::Connection& sql, const std::string& column,
                                     const std::string& side) {
  const std::string name = quote_name(column);
  const std::string rows = fmt::format(
      "(select {0} as v, part_of(instant) as part from raw_rows where source = {1} and {0} is "
      "not null and part_of(instant) is not null)",
      name, quote_literal(side));
  auto different = sql.integer("select count(distinct v) from " + rows);
  if (!different) return different.error();
  std::string value = "v::varchar";
  if (*different > static_cast<std::int64_t>(values_max)) {
    auto numbers =
        sql.integer("select count(*) filter (try_cast(v::varchar as double) is null) from " + rows);
    if (!numbers) return numbers.error();
    if (*numbers > 0) return std::vector<Value>();
    value = fmt::format(
        "'tenth ' || (1 + len(list_filter((select quantile_cont(v::double, [0.1, 0.2, 0.3, 0.4, "
        "0.5, "
        "0.6, 0.7, 0.8, 0.9]) from {} where part = 'before'), lambda q: q < v::double)))",
        rows);
  }
  auto asked = sql.query(fmt::format(
      "select {} as value, count(*) filter (part = 'before'), count(*) filter (part = 'after') "
      "from {} group by 1 order by 1",
      value, rows));
  if (!asked) return asked.error();
  std::vector<Value> out;
  for (const auto& row : asked->texts()) out.push_back({row[0], real(row[1]), real(row[2])});
  return out;
}

void add_drift(const std::string& column, const std::string& side, const std::vector<Value>& values,
               double bound, MonitorCheck& out) {
  double n = 0, m = 0;
  for (const Value& value : values) n += value.before, m += value.after;
  if (values.size() < 2 || n < rows_min || m < rows_min) return;
  double index = 0;
  const Value* most = nullptr;
  const auto moved = [&](const Value& v) { return std::abs(v.after / m - v.before / n); };
  for (const Value& value : values) {
    // Half a row where there is none: the logarithm stays finite.
    const double p = std::max(value.before, 0.5) / n, q = std::max(value.after, 0.5) / m;
    index += (q - p) * std::log(q / p);
    if (most == nullptr || moved(value) > moved(*most)) most = &value;
  }
  const double floor = (1 / n + 1 / m) * chi_square_99(static_cast<double>(values.size() - 1));
  out.rows.push_back({column, side, fmt::format("{}", values.size()), fmt::format("{:.4f}", index),
                      fmt::format("{:.4f}", floor),
                      fmt::format("{}: {:.1f} % to {:.1f} %", most->text, 100 * most->before / n,
                                  100 * most->after / m)});
  out.alerts.push_back(index > std::max(bound, floor));
}

}  // namespace

Result<std::vector<MonitorCheck>> check_columns(duckdb::Connection& sql,
                                                const std::vector<std::string>& columns,
                                                const MonitorBounds& bounds) {
  std::vector<std::string> known{"event_id", "user_id", "currency", "revenue", "consent_state"};
  known.insert(known.end(), columns.begin(), columns.end());
  Result<MonitorCheck> missing = missing_fields(sql, known);
  if (!missing) return missing.error();
  MonitorCheck drift{
      "drift",
      "Drift",
      {"field", "side", "values", "stability index", "noise floor (99 %)", "moved most"},
      {},
      {}};
  std::vector<std::string> looked{"event_name", "currency", "revenue"};
  looked.insert(looked.end(), columns.begin(), columns.end());
  for (const std::string& column : looked)
    for (const char* side : {"client", "server"}) {
      const auto values = values_of(sql, column, side);
      if (!values) return values.error();
      add_drift(column, side, *values, bounds.drift, drift);
    }
  return std::vector<MonitorCheck>{std::move(*missing), std::move(drift)};
}

}  // namespace parallax
