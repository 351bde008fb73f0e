// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/load.h"

/// The commands behind the command line, as functions of plain options. Each prints for people and
/// returns the exit code of DESIGN section 8. cli.cpp turns words into these options.
namespace parallax {

/// Exit codes: other programs rely on them.
enum ExitCode : int {
  exit_pass = 0,
  exit_fail = 1,
  exit_unknown = 2,
  exit_internal = 3,
  exit_usage = 4,
  exit_nothing_selected = 5,
  exit_interrupted = 130,
  /// Standard output was closed by its reader (`| head`), as a shell shows a program ended by
  /// SIGPIPE. What the command writes to files was written before.
  exit_broken_pipe = 141,
};

/// Options that `run`, `replay` and `judge` share.
struct RunCommand {
  std::vector<std::string> scenarios;  ///< Files, or folders searched for *.json.
  std::string target;                  ///< File or URL; empty: the scenario's own, or embedded.
  std::optional<std::uint64_t> seed;
  std::string out;  ///< Run folder; with several scenarios the folder that holds theirs.
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> bugs;         ///< Switches of the embedded pipeline.
  std::string policy;                    ///< It dedupes as this vendor does.
  std::vector<std::string> reports;      ///< "KIND=FILE".
  std::vector<std::string> allow_hosts;  ///< Hosts besides loopback that may be sent to.
  std::string select;                    ///< Part of a scenario's name.
  std::string run_id;
  std::string shard = "1/1";  ///< "2/4": the second of four parts of the users.
  unsigned jobs = 1;
  unsigned judge_jobs = 0;  ///< Threads that judge; 0: as many as cores.
  bool tables = false;      ///< `judge`: the ledger's tables, however large the run is.
  bool quiet = false;
  bool json = false;
  bool live = false;            ///< Serve the live page.
  std::uint16_t live_port = 0;  ///< 0: any free one.
};

int command_run(const RunCommand& command);
/// Repeats the run of a folder from its effective scenario.
int command_replay(const std::filesystem::path& folder, RunCommand command);
/// Judges a folder again from its journals.
int command_judge(const std::filesystem::path& folder, const RunCommand& command);

struct GenerateCommand {
  std::string scenario;
  std::string out;                ///< Folder; "-": standard output, without a folder.
  std::string format = "ndjson";  ///< See event_formats.
  std::string wire;               ///< ndjson: a wire format; empty: shared.
  std::string shard = "1/1";
  std::string length;  ///< Duration, instead of time.length.
  std::optional<std::uint32_t> users;
  std::optional<std::uint64_t> seed;
  std::vector<std::pair<std::string, std::string>> set;
  unsigned jobs = 1;
  bool faults = true;
  bool ledger = true;
  bool quiet = false;
  bool stream = false;  ///< Events to standard output, only the ledger into the folder.

