// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "sim/run/explain_text.h"
#include "sim/run/report.h"
#include "sim/run/report_load.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

using report_text::with_thousands;

// CI pages hold a mebibyte. With the bounds below a summary nearly always stays far below this one.
constexpr std::size_t size_max = std::size_t{900} << 10;
constexpr std::size_t cell_max = 200;
constexpr std::size_t assertions_max = 200;
constexpr std::size_t causes_max = 20;
constexpr std::size_t examples_max = 3;
constexpr std::size_t timeline_max = 40;
constexpr std::size_t code_max = 4'000;

std::string cell(std::string_view text) { return report_text::markdown_cell(text, cell_max); }

/// A fenced block, with a fence that is longer than any in the text.
std::string code(std::string_view text) {
  const std::string shown = report_text::cut_to(report_text::legal(text), code_max);
  std::size_t longest = 2, run = 0;
  for (const char c : shown) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fmt::format("{0}text\n{1}\n{0}\n", fence, shown);
}

std::string assertion_table(const RunReport& report) {
  if (report.assertions.empty()) return "";
  std::string out =
      "| | assertion | expected | actual | delta | tolerance |\n"
      "| --- | --- | ---: | ---: | ---: | --- |\n";
  std::vector<const AssertionReport*> ordered;
  for (const AssertionReport& assertion : report.assertions) ordered.push_back(&assertion);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto* a, const auto* b) { return a->verdict > b->verdict; });
  const std::size_t shown = std::min(ordered.size(), assertions_max);
  for (std::size_t i = 0; i < shown; ++i) {
    const AssertionReport& assertion = *ordered[i];
    const bool bad = assertion.verdict != Verdict::pass;
    const std::string why = bad && !assertion.why.empty() ? "<br>" + cell(assertion.why) : "";
    out +=
        fmt::format("| {0}{1}{0} | {2}{3} | {4} | {5} | {6} | {7} |\n", bad ? "**" : "",
                    name_of(assertion.verdict), cell(assertion.name), why, cell(assertion.expected),
                    cell(assertion.actual), cell(assertion.delta), cell(assertion.tolerance));
  }
  if (shown < ordered.size()) out += fmt::format("\n... and {} more\n", ordered.size() - shown);
  return out + "\n";
}

std::string cause_table(const RunReport& report) {
  if (report.causes.empty()) return "";
  std::string out =
      "| actions | verdict | cause | why | struck by | marked by | worth |\n"
      "| ---: | --- | --- | --- | --- | --- | --- |\n";
  const std::size_t shown = std::min(report.causes.size(), causes_max);
  for (std::size_t i = 0; i < shown; ++i) {
    const CauseCount& cause = report.causes[i];
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", with_thousands(cause.actions),
                       name_of(cause.verdict), cell(name_of(cause.cause)), about(cause.cause),
                       cell(report_text::faults_text(report, cause)),
                       cell(report_text::mark_text(cause)), cell(report_text::revenue_text(cause)));
  }
  return out + "\n";
}

std::string example_blocks(const RunReport& report) {
  if (report.verdict == Verdict::pass) return "";
  std::string out;
  const std::size_t shown = std::min(report.examples.size(), examples_max);
  for (std::size_t i = 0; i < shown; ++i) {
    const RunReport::Example& example = report.examples[i];
    std::string lines;
    for (std::size_t n = 0; n < std::min(example.timeline.size(), timeline_max); ++n)
      lines += (n > 0 ? "\n" : "") + report_text::one_line(example.timeline[n]);
    out += fmt::format("<details><summary>{}: {}, {}</summary>\n\n{}\n</details>\n\n",
                       cell(example.action), name_of(example.verdict), name_of(example.cause),
                       code(lines));
  }
  return out;
}

std::string load_table(const report_load::Table& rows) {
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t n = 0; n < rows.front().size(); ++n)
      out += "| " + (n < rows[i].size() ? cell(rows[i][n]) : std::string()) + " ";
    out += "|\n";
    if (i > 0) continue;
    out += "| --- ";
    for (std::size_t n = 1; n < rows.front().size(); ++n) out += "| ---: ";
    out += "|\n";
  }
  return out + "\n";
}

std::string load_part(const RunReport& report) {
  if (!report.load) return "";
  std::string out = "Load: " + cell(report_load::headline(*report.load)) + ".\n\n" +
                    load_table(report_load::rates(*report.load)) +
                    load_table(report_load::latencies(*report.load));
  for (const report_load::Remark& remark : report_load::remarks(*report.load))
    out += fmt::format("- {}: {}\n", remark.label, cell(remark.text));
  return out + "\n";
}

std::string counts(const RunReport& report) {
  std::string out = with_thousands(report.actions_total) + " actions";
  for (std::size_t i = 0; i < action_verdict_count; ++i)
    if (report.actions[i] > 0)
      out += fmt::format(", {} {}", with_thousands(report.actions[i]),
                         name_of(static_cast<ActionVerdict>(i)));
  return out + fmt::format("; {} rows, {} phantom, {} foreign", with_thousands(report.rows_total),
                           with_thousands(report.rows_phantom),
                           with_thousands(report.rows_foreign));
}

}  // namespace

std::string report_markdown(const RunReport& report) {
  std::string out = fmt::format("## {}: {}, seed {}\n\n", name_of(report.verdict),
                                cell(report.scenario), report.seed);
  if (!report.because.empty()) out += fmt::format("**{}**\n\n", cell(report.because));
  out += fmt::format("{}. Target: {}. Took {}.\n\n", counts(report), cell(report.target),
                     report_text::wall_time(report.timing.total));
  const std::string rerun = report.rerun.empty() ? "" : "Run it again:\n\n" + code(report.rerun);
  const std::string left_out = "*Something is left out for lack of room: see report.json.*\n\n";
  const std::string explanation =
      report.explanation ? explain_text::markdown(*report.explanation, "###") : std::string();
  bool complete = true;
  for (const std::string& part : {explanation, cause_table(report), assertion_table(report),
                                  load_part(report), example_blocks(report)}) {
    const bool fits = out.size() + part.size() + left_out.size() + rerun.size() <= size_max;
    if (fits) out += part;
    complete &= fits;
  }
  return out + (complete ? "" : left_out) + rerun;
}

}  // namespace parallax
