// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "assertions/assertion.h"
#include "assertions/explain.h"
#include "sim/core/result.h"
#include "sim/run/load_report.h"

namespace parallax {

/// Everything a report says, as plain values: made by the runner, printed by the functions below.
/// No report reads a clock, a file or the ledger.
struct RunReport {
  std::string parallax_version;
  std::string scenario;  ///< Name.
  std::string about;
  std::string scenario_hash;  ///< 16 hex digits of the effective scenario.
  std::uint64_t seed = 0;
  std::string run_id;
  std::string target;  ///< For people: "embedded reference pipeline (bugs: no_dedupe)".
  Verdict verdict = Verdict::unknown;
  std::string because;  ///< One sentence: why not pass; empty on pass.
  bool interrupted = false;

  std::uint64_t actions_total = 0;
  std::array<std::uint64_t, action_verdict_count> actions{};
  std::uint64_t rows_total = 0, rows_phantom = 0, rows_foreign = 0;

  std::vector<AssertionReport> assertions;
  std::vector<CauseCount> causes;  ///< Over the whole run, most actions first.

  /// The story of one action, for examples: lines ready to print, oldest first.
  struct Example {
    std::string action;  ///< "purchase 0x..., user u-17"
    ActionVerdict verdict = ActionVerdict::ok;
    Cause cause = Cause::none;
    std::vector<std::string> timeline;
  };
  std::vector<Example> examples;

  struct Fault {
    std::string name, kind;
    std::uint64_t struck = 0, skipped = 0, unreached = 0;
    bool may_miss = false;
  };
  std::vector<Fault> faults;

  struct Delivery {
    std::uint64_t emissions = 0;  ///< Made by client and server instrumentation and faults.
    std::uint64_t withheld = 0, destroyed = 0, abandoned = 0;
    std::uint64_t attempts = 0, retries = 0;
    std::uint64_t accepted = 0, rejected = 0, unknown = 0;  ///< Attempts by receipt.
    std::uint64_t events_sent = 0;  ///< Sum of batch sizes over attempts that left.
    std::vector<std::pair<int, std::uint64_t>> statuses;  ///< HTTP status -> attempts, ascending.
    std::vector<std::pair<std::string, std::uint64_t>> errors;  ///< The target's own, most first.
  } delivery;

  std::optional<LoadReport> load;   ///< Where the traffic was a load.
  std::vector<DeployPlan> deploys;  ///< Of the scenario.
  /// Why client rows per server row moved; only for scenarios that name deploys.
  std::optional<explain::Explanation> explanation;

  struct Timing {  ///< Wall time in microseconds, and simulated span. Differs between equal runs.
    Micros simulated = 0, traffic = 0, drain = 0, settle = 0, read = 0, judge = 0, total = 0;
  } timing;

  std::string rerun;   ///< The command that repeats this run.
  std::string folder;  ///< Run folder, for people.
  bool tables = true;  ///< The folder has ledger/*.parquet.
};

/// How a terminal report is printed.
struct TerminalStyle {
  bool colour = false;
  std::size_t width = 100;
  bool quiet = false;  ///< Only the last line.
};

/// The terminal report: verdict, causes ranked by actions, assertions as an aligned table,
/// examples, faults, delivery, rerun command; the last line is "parallax: pass scenario=...
/// seed=...", made to be grepped.
void print_report(const RunReport& report, const TerminalStyle& style, std::ostream& out);
/// report.json, version 1 (report.schema.json describes it): two-space indent, keys in the order of
/// DESIGN section 8.
std::string report_json(const RunReport& report);
/// JUnit XML: one testcase an assertion and one a cause of failure; an unknown is an <error>. Legal
/// XML 1.0 whatever the texts hold; at most 1 MiB (long texts are cut with a note).
std::string report_junit(const RunReport& report);
/// A Markdown summary for CI step pages, of at most 900 KiB: what does not fit is left out, and it
/// says so.
std::string report_markdown(const RunReport& report);
/// CTRF (the common test report format, as JSON): the cases of JUnit; what is unknown is `other`.
/// `ended`: wall time at which the run ended, which the format asks for.
std::string report_ctrf(const RunReport& report, SimTime ended);

/// What failed as GitHub's workflow commands: of all reports of a command the worst eight, since
/// the page shows ten a step and one of the job's own is to be seen too.
class Annotations {
 public:
  static constexpr std::size_t shown_max = 8;
  /// `file`: the scenario, from the checkout's root.
  void add(const RunReport& report, const std::string& file);
  /// One line each, failures before what is unknown; empty when all passes.
  std::string text() const;

 private:
  struct Line {
    Verdict verdict = Verdict::unknown;
    std::string text;
  };
  std::vector<Line> all_;
};

/// Exit code of DESIGN section 8 for a finished run: 0, 1 or 2; 130 when interrupted and not
/// failed.
int exit_code(const RunReport& report);

/// Writes `text` to a temporary file beside `file`, syncs and renames: never half a file under the
/// final name.
Result<void> write_whole(const std::filesystem::path& file, const std::string& text);

}  // namespace parallax