  bool has_folder() const { return out != "-"; }
  bool to_stdout() const { return stream || !has_folder(); }
  std::string wire_or_default() const { return wire.empty() ? "shared" : wire; }
};
/// Writes the raw events of a scenario into a folder, and the ledger beside them for `judge`.
int command_generate(const GenerateCommand& command);

/// Options of `load` besides those it shares with `run`. Texts are as written.
struct LoadCommand {
  RunCommand run;  ///< With exactly one scenario.
  std::string rate, duration = "30s", warmup = "0s";
  std::vector<std::string> stages;      ///< "30s:20k".
  std::vector<std::string> thresholds;  ///< "latency.p99 < 50ms".
  std::optional<std::uint32_t> users;
  std::uint32_t connections = 16;
  std::uint32_t batch = 50;
  std::uint64_t in_flight_max = 100'000;
  bool closed = false;
};
/// Plays a scenario as a load against its target, measures and judges.
int command_load(const LoadCommand& command);

struct ReportCommand {
  std::string folder;
  bool open = false;       ///< In the desktop's browser.
  bool serve = false;      ///< On loopback, until interrupted.
  std::uint16_t port = 0;  ///< 0: any free one.
};
/// Writes report.html of a run folder anew.
int command_report(const ReportCommand& command);

struct ExplainCommand {
  std::string folder;
  std::string of;  ///< An event; empty: see explained_event.
  bool json = false;
};
/// Says why client rows per server row moved in a run.
int command_explain(const ExplainCommand& command);

struct ShrinkCommand {
  std::string source;   ///< Scenario file, or run folder.
  RunCommand run;       ///< --target, --bug, --set and the like.
  std::string finding;  ///< "duplicated/retransmit", or an assertion; empty: the first.
  std::string out;      ///< Scenario file to write.
  unsigned runs_max = 60;
  std::string limit = "10m";
};
/// Finds which faults a failure needs, and writes the smallest scenario that shows it.
int command_shrink(const ShrinkCommand& command);

struct BlameCommand {
  std::string folder;  ///< Run folder.
  unsigned runs_max = 60;
  bool json = false;
};
/// Says which faults each finding of a run needs, and writes it into its ledger.
int command_blame(const BlameCommand& command);

struct ChallengeCommand {
  std::string name;
  std::string folder = "scenarios/incident";
  std::string out;  ///< Run folder.
  std::optional<std::uint64_t> seed;
};
/// Plays an incident and names the three fastest checks, with what they find, and a safe metric.
int command_challenge(const ChallengeCommand& command);

/// Texts are as written.
struct MonitorCommand {
  std::string read;              ///< Monitor file, or a DuckDB database.
  std::string baseline, window;  ///< "2026-03-02..2026-03-05".
  std::string slo;               ///< File of bounds.
  std::string out;               ///< Folder for monitor.md and monitor.json.
  bool json = false;
};
/// Holds the client's rows of somebody's tables against the server's, without a ledger.
int command_monitor(const MonitorCommand& command);

struct MergeCommand {
  RunCommand run;                    ///< --out, --target, reports and the like.
  std::vector<std::string> folders;  ///< Run folders of the shards.
};
/// One report with one verdict from the run folders of all shards of a run or a load.
int command_merge(const MergeCommand& command);

/// Checks scenario files; with a target, also whether it can do what they ask of it.
int command_validate(const RunCommand& command);
/// One line a scenario below `folder`.
int command_scenarios(const std::string& folder);
struct ShowCommand {
  std::string scenario;  ///< File, or the name of one below `folder`.
  std::string folder = "scenarios";
  std::string svg;  ///< File to draw into, "-" for standard output; empty: text.
  std::vector<std::pair<std::string, std::string>> set;
};
/// Draws a scenario: journeys, who emits what, which faults strike where, assertions.
int command_show(const ShowCommand& command);
int command_faults();
int command_bugs();
/// The dedupe policies of the reference pipeline: its own and its twins of vendors.
int command_policies();
struct CompareCommand {
  std::string scenario;  ///< File.
  std::string policies;  ///< "segment,posthog", or "all".
  std::optional<std::uint64_t> seed;
  std::string out;  ///< Folder that holds a run folder for each policy.
  std::vector<std::pair<std::string, std::string>> set;
  bool json = false;
  bool quiet = false;  ///< Only the last line.
};
/// Plays one scenario against the reference and each policy; the verdicts side by side. The worst
/// of the policies' exit codes.
int command_compare(const CompareCommand& command);
/// All SDK profiles in a table, or everything about one.
int command_sdks(const std::string& name);
/// Prints the JSON Schema of scenario files.
int command_schema();

/// The data sets to learn with, and their tasks.
int command_dataset_list();
struct DatasetCommand {
  std::string name;
  std::string out;
  std::string size = "small";  ///< See bundle_size.
  std::optional<std::uint64_t> seed;
};
/// Makes a bundle of one data set: for students, and for teachers.
int command_dataset_make(const DatasetCommand& command);
struct GradeCommand {
  std::string task;
  std::string answer;  ///< .sql or .csv.
  std::string size = "small";
  std::optional<std::uint64_t> seed;        ///< Of the public data.
  std::vector<std::uint64_t> hidden_seeds;  ///< None: one that follows from the public one.
};
/// Grades one answer to one task.
int command_grade(const GradeCommand& command);
struct DiffCommand {
  std::string a, b;  ///< Run folders.
  bool json = false;
  bool quiet = false;  ///< Only the last line.
};
/// What changed from one run to another: exit_fail or exit_unknown where something that held in `a`
/// has ceased to in `b`.
int command_diff(const DiffCommand& command);

struct CommandNode;  // command_tree.h
/// Explains a topic or a command; without a word lists both.
int command_help(const CommandNode& root, const std::string& word);
/// Says what this machine has and lacks; exit_usage where something that runs need is missing.
int command_doctor(const std::string& runs);
int command_completion(const CommandNode& root, const std::string& shell);
int command_man(const CommandNode& root);
/// Shared by the commands: loads with the real fault catalogue and clock, prints every problem to
/// stderr.
std::optional<Scenario> load_or_explain(
    const std::string& file, const std::vector<std::pair<std::string, std::string>>& set);
/// Scenario files named by `words`: files as they are, folders searched, sorted.
std::vector<std::filesystem::path> scenario_files(const std::vector<std::string>& words);

}  // namespace parallax
