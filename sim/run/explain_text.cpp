// SPDX-License-Identifier: Apache-2.0
#include "sim/run/explain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/run/report_text.h"
#include "sim/run/text_table.h"

namespace parallax::explain_text {
namespace {

using explain::Explanation;
using explain::ratio_text;
using explain::share_text;
using explain::step_text;
using Json = nlohmann::ordered_json;

constexpr std::size_t bar_length = 12;

std::string bar(std::int64_t by, std::int64_t whole) {
  if (whole == 0) return "";
  const double share = std::abs(static_cast<double>(by) / static_cast<double>(whole));
  const auto length = static_cast<std::size_t>(std::lround(share * bar_length));
  return std::string(std::min(length, bar_length), by * whole < 0 ? '-' : '#');
}

Table waterfall(const Explanation& e) {
  Table table{"From the ratio before to the ratio after", {}, true};
  table.rows.push_back({"", "ratio", "true before", "and after", ""});
  table.rows.push_back({"before", ratio_text(e.before.ratio()), "", "", ""});
  std::int64_t whole = 0;
  for (const explain::Step& step : e.steps) whole += step.by;
  for (const explain::Step& step : e.steps) {
    const bool counted = step.why != 0;
    table.rows.push_back({step.text, step_text(step.by), counted ? share_text(step.before) : "",
                          counted ? share_text(step.after) : "", bar(step.by, whole)});
  }
  table.rows.push_back({"after", ratio_text(e.after.ratio()), "", "", ""});
  return table;
}

Table multiplicities(const Explanation& e) {
  Table table{"Rows of one action", {{"client, server", "before", "after", "moved"}}, false};
  for (const explain::Multiplicity& m : e.multiplicities)
    table.rows.push_back({fmt::format("{}, {}", m.client, m.server), share_text(m.before),
                          share_text(m.after),
                          fmt::format("{:+.2f} points", 100 * (m.after - m.before))});
  return table;
}

Table suspects(const Explanation& e) {
  Table table{"Which rows, by score",
              {{"where", "score", "of actions", "ratio before", "after", "of the move"}},
              false};
  const auto add = [&](const explain::Suspect& one) {
    table.rows.push_back({one.text, fmt::format("{:.0f}", one.score), share_text(one.share),
                          ratio_text(one.before), ratio_text(one.after),
                          step_text(std::llround(one.excess * 1e4))});
  };
  add(e.best);
  for (const explain::Suspect& one : e.runners_up) add(one);
  return table;
}

Table parts(const Explanation& e) {
  Table table{"Mix or rate", {{"by", "of the mix", "of rates", "+- (95 %)"}}, false};
  for (const explain::Parts& each : e.parts)
    table.rows.push_back({each.attribute, step_text(std::llround(each.mix * 1e4)),
                          step_text(std::llround(each.rate * 1e4)),
                          ratio_text(1.96 * each.rate_error)});
  return table;
}

std::string metric_text(double value) {
  return value <= 1.5 ? share_text(value) : fmt::format("{:.1f}", value);
}

Table safe(const Explanation& e) {
  const bool shares = !e.safe.empty() && e.safe.front().before <= 1.5;
  Table table{shares ? "What to report meanwhile: share of what happened"
                     : "What to report meanwhile: a bucket of time",
              {{"", "before", "after"}},
              false};
  for (const explain::SafeMetric& metric : e.safe)
    table.rows.push_back({metric.name, metric_text(metric.before), metric_text(metric.after)});
  return table;
}

std::string cell(std::string_view text) {
  return report_text::markdown_cell(text, std::string_view::npos);
}

Json window_json(const Explanation& e, explain::Window window, const explain::Sums& sums) {
  return {{"from", explain::bucket_text(e, window.from)},
          {"until", explain::bucket_text(e, window.until)},
          {"actions", std::llround(sums.actions)},
          {"client", std::llround(sums.client)},
          {"server", std::llround(sums.server)},
          {"ratio", sums.ratio()},
          {"error", sums.error()}};
}

Json suspect_json(const explain::Suspect& one) {
  return {{"where", one.text},   {"same_rows", one.same_rows}, {"score", one.score},
          {"share", one.share},  {"before", one.before},       {"after", one.after},
          {"excess", one.excess}};
}

}  // namespace

std::string_view finding_name(explain::Finding finding) {
  switch (finding) {
    case explain::Finding::too_few:
      return "too_few";
    case explain::Finding::quiet:
      return "quiet";
    case explain::Finding::mix:
      return "mix";
    case explain::Finding::cause:
      return "cause";
  }
  return {};
}

std::vector<Table> tables(const Explanation& e) {
  std::vector<Table> out;
  if (e.finding == explain::Finding::cause) {
    out.push_back(waterfall(e));
    out.push_back(multiplicities(e));
    out.push_back(suspects(e));
  }
  if (!e.parts.empty()) out.push_back(parts(e));
  if (e.finding == explain::Finding::cause) out.push_back(safe(e));
  return out;
}

std::string sentences(const Explanation& e, std::size_t width) {
  std::string out;
  for (const std::string& sentence : explain::sentences(e)) {
    std::string head = "  - ";
    for (const std::string& line :
         report_text::wrapped(report_text::one_line(sentence), width - head.size())) {
      out += head + line + "\n";
      head.assign(head.size(), ' ');
    }
  }
  return out;
}

std::string terminal(const Explanation& e, bool colour, std::size_t width) {
  const std::string_view bold = colour ? "\x1b[1m" : "", plain = colour ? "\x1b[0m" : "";
  std::string out = sentences(e, width);
  for (const Table& table : tables(e)) {
    out += fmt::format("\n{}{}{}\n", bold, table.title, plain);
    std::vector<TextTable::Align> columns(table.rows.front().size(), TextTable::Align::right);
    columns.front() = TextTable::Align::left;
    if (table.text_last) columns.back() = TextTable::Align::left;
    TextTable text(columns, width);
    for (std::vector<std::string> row : table.rows) {
      for (std::string& each : row) each = report_text::one_line(each);
      text.add(std::move(row));
    }
    out += text.text();
  }
  return out;
}

std::string markdown(const Explanation& e, std::string_view heading) {
  std::string out = fmt::format(
      "{} Why client rows per server row of {} {}\n\n", heading, cell(e.event),
      e.finding == explain::Finding::cause || e.finding == explain::Finding::mix ? "moved"
                                                                                 : "did not move");
  for (const std::string& sentence : explain::sentences(e)) out += "- " + cell(sentence) + "\n";
  for (const Table& table : tables(e)) {
    out += fmt::format("\n{}:\n\n", table.title);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const std::size_t columns = table.rows[i].size() - (table.text_last ? 1 : 0);
      for (std::size_t n = 0; n < columns; ++n) out += "| " + cell(table.rows[i][n]) + " ";
      out += "|\n";
      if (i > 0) continue;
      out += "| --- ";
      for (std::size_t n = 1; n < columns; ++n) out += "| ---: ";
      out += "|\n";
    }
  }
  return out + "\n";
}

