// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "sim/run/explain_text.h"
#include "sim/run/report.h"
#include "sim/run/report_load.h"
#include "sim/run/report_text.h"
#include "sim/run/text_table.h"

namespace parallax {
namespace {

using report_text::one_line;
using report_text::per_cent;
using report_text::wall_time;
using report_text::with_thousands;
using enum TextTable::Align;

// A pass must fit a screen; what is left out stands in report.json.
constexpr std::size_t passing_assertions_max = 8;
constexpr std::size_t faults_max = 8;
constexpr std::size_t causes_max = 10;
constexpr std::size_t buckets_max = 8;
constexpr std::size_t tolerance_columns_max = 16;
constexpr std::size_t examples_max = 3;
constexpr std::size_t timeline_max = 16;
constexpr std::size_t errors_max = 5;

constexpr std::string_view bold = "\x1b[1m", plain = "\x1b[0m";
constexpr std::string_view green = "\x1b[32m", red = "\x1b[31m", yellow = "\x1b[33m";

/// Loud unless it is good: what the eye must find.
std::string_view word_for(Verdict v) {
  switch (v) {
    case Verdict::pass:
      return "pass";
    case Verdict::unknown:
      return "UNKNOWN";
    case Verdict::fail:
      return "FAIL";
  }
  return {};
}

class Printer {
 public:
  Printer(const RunReport& report, const TerminalStyle& style, std::ostream& out)
      : report_(report), style_(style), out_(out) {}

  void print() {
    print_headline();
    print_explanation();
    print_causes();
    print_assertions();
    print_load();
    print_examples();
    print_counts();
    print_faults();
    print_errors();
    print_where();
  }

 private:
  std::string_view colour(Verdict v) const {
    if (!style_.colour) return {};
    return v == Verdict::pass ? green : v == Verdict::fail ? red : yellow;
  }
  std::string painted(std::string_view paint, std::string_view text) const {
    if (!style_.colour) return std::string(text);
    return std::string(paint) + std::string(text) + std::string(plain);
  }
  void title(std::string_view text) { out_ << '\n' << painted(bold, text) << '\n'; }

  /// "label   text", the text wrapped under itself.
  void labelled(std::string_view label, const std::string& text) {
    constexpr std::size_t indent = 11;
    const std::size_t room = style_.width > 2 * indent ? style_.width - indent : indent;
    std::string head = fmt::format("{:<{}}", label, indent);
    for (const std::string& line : report_text::wrapped(text, room)) {
      out_ << head << line << '\n';
      head.assign(indent, ' ');
    }
  }
  /// For what is to be copied: never wrapped.
  void verbatim(std::string_view label, const std::string& text) {
    out_ << fmt::format("{:<11}", label) << one_line(text) << '\n';
  }
  void left_out(std::size_t count, std::string_view what) {
    if (count > 0) out_ << fmt::format("  ... and {} more {}\n", with_thousands(count), what);
  }

  void print_headline() {
    const std::string word =
        report_.verdict == Verdict::pass ? "PASS" : std::string(word_for(report_.verdict));
    out_ << painted(std::string(bold) + std::string(colour(report_.verdict)), word) << "  "
         << painted(bold, one_line(report_.scenario)) << fmt::format(", seed {}\n", report_.seed);
    const std::size_t room = style_.width > 20 ? style_.width - 2 : 20;
    const auto paragraph = [&](const std::string& text) {
      if (text.empty()) return;
      for (const std::string& line : report_text::wrapped(one_line(text), room))
        out_ << "  " << line << '\n';
    };
    if (report_.verdict != Verdict::pass) paragraph(report_.because);
    if (report_.verdict == Verdict::pass) paragraph(report_.about);
    paragraph(fmt::format(
        "{} actions {}, against {}, in {}.", with_thousands(report_.actions_total),
        report_.load ? "as a load" : "over " + format_duration(report_.timing.simulated),
        report_.target, wall_time(report_.timing.total)));
  }

  void print_explanation() {
    if (!report_.explanation) return;
    const explain::Explanation& e = *report_.explanation;
    const bool moved = e.finding == explain::Finding::cause || e.finding == explain::Finding::mix;
    title(
        fmt::format("Why the ratio of {} {}", one_line(e.event), moved ? "moved" : "stood still"));
    out_ << explain_text::sentences(e, style_.width);
  }

