// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/run/command_parts.h"
#include "sim/run/monitor.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

/// "2026-03-02..2026-03-05": the end is excluded.
std::optional<std::pair<SimTime, SimTime>> span_of(const std::string& text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const auto from = parse_rfc3339(text.substr(0, dots));
  const auto until = parse_rfc3339(text.substr(dots + 2));
  if (!from || !until || *until <= *from) return std::nullopt;
  return std::pair{*from, *until};
}

bool tell(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) fmt::print(stderr, "error: {}\n", problem.text());
  return problems.empty();
}

/// Nothing where neither is given; false where one is wrong.
bool read_spans(const MonitorCommand& command, std::optional<MonitorSpans>& out) {
  if (command.baseline.empty() && command.window.empty()) return true;
  const auto before = span_of(command.baseline), after = span_of(command.window);
  if (before && after) {
    out = {before->first, before->second, after->first, after->second};
    return true;
  }
  complain(
      exit_usage,
      fmt::format("--baseline {} --window {}: expected both as FROM..UNTIL of dates or RFC 3339 "
                  "times, such as 2026-03-02..2026-03-05; the end is excluded",
                  command.baseline, command.window));
  return false;
}

}  // namespace

int command_monitor(const MonitorCommand& command) {
  const LoadedMonitor loaded = load_monitor(command.read);
  if (!tell(loaded.problems)) return exit_usage;
  MonitorBounds bounds;
  if (!command.slo.empty()) {
    const LoadedBounds slo = load_bounds(command.slo);
    if (!tell(slo.problems)) return exit_usage;
    bounds = slo.bounds;
  }
  std::optional<MonitorSpans> spans;
  if (!read_spans(command, spans)) return exit_usage;
  auto report = monitor(loaded.plan, bounds, spans);
  if (!report) return complain(exit_for(report.error()), report.error().text());
  const std::string text = monitor_markdown(*report);
  const std::string json = monitor_json(*report).dump(2) + '\n';
  if (!command.out.empty()) {
    std::error_code failed;
    fs::create_directories(command.out, failed);
    const fs::path folder = command.out;
    for (const auto& [name, content] : {std::pair{"monitor.md", &text}, {"monitor.json", &json}})
      if (const Result<void> written = write_whole(folder / name, *content); !written)
        return complain(exit_internal, written.error().text());
  }
  std::cout << (command.json ? json : text);
  return report->alerts() > 0 ? exit_fail : exit_pass;
}

}  // namespace parallax