Json json(const Explanation& e) {
  Json out;
  out["event"] = e.event;
  out["finding"] = finding_name(e.finding);
  out["sentences"] = explain::sentences(e);
  out["before"] = window_json(e, e.before_window, e.before);
  out["after"] = window_json(e, e.after_window, e.after);
  if (e.change)
    out["change"] = {{"at", explain::bucket_text(e, *e.change)},
                     {"at_us", *e.change * e.bucket},
                     {"from", explain::bucket_text(e, e.change_between.from)},
                     {"until", explain::bucket_text(e, e.change_between.until)},
                     {"score", e.change_score}};
  if (e.deploy) out["deploy"] = {{"at_us", e.deploy->at}, {"label", e.deploy->label}};
  const explain::Step* mechanism = e.mechanism();
  out["mechanism"] = mechanism == nullptr ? Json() : Json(mechanism->text);
  out["mix_attribute"] = e.mix_attribute;
  out["waterfall"] = Json::array();
  for (const explain::Step& step : e.steps)
    out["waterfall"].push_back({{"text", step.text},
                                {"ten_thousandths", step.by},
                                {"before", step.before},
                                {"after", step.after}});
  out["multiplicities"] = Json::array();
  for (const explain::Multiplicity& m : e.multiplicities)
    out["multiplicities"].push_back(
        {{"client", m.client}, {"server", m.server}, {"before", m.before}, {"after", m.after}});
  out["suspects"] = Json::array();
  if (e.finding == explain::Finding::cause) {
    out["suspects"].push_back(suspect_json(e.best));
    for (const explain::Suspect& one : e.runners_up) out["suspects"].push_back(suspect_json(one));
  }
  out["remainder"] = e.remainder;
  out["parts"] = Json::array();
  for (const explain::Parts& each : e.parts)
    out["parts"].push_back({{"by", each.attribute},
                            {"mix", each.mix},
                            {"rate", each.rate},
                            {"rate_error", each.rate_error}});
  out["safe"] = Json::array();
  for (const explain::SafeMetric& metric : e.safe)
    out["safe"].push_back({{"name", metric.name},
                           {"before", metric.before},
                           {"after", metric.after},
                           {"stands_still", metric.stands_still}});
  return out;
}

}  // namespace parallax::explain_text
