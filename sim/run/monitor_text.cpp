// SPDX-License-Identifier: Apache-2.0
// The weekly consistency report: the answer first, then the alerts, then every table.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/run/explain_text.h"
#include "sim/run/monitor.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t cell_max = 120;

std::string cell(std::string_view text) { return report_text::markdown_cell(text, cell_max); }

std::string minute_text(SimTime at) { return to_rfc3339(at).replace(10, 1, " ").substr(0, 16); }

std::string span_text(SimTime from, SimTime until) {
  return minute_text(from) + " .. " + minute_text(until);
}

std::string table_of(const MonitorCheck& check) {
  std::string out = "|";
  for (const std::string& column : check.columns) out += " " + cell(column) + " |";
  out += " |\n|";
  for (std::size_t i = 0; i < check.columns.size(); ++i) out += i == 0 ? " --- |" : " ---: |";
  out += " --- |\n";
  for (std::size_t i = 0; i < check.rows.size(); ++i) {
    out += "|";
    for (const std::string& text : check.rows[i]) out += " " + cell(text) + " |";
    out += check.alerts[i] ? " **alert** |\n" : " |\n";
  }
  return out;
}

std::string alerts_list(const MonitorReport& report) {
  std::string out;
  for (const MonitorCheck& check : report.checks) {
    const std::size_t alerts = check.alert_count();
    if (alerts > 0)
      out += fmt::format("- {}: {} of {} rows\n", check.title, alerts, check.rows.size());
  }
  return out.empty() ? "No alert: every check is within its bounds.\n" : out;
}

}  // namespace

std::string monitor_markdown(const MonitorReport& report) {
  std::string out = "# Consistency report\n\n";
  if (!report.about.empty()) out += cell(report.about) + "\n\n";
  out += fmt::format(
      "{} client rows and {} server rows, {}. Compared: {} (before) with {} (after), chosen by "
      "{}.\n\n",
      report_text::with_thousands(report.client_rows),
      report_text::with_thousands(report.server_rows), span_text(report.first, report.last),
      span_text(report.spans.before_from, report.spans.before_until),
      span_text(report.spans.after_from, report.spans.after_until), cell(report.spans_by));
  out += "## Alerts\n\n" + alerts_list(report) + "\n";
  for (const explain::Explanation& e : report.explanations) out += explain_text::markdown(e, "##");
  for (const MonitorCheck& check : report.checks) {
    out += fmt::format("## {}\n\n", check.title);
    out += check.rows.empty() ? "Nothing found, or nothing to compare.\n" : table_of(check);
    out += "\n";
  }
  return out;
}

Json monitor_json(const MonitorReport& report) {
  Json out;
  out["schema_version"] = 1;
  out["about"] = report.about;
  out["client_rows"] = report.client_rows;
  out["server_rows"] = report.server_rows;
  out["first"] = to_rfc3339(report.first);
  out["last"] = to_rfc3339(report.last);
  out["before"] = {to_rfc3339(report.spans.before_from), to_rfc3339(report.spans.before_until)};
  out["after"] = {to_rfc3339(report.spans.after_from), to_rfc3339(report.spans.after_until)};
  out["chosen_by"] = report.spans_by;
  out["alerts"] = report.alerts();
  out["explanations"] = Json::array();
  for (const explain::Explanation& e : report.explanations)
    out["explanations"].push_back(explain_text::json(e));
  out["checks"] = Json::array();
  for (const MonitorCheck& check : report.checks)
    out["checks"].push_back({{"name", check.name},
                             {"title", check.title},
                             {"columns", check.columns},
                             {"rows", check.rows},
                             {"alerts", check.alerts}});
  return out;
}

}  // namespace parallax