  void print_load() {
    if (!report_.load) return;
    title("Load");
    out_ << "  " << report_load::headline(*report_.load) << "\n\n";
    print_table(report_load::rates(*report_.load));
    out_ << '\n';
    print_table(report_load::latencies(*report_.load));
    out_ << '\n';
    for (const report_load::Remark& remark : report_load::remarks(*report_.load)) {
      if (remark.loud) out_ << colour(Verdict::unknown);
      labelled(remark.label, remark.text);
      if (remark.loud && style_.colour) out_ << plain;
    }
  }

  /// Names on the left, numbers on the right; the first row is the head.
  void print_table(const report_load::Table& rows) {
    std::vector<TextTable::Align> columns(rows.front().size(), right);
    columns.front() = left;
    TextTable table(columns, style_.width);
    for (std::vector<std::string> row : rows) {
      row.resize(columns.size());
      table.add(std::move(row));
    }
    out_ << table.text();
  }

  void print_causes() {
    if (report_.causes.empty()) return;
    title(report_.verdict == Verdict::fail ? "Why" : "Found, and expected or allowed");
    TextTable table({right, left, left, left}, style_.width);
    const std::size_t shown = std::min(report_.causes.size(), causes_max);
    for (std::size_t i = 0; i < shown; ++i) {
      const CauseCount& cause = report_.causes[i];
      std::string why(about(cause.cause));
      if (const std::string faults = report_text::faults_text(report_, cause); !faults.empty())
        why += "\nstruck by " + faults;
      if (const std::string mark = report_text::mark_text(cause); !mark.empty())
        why += "\nmarked by " + mark;
      if (const std::string worth = report_text::revenue_text(cause); !worth.empty())
        why += fmt::format("\nworth {}{}", worth,
                           cause.revenue_rank > 0 && report_.causes.size() > 1
                               ? fmt::format(" (no. {} by revenue)", cause.revenue_rank)
                               : "");
      table.add({with_thousands(cause.actions), std::string(name_of(cause.verdict)),
                 std::string(name_of(cause.cause)), std::move(why)},
                colour(severity(cause.verdict)));
    }
    out_ << table.text();
    left_out(report_.causes.size() - shown, "causes");
  }

  void print_assertions() {
    if (report_.assertions.empty()) return;
    title("Assertions");
    TextTable table({left, left, right, right, right, left}, style_.width);
    table.add({"", "", "expected", "actual", "delta", "tolerance"});
    std::size_t passing = 0;
    for (const AssertionReport& assertion : report_.assertions) {
      const bool quiet = assertion.verdict == Verdict::pass;
      if (quiet && ++passing > passing_assertions_max) continue;
      add_assertion(assertion, table);
      if (assertion.found != Verdict::pass) add_notes(assertion, table);
    }
    out_ << table.text();
    left_out(passing > passing_assertions_max ? passing - passing_assertions_max : 0, "that pass");
  }

  /// One row, or one a currency: long remarks in brackets are left to report.json.
  void add_assertion(const AssertionReport& assertion, TextTable& table) const {
    const auto without_remark = [](const std::string& text) {
      return text.substr(0, text.find(" ("));
    };
    const std::vector<std::string> expected = report_text::split(assertion.expected, "; ");
    const std::vector<std::string> actual =
        report_text::split(without_remark(assertion.actual), "; ");
    const std::vector<std::string> delta = report_text::split(assertion.delta, "; ");
    const auto part = [](const std::vector<std::string>& parts, std::size_t i) {
      return i < parts.size() ? one_line(parts[i]) : std::string();
    };
    const bool short_tolerance = assertion.tolerance.size() <= tolerance_columns_max &&
                                 assertion.tolerance != assertion.expected;
    const std::size_t rows = std::max({expected.size(), actual.size(), std::size_t{1}});
    for (std::size_t i = 0; i < rows; ++i)
      table.add({i == 0 ? std::string(word_for(assertion.verdict)) : "",
                 i == 0 ? one_line(assertion.name) : "", part(expected, i), part(actual, i),
                 part(delta, i), i == 0 && short_tolerance ? one_line(assertion.tolerance) : ""},
                i == 0 ? colour(assertion.verdict) : std::string_view{});
    if (!short_tolerance && assertion.tolerance != assertion.expected)
      table.add_note("allowing " + one_line(assertion.tolerance));
  }

