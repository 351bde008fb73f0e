// SPDX-License-Identifier: Apache-2.0
#include "sim/run/compare_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/run/report_text.h"
#include "sim/run/text_table.h"

namespace parallax {
namespace {

using report_text::with_thousands;
using Align = TextTable::Align;

constexpr std::size_t causes_max = 3;

std::string cause_text(const CauseCount& cause) {
  return fmt::format("{}/{} {}", name_of(cause.verdict), name_of(cause.cause),
                     with_thousands(cause.actions));
}

/// "duplicated/not_merged 412, lost/last_batch 3, and 2 more": why it is no pass.
std::string why_text(const RunReport& report) {
  const std::vector<CauseCount> causes = report_text::failing_causes(report);
  std::string text;
  for (std::size_t i = 0; i < std::min(causes.size(), causes_max); ++i)
    text += (i == 0 ? "" : ", ") + cause_text(causes[i]);
  if (causes.size() > causes_max) text += fmt::format(", and {} more", causes.size() - causes_max);
  return text.empty() ? report_text::one_line(report.because) : text;
}

/// The verdicts that some action has under some policy.
std::vector<std::size_t> verdicts_met(const std::vector<Compared>& all) {
  std::vector<std::size_t> met;
  for (std::size_t i = 0; i < action_verdict_count; ++i)
    if (std::any_of(all.begin(), all.end(),
                    [i](const Compared& each) { return each.report.actions[i] > 0; }))
      met.push_back(i);
  return met;
}

std::string_view paint_of(Verdict verdict, const TerminalStyle& style) {
  if (!style.colour) return {};
  return verdict == Verdict::pass ? "\x1b[32m" : verdict == Verdict::fail ? "\x1b[31m" : "\x1b[33m";
}

std::string verdict_table(const std::vector<Compared>& all, const TerminalStyle& style) {
  const std::vector<std::size_t> met = verdicts_met(all);
  std::vector<Align> columns{Align::left, Align::left, Align::right};
  std::vector<std::string> head{"policy", "verdict", "rows"};
  for (const std::size_t verdict : met) {
    columns.push_back(Align::right);
    head.emplace_back(name_of(static_cast<ActionVerdict>(verdict)));
  }
  columns.push_back(Align::left);
  head.emplace_back("why");
  TextTable table(columns, style.width);
  table.add(head);
  for (const Compared& each : all) {
    const RunReport& report = each.report;
    const bool passes = report.verdict == Verdict::pass;
    std::string word(name_of(report.verdict));
    if (!passes) std::transform(word.begin(), word.end(), word.begin(), ::toupper);
    std::vector<std::string> cells{std::string(each.policy.name), word,
                                   with_thousands(report.rows_total)};
    for (const std::size_t verdict : met) cells.push_back(with_thousands(report.actions[verdict]));
    cells.push_back(passes ? "" : why_text(report));
    table.add(cells, paint_of(report.verdict, style));
  }
  return table.text();
}

std::string how_text(const PolicyKind& policy) {
  return fmt::format("{}; window: {}; stays: {}, {}", policy.key, policy.window, policy.winner,
                     policy.when);
}

Verdict worst_of(const std::vector<Compared>& all) {
  Verdict worst = Verdict::pass;
  for (const Compared& each : all) worst = merge(worst, each.report.verdict);
  return worst;
}

std::string last_line(const std::vector<Compared>& all) {
  const auto passing = std::count_if(all.begin(), all.end(), [](const Compared& each) {
    return each.report.verdict == Verdict::pass;
  });
  const RunReport& first = all.front().report;
  return fmt::format("parallax: {} scenario={} seed={} policies={} pass={}\n",
                     name_of(worst_of(all)), report_text::one_line(first.scenario), first.seed,
                     all.size(), passing);
}

}  // namespace

std::string compare_text(const std::vector<Compared>& all, const TerminalStyle& style) {
  if (style.quiet) return last_line(all);
  const RunReport& first = all.front().report;
  std::string text =
      fmt::format("{}, seed {}: {} actions over {}, the same events each time\n\n",
                  report_text::one_line(first.scenario), first.seed,
                  with_thousands(first.actions_total), format_duration(first.timing.simulated));
  text += verdict_table(all, style) + "\nHow each tells copies of one action\n";
  TextTable table({Align::left, Align::left}, style.width);
  for (const Compared& each : all)
    table.add({std::string(each.policy.name), how_text(each.policy)});
  text += table.text();
  text += "\nreports    " +
          report_text::one_line(std::filesystem::path(first.folder).parent_path().string()) + "\n";
  return text + last_line(all);
}

std::string compare_json(const std::vector<Compared>& all) {
  nlohmann::ordered_json json;
  const RunReport& first = all.front().report;
  json["scenario"] = first.scenario;
  json["seed"] = first.seed;
  json["verdict"] = std::string(name_of(worst_of(all)));
  json["policies"] = nlohmann::ordered_json::array();
  for (const Compared& each : all) {
    const RunReport& report = each.report;
    nlohmann::ordered_json one;
    one["policy"] = std::string(each.policy.name);
    one["verdict"] = std::string(name_of(report.verdict));
    one["actions"]["total"] = report.actions_total;
    for (std::size_t i = 0; i < action_verdict_count; ++i)
      one["actions"][std::string(name_of(static_cast<ActionVerdict>(i)))] = report.actions[i];
    one["rows"] = {{"total", report.rows_total}, {"phantom", report.rows_phantom}};
    one["assertions"] = nlohmann::ordered_json::array();
    for (const AssertionReport& assertion : report.assertions)
      one["assertions"].push_back(
          {{"name", assertion.name}, {"verdict", std::string(name_of(assertion.verdict))}});
    one["causes"] = nlohmann::ordered_json::array();
    for (const CauseCount& cause : report_text::failing_causes(report))
      one["causes"].push_back({{"verdict", std::string(name_of(cause.verdict))},
                               {"cause", std::string(name_of(cause.cause))},
                               {"actions", cause.actions}});
    one["folder"] = report.folder;
    json["policies"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string policies_text(const std::vector<PolicyKind>& kinds, std::size_t width) {
  std::string text;
  for (const PolicyKind& kind : kinds) {
    TextTable table({Align::left, Align::left}, width);
    table.add({"key", std::string(kind.key)});
    table.add({"window", std::string(kind.window)});
    table.add({"stays", fmt::format("{}, {}", kind.winner, kind.when)});
    table.add({"clock", std::string(kind.clock)});
    table.add({"source", std::string(kind.source)});
    text += fmt::format("{}{}\n{}", text.empty() ? "" : "\n", kind.name, table.text());
  }
  return text;
}

}  // namespace parallax
