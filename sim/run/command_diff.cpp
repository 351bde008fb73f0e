// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "sim/run/command_parts.h"
#include "sim/run/report_diff.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

std::optional<std::string> report_of(const std::string& folder) {
  std::ifstream in(fs::path(folder) / "report.json", std::ios::binary);
  if (in) return std::string(std::istreambuf_iterator<char>(in), {});
  complain(exit_usage, folder + ": is no run folder: it has no report.json");
  return std::nullopt;
}

}  // namespace

int command_diff(const DiffCommand& command) {
  const auto a = report_of(command.a);
  const auto b = report_of(command.b);
  if (!a || !b) return exit_usage;
  const Result<ReportDiff> diff = diff_reports(*a, command.a, *b, command.b);
  if (!diff) return complain(exit_usage, diff.error().text());
  TerminalStyle style;
  style.colour = colour_on_stdout();
  style.quiet = command.quiet;
  fmt::print("{}", command.json ? diff_json(*diff) : diff_text(*diff, style));
  if (diff->worsened == Verdict::pass) return exit_pass;
  return diff->worsened == Verdict::fail ? exit_fail : exit_unknown;
}

}  // namespace parallax
