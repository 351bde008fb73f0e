// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/run/report_diff.h"
#include "sim/run/report_text.h"
#include "sim/run/text_table.h"

namespace parallax {
namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

constexpr std::string_view red = "\x1b[31m", green = "\x1b[32m", plain = "\x1b[0m";

/// "+1,204 (+12%)": the change of a number; empty where a side has none.
std::string change_of(const DiffLine& line) {
  if (!line.number_a || !line.number_b) return "";
  const std::int64_t by = *line.number_b - *line.number_a;
  std::string text = by < 0 ? "-" : "+";
  text += report_text::with_thousands(static_cast<std::uint64_t>(by < 0 ? -by : by));
  if (*line.number_a > 0) {
    const double share = 100.0 * static_cast<double>(by) / static_cast<double>(*line.number_a);
    text += std::abs(share) < 10 ? fmt::format(" ({:+.1f}%)", share)
                                 : fmt::format(" ({:+.0f}%)", share);
  }
  return text;
}

std::string shown(const std::optional<std::string>& text) {
  return text ? report_text::one_line(*text) : "-";
}

std::string side_line(const char* label, const ReportDiff::Side& side) {
  std::string line = fmt::format("{}  {:<7}  {}, seed {}, {}", label, name_of(side.verdict),
                                 report_text::one_line(side.scenario), side.seed,
                                 report_text::one_line(side.folder));
  return line + "\n";
}

std::string closing(const ReportDiff& diff) {
  std::string words = "the same but for times";
  if (!diff.same()) words = "different, nothing worse";
  if (diff.worsened != Verdict::pass) words = "worse";
  return fmt::format("diff: {}, {} -> {}\n", words, name_of(diff.a.verdict),
                     name_of(diff.b.verdict));
}

Json side_json(const ReportDiff::Side& side) {
  Json json;
  json["folder"] = side.folder;
  json["scenario"] = side.scenario;
  json["scenario_hash"] = side.scenario_hash;
  json["seed"] = side.seed;
  json["run_id"] = side.run_id;
  json["target"] = side.target;
  json["verdict"] = std::string(name_of(side.verdict));
  json["because"] = side.because;
  return json;
}

Json value_json(const std::optional<std::string>& text, const std::optional<std::int64_t>& number) {
  if (number) return *number;
  return text ? Json(*text) : Json();
}

}  // namespace

std::string diff_text(const ReportDiff& diff, const TerminalStyle& style) {
  if (style.quiet) return closing(diff);
  std::string out = side_line("A", diff.a) + side_line("B", diff.b);
  for (const DiffSection& section : diff.sections) {
    if (section.lines.empty()) continue;
    const bool numbers = section.name != "run" && section.name != "assertions";
    const Align align = numbers ? Align::right : Align::left;
    TextTable table({Align::left, align, align, Align::right}, style.width);
    table.add({"", "A", "B", ""});
    for (const DiffLine& line : section.lines) {
      const std::string_view paint = line.worse > 0 ? red : line.worse < 0 ? green : "";
      table.add({report_text::one_line(line.what), shown(line.a), shown(line.b), change_of(line)},
                style.colour ? paint : "");
    }
    out += fmt::format("\n{}\n{}", section.name, table.text());
    if (section.same > 0) out += fmt::format("  ({} the same)\n", section.same);
  }
  return out + "\n" + closing(diff);
}

std::string diff_json(const ReportDiff& diff) {
  Json json;
  json["schema_version"] = 1;
  json["same"] = diff.same();
  json["worsened"] = std::string(name_of(diff.worsened));
  json["a"] = side_json(diff.a);
  json["b"] = side_json(diff.b);
  for (const DiffSection& section : diff.sections) {
    Json lines = Json::array();
    for (const DiffLine& line : section.lines) {
      const char* direction = line.worse > 0 ? "worse" : line.worse < 0 ? "better" : "neither";
      lines.push_back({{"what", line.what},
                       {"a", value_json(line.a, line.number_a)},
                       {"b", value_json(line.b, line.number_b)},
                       {"direction", direction}});
    }
    json["sections"][section.name] = {{"changed", std::move(lines)}, {"same", section.same}};
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace parallax
