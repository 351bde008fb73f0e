// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sim/run/kill_matrix.h"
#include "sim/run/report_text.h"
#include "sim/run/text_table.h"

namespace parallax {
namespace {

using Align = TextTable::Align;

/// A table before it is drawn: the head comes first.
struct Sheet {
  std::vector<Align> columns;
  std::vector<std::vector<std::string>> rows;
};

std::string verdict_text(const Proof& proof) {
  if (!proof.kill->seen_by.empty()) return std::string(proof.kill->seen_by);
  return std::string(proof.causes.empty() ? "-" : name_of(proof.causes.front().verdict));
}

Sheet matrix_of(const Matrix& matrix) {
  Sheet sheet{{Align::left, Align::left, Align::left, Align::right, Align::left, Align::left},
              {{"", "bug", "scenario", "actions", "verdict", "causes"}}};
  for (const Proof& proof : matrix.proofs)
    sheet.rows.push_back(
        {std::string(name_of(proof.outcome)), std::string(proof.kill->bug),
         std::string(proof.kill->scenario), report_text::with_thousands(proof.actions),
         verdict_text(proof),
         proof.kill->seen_by.empty() ? causes_text(proof.causes) : "rows are right"});
  return sheet;
}

std::string share_text(const Least& least, const Cases& cases) {
  if (cases.needed == 0) return "no share";
  return least.share >= 1 ? "all" : fmt::format("{:.2g} %", 100 * least.share);
}

std::string unit_text(const Cases& cases) {
  if (cases.needed == 0) return std::string(cases.unit);
  return fmt::format("{}{}", cases.unit, cases.needed > 1 ? ", two at least" : "");
}

std::string found_text(const Least& least, const Cases& cases) {
  if (least.check.seeds == 0) return "";
  const std::string text = fmt::format("{} of {}", least.check.found, least.check.seeds);
  return outcome_of(least, cases) == ShareOutcome::too_seldom ? text + ": TOO FEW" : text;
}

std::string tenth_text(const Least& least, const Cases& cases) {
  if (least.check.tenth_seeds == 0) return "";
  const std::string text =
      fmt::format("{} of {}", least.check.found_at_tenth, least.check.tenth_seeds);
  return outcome_of(least, cases) == ShareOutcome::too_often ? text + ": TOO MANY" : text;
}

Sheet shares_of(const Matrix& matrix, const ProofOptions& options) {
  const std::string actions = report_text::with_thousands(options.actions);
  Sheet sheet{{Align::left, Align::left, Align::right, Align::right, Align::right, Align::right},
              {{"bug", "strikes a share of", "cases in " + actions + " actions", "least share",
                options.check > 0 ? "found" : "", options.check > 0 ? "at a tenth of it" : ""}}};
  for (const Proof& proof : matrix.proofs) {
    if (!proof.least) continue;
    const Cases& cases = proof.kill->cases;
    sheet.rows.push_back(
        {std::string(proof.kill->bug), unit_text(cases),
         report_text::with_thousands(static_cast<std::uint64_t>(proof.least->cases)),
         share_text(*proof.least, cases), found_text(*proof.least, cases),
         tenth_text(*proof.least, cases)});
  }
  return sheet;
}

std::string checked_text(const ProofOptions& options) {
  if (options.check == 0) return "";
  return fmt::format(
      "Refused: fewer than {} of {} seeds at the least share (1 % of those that 95 % find).\n",
      fewest_found(options.check, 0.95), options.check);
}

std::string clean_text(const Matrix& matrix) {
  std::string text =
      fmt::format("{} clean runs, {} accused\n", matrix.clean_runs, matrix.accused.size());
  for (const std::string& accused : matrix.accused) text += "- " + accused + "\n";
  return text;
}

std::string drawn(const Sheet& sheet, std::size_t width) {
  TextTable table(sheet.columns, width, 0);
  for (const auto& row : sheet.rows) table.add(row);
  return table.text();
}

/// Columns without a head are left out, but for the first: it says how each line came out.
std::string as_markdown(const Sheet& sheet) {
  const std::vector<std::string>& head = sheet.rows.front();
  const auto line = [&head](const auto& cell_of) {
    std::string text;
    for (std::size_t i = 0; i < head.size(); ++i)
      if (i == 0 || !head[i].empty()) text += "| " + cell_of(i) + " ";
    return text + "|\n";
  };
  std::string text = line([&](std::size_t i) { return head[i]; });
  text += line([&](std::size_t i) {
    return std::string(sheet.columns[i] == Align::right ? "---:" : "---");
  });
  for (std::size_t row = 1; row < sheet.rows.size(); ++row)
    text += line([&](std::size_t i) { return sheet.rows[row][i]; });
  return text;
}

}  // namespace

std::string matrix_text(const Matrix& matrix, const ProofOptions& options, std::size_t width) {
  std::string text = drawn(matrix_of(matrix), width) + "\n";
  if (options.actions > 0)
    text += drawn(shares_of(matrix, options), width) + checked_text(options) + "\n";
  return text + clean_text(matrix);
}

std::string matrix_markdown(const Matrix& matrix, const ProofOptions& options) {
  std::string text = as_markdown(matrix_of(matrix)) + "\n";
  if (options.actions > 0)
    text += as_markdown(shares_of(matrix, options)) + "\n" + checked_text(options);
  return text + clean_text(matrix);
}

}  // namespace parallax