  void add_notes(const AssertionReport& assertion, TextTable& table) const {
    if (assertion.expected_to_fail && assertion.verdict == Verdict::pass) {
      table.add_note("fails, as the scenario expects: " + one_line(assertion.why));
    } else if (!assertion.why.empty()) {
      table.add_note(one_line(assertion.why));
    }
    if (assertion.sample < assertion.sample_needed)
      table.add_note(fmt::format("{} actions seen, {} needed", with_thousands(assertion.sample),
                                 with_thousands(assertion.sample_needed)));
    add_buckets(assertion, table);
    // A ratio's actions may be right one by one, and so may what the app said wrong: only here they
    // are named.
    for (const CauseCount& cause : assertion.causes) {
      if (is_listed(cause)) continue;
      const std::string faults = report_text::faults_text(report_, cause);
      table.add_note(fmt::format("{} actions, {}{}{}", with_thousands(cause.actions),
                                 name_of(cause.cause), faults.empty() ? "" : ", struck by ",
                                 faults));
    }
  }

  /// Among the causes of the whole run.
  bool is_listed(const CauseCount& cause) const {
    return std::any_of(report_.causes.begin(), report_.causes.end(), [&](const CauseCount& known) {
      return known.verdict == cause.verdict && known.cause == cause.cause;
    });
  }

  /// All buckets where they are few, for the jump between them is the story; else the bad ones.
  void add_buckets(const AssertionReport& assertion, TextTable& table) const {
    const bool all = assertion.lines.size() <= buckets_max;
    std::size_t bad = 0;
    for (const AssertionReport::Line& line : assertion.lines) {
      if (line.bucket == "all" || (!all && line.verdict == Verdict::pass)) continue;
      if (++bad > buckets_max) continue;
      table.add({"", "  " + one_line(line.bucket), one_line(line.expected),
                 report_text::split(one_line(line.actual), " (").front(), one_line(line.delta),
                 std::string(word_for(line.verdict))});
    }
    if (bad > buckets_max)
      table.add_note(fmt::format("... and {} more like these", with_thousands(bad - buckets_max)));
  }

  void print_examples() {
    if (report_.examples.empty() || report_.verdict == Verdict::pass) return;
    title("Examples");
    const std::size_t room = std::max<std::size_t>(style_.width, 64) - 4;
    constexpr std::size_t title_room = 40;  // For the verdict and the cause behind the name.
    const std::size_t shown = std::min(report_.examples.size(), examples_max);
    for (std::size_t i = 0; i < shown; ++i) {
      const RunReport::Example& example = report_.examples[i];
      out_ << "  " << report_text::cut_to(one_line(example.action), room - title_room) << ": "
           << painted(colour(severity(example.verdict)), name_of(example.verdict)) << ", "
           << name_of(example.cause) << '\n';
      const std::size_t lines = std::min(example.timeline.size(), timeline_max);
      for (std::size_t n = 0; n < lines; ++n)
        out_ << "    " << report_text::cut_to(one_line(example.timeline[n]), room) << '\n';
      if (lines < example.timeline.size())
        out_ << fmt::format("    ... and {} more lines\n", example.timeline.size() - lines);
    }
    left_out(report_.examples.size() - shown, "in report.json");
  }

  void print_counts() {
    out_ << '\n';
    std::string actions = with_thousands(report_.actions_total) + " =";
    for (std::size_t i = 0; i < action_verdict_count; ++i) {
      if (report_.actions[i] == 0) continue;
      actions +=
          fmt::format("{} {} {} ({})", actions.ends_with('=') ? "" : " +",
                      with_thousands(report_.actions[i]), name_of(static_cast<ActionVerdict>(i)),
                      per_cent(report_.actions[i], report_.actions_total));
    }
    labelled("actions", report_.actions_total > 0 ? actions : "none");
    labelled(
        "rows",
        fmt::format("{} canonical, {} phantom, {} foreign", with_thousands(report_.rows_total),
                    with_thousands(report_.rows_phantom), with_thousands(report_.rows_foreign)));
    const RunReport::Delivery& d = report_.delivery;
    labelled("emissions", fmt::format("{} made, {} withheld, {} destroyed, {} abandoned",
                                      with_thousands(d.emissions), with_thousands(d.withheld),
                                      with_thousands(d.destroyed), with_thousands(d.abandoned)));
    std::string attempts = fmt::format(
        "{} ({} retries) with {} events: {} accepted, {} rejected, {} unknown",
        with_thousands(d.attempts), with_thousands(d.retries), with_thousands(d.events_sent),
        with_thousands(d.accepted), with_thousands(d.rejected), with_thousands(d.unknown));
    // Else the two numbers of requests on one screen would look like a mistake.
    if (report_.load && d.attempts > report_.load->tally.sent.requests)
      attempts += fmt::format("; {} of them outside of the measured time: warm-up, last batches",
                              with_thousands(d.attempts - report_.load->tally.sent.requests));
    labelled("attempts", attempts);
    std::string statuses;
    for (const auto& [status, count] : d.statuses)
      statuses +=
          fmt::format("{}{}: {}", statuses.empty() ? "HTTP " : ", ", status, with_thousands(count));
    if (!statuses.empty()) labelled("answers", statuses);
    const RunReport::Timing& t = report_.timing;
    labelled("time", fmt::format("traffic {}, drain {}, settle {}, read {}, judge {}",
                                 wall_time(t.traffic), wall_time(t.drain), wall_time(t.settle),
                                 wall_time(t.read), wall_time(t.judge)));
  }

  void print_faults() {
    if (report_.faults.empty()) return;
    title("Faults");
    TextTable table({left, right, right, right, left}, style_.width);
    table.add({"", "struck", "skipped", "unreached", ""});
    std::size_t left_over = 0, lines = 0;
    for (const RunReport::Fault& fault : report_.faults) {
      const bool missed = fault.struck == 0 && !fault.may_miss;
      if (!missed && ++lines > faults_max) {
        ++left_over;
        continue;
      }
      table.add({one_line(fault.name), with_thousands(fault.struck), with_thousands(fault.skipped),
                 with_thousands(fault.unreached), missed ? "never struck" : ""},
                missed ? colour(Verdict::unknown) : std::string_view{});
    }
    out_ << table.text();
    left_out(left_over, "that struck or may miss");
  }

  void print_errors() {
    const auto& errors = report_.delivery.errors;
    if (errors.empty()) return;
    title("Errors of the target");
    TextTable table({right, left}, style_.width);
    const std::size_t shown = std::min(errors.size(), errors_max);
    for (std::size_t i = 0; i < shown; ++i)
      table.add({with_thousands(errors[i].second), one_line(errors[i].first)});
    out_ << table.text();
    left_out(errors.size() - shown, "kinds");
  }

  void print_where() {
    out_ << '\n';
    if (!report_.folder.empty()) verbatim("folder", report_.folder);
    if (!report_.tables)
      verbatim("tables", "neither they nor report.html for a run of this size; add --tables");
    if (!report_.rerun.empty()) verbatim("rerun", report_.rerun);
  }

  const RunReport& report_;
  const TerminalStyle& style_;
  std::ostream& out_;
};

/// Made to be grepped and split at blanks, so `run` is last: a folder may have blanks.
std::string last_line(const RunReport& report) {
  std::string line =
      fmt::format("parallax: {} scenario={} seed={} actions={}", name_of(report.verdict),
                  one_line(report.scenario), report.seed, report.actions_total);
  for (std::size_t i = 0; i < action_verdict_count; ++i)
    line += fmt::format(" {}={}", name_of(static_cast<ActionVerdict>(i)), report.actions[i]);
  return line + fmt::format(" phantom={} foreign={} run={}\n", report.rows_phantom,
                            report.rows_foreign, one_line(report.folder));
}

}  // namespace

void print_report(const RunReport& report, const TerminalStyle& style, std::ostream& out) {
  if (!style.quiet) Printer(report, style, out).print();
  out << last_line(report);
}

}  // namespace parallax
