// SPDX-License-Identifier: Apache-2.0
#include "sim/run/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "sim/drive/ascii.h"
#include "sim/drive/target.h"
#include "sim/pipeline/pipeline.h"
#include "sim/read/reader.h"
#include "sim/run/ledger_parquet.h"
#include "sim/run/row_table.h"
#include "sim/run/run_folder.h"
#include "sim/run/settle.h"
#include "sim/run/story.h"
#include "sim/run/summary.h"
#include "sim/run/traffic.h"
#include "sim/run/version.h"
#include "sim/run/workers.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

Micros since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

SimTime wall_now() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

/// Different for every run of a live target, or its dedupe would swallow the second run of a seed.
std::string fresh_run_id(const Scenario& scenario) {
  return fmt::format("{}-{}-{:x}-{:x}", scenario.name, scenario.seed,
                     static_cast<std::uint64_t>(wall_now().since_epoch), ::getpid());
}

/// What a format of a vendor says in headers, unless the target file says it otherwise.
void add_missing(const std::vector<std::pair<std::string, std::string>>& wanted,
                 std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& header : wanted) {
    const bool given = std::any_of(headers.begin(), headers.end(), [&](const auto& own) {
      return equals_ignoring_case(own.first, header.first);
    });
    if (!given) headers.push_back(header);
  }
}

/// The target of one run: the embedded pipeline where there is one, and how to reach it.
class Connection {
 public:
  Connection(const Scenario& scenario, const TargetPlan& plan, std::filesystem::path data)
      : scenario_(&scenario), plan_(&plan), data_(std::move(data)) {}

  bool embedded() const { return plan_->send.kind == "embedded"; }

  /// Starts the embedded pipeline (again): what is read afterwards comes from its disk alone.
  Result<void> start() {
    if (!embedded()) return {};
    pipeline_.reset();
    Result<std::unique_ptr<Pipeline>> made = start_pipeline(*scenario_, *plan_, data_);
    if (!made) return made.error();
    pipeline_ = std::move(*made);
    return {};
  }

  void stop() {
    if (pipeline_) pipeline_->stop();
  }

  HttpTargetOptions http_options(const WireFormat& format) const {
    HttpTargetOptions options;
    options.url = embedded() ? pipeline_->url() + std::string(format.path()) : plan_->send.url;
    options.content_type = format.content_type();
    options.headers = plan_->send.headers;
    add_missing(format.headers(), options.headers);
    options.gzip = plan_->send.gzip;
    options.connections = plan_->send.connections;
    options.timeout = plan_->send.timeout;
    options.clock_header = plan_->send.simulated_clock;
    return options;
  }

  Result<std::unique_ptr<Target>> make_target(const WireFormat& format) const {
    if (plan_->send.kind == "file") return make_file_target(plan_->send.path);
    return make_http_target(http_options(format));
  }

  Result<std::unique_ptr<RowReader>> make_reader() const {
    const TargetPlan::Read& read = plan_->read;
    if (read.kind == "file") return make_file_reader(read.path, read.columns, scenario_->plan);
    if (read.kind == "duckdb")
      return make_duckdb_reader(read.path, read.query, read.columns, scenario_->plan);
    HttpReaderOptions options;
    options.url =
        read.kind == "embedded" ? pipeline_->url() + "/v1/clean_events?run_id={run_id}" : read.url;
    options.headers = read.headers;
    options.columns = read.columns;
    options.timeout = read.timeout;
    return make_http_reader(options, scenario_->plan);
  }

  std::string describe() const {
    if (!embedded())
      return plan_->send.kind + " " +
             (plan_->send.kind == "file" ? plan_->send.path : plan_->send.url);
    std::string text = "embedded reference pipeline";
    for (std::size_t i = 0; i < plan_->send.bugs.size(); ++i)
      text += (i == 0 ? " with bug " : ", ") + plan_->send.bugs[i];
    return text;
  }

 private:
  const Scenario* scenario_;
  const TargetPlan* plan_;
  std::filesystem::path data_;
  std::unique_ptr<Pipeline> pipeline_;
};

void start_phase(const RunOptions& options, std::string_view name) {
  if (options.progress != nullptr) options.progress->phase(name);
}

/// The sum over what failed, and what to look at: causes of failing actions first, then the causes
/// that assertions name by themselves.
std::vector<CauseCount> example_causes(const RunReport& report) {
  std::vector<CauseCount> causes = report.causes;
  for (const AssertionReport& assertion : report.assertions)
    if (assertion.found == Verdict::fail)
      causes.insert(causes.end(), assertion.causes.begin(), assertion.causes.end());
  return causes;
}

/// Memory for what is sorted by lane. What is kept of each action besides takes some 80 bytes, and
/// a journal some 300: large runs leave that much less.
SpillLimit spill_limit(const RunFolder& folder,
                       const std::vector<std::filesystem::path>& journals) {
  constexpr std::uintmax_t most = std::uintmax_t{1} << 30U, least = most / 16;
  std::uintmax_t size = 0;
  for (const auto& journal : journals) size += std::filesystem::file_size(journal);
  const std::uintmax_t kept = size / 8;
  return {folder.root, most - std::min(most - least, kept)};
}

/// Judges what was read; once more with what comes late, where the target file asks for it.
Result<std::unique_ptr<JudgedRun>> judge_rows(const Scenario& scenario, const LaneStore& ledger,
                                              RowReader& reader, const TargetPlan& target,
                                              const std::string& run_id, unsigned jobs,
                                              const MakeRowStore& make, RowStore& rows) {
  Result<std::unique_ptr<JudgedRun>> judged = JudgedRun::judge(scenario, ledger, rows, jobs);
  if (!judged || target.settle.late == 0) return judged;
  const auto lost = static_cast<std::size_t>(ActionVerdict::lost);
  if ((*judged)->trial().counts()[lost] == 0) return judged;
  if (const Result<void> late = read_late(reader, target.settle, run_id, make, rows); !late)
    return late.error();
  return JudgedRun::judge(scenario, ledger, rows, jobs);
}

unsigned jobs_of(const RunOptions& options) {
  return options.judge_jobs > 0 ? options.judge_jobs : core_count();
}

/// The tables, where they are wanted, and meanwhile the examples: both only look. The ledger of a
/// folder that is judged again has not changed: only missing tables are written.
Result<void> tell_and_export(const JudgedRun& run, const RunFolder& folder, RowReader& reader,
                             const std::string& run_id, const RunOptions& options,
                             RunReport& report) {
  const LedgerParts parts{lane_count, [&run](std::size_t lane, Ledger& out) {
                            return run.ledger().load(static_cast<LaneIndex>(lane), out);
                          }};
  std::vector<const Judgement*> judgements;
  for (LaneIndex lane = 0; lane < lane_count; ++lane)
    judgements.push_back(&run.trial().judgement(lane));
  report.tables = run.trial().actions() <= options.tables_actions_max;
  std::vector<std::function<Result<void>()>> work;
  if (report.tables) {
    work.emplace_back([&] { return export_rows(run, folder.ledger()); });
    work.emplace_back([&] { return export_verdicts(run.scenario(), judgements, folder.ledger()); });
  } else {
    remove_verdicts(folder.ledger());
    remove_rows(folder.ledger());
  }
  work.emplace_back([&]() -> Result<void> {
    Result<std::vector<RunReport::Example>> told =
        tell_examples(run, reader, run_id, example_causes(report));
    if (!told) return told.error();
    report.examples = std::move(*told);
    return {};
  });
  if (report.tables)
    for (const LedgerTable table : missing_tables(folder.ledger(), journal_files(folder.ledger())))
      work.emplace_back(
          [&, table] { return export_table(run.scenario(), parts, table, folder.ledger()); });
  return share_work(jobs_of(options), work.size(), [&](std::size_t i) { return work[i](); });
}

/// Settle, read, judge: the second half of a run, and all of `judge`.
Result<RunReport> read_and_judge(const Scenario& scenario, const TargetPlan& target,
                                 const RunOptions& options, const std::string& run_id,
                                 Connection& connection, RunReport report,
                                 const std::string& cut_short) {
  const RunFolder folder{options.folder};
  const unsigned jobs = jobs_of(options);
  keep_freed_memory();
  start_phase(options, "ledger");
  const Clock::time_point scan_start = Clock::now();
  const std::vector<std::filesystem::path> journals = journal_files(folder.ledger());
  const SpillLimit limit = spill_limit(folder, journals);
  Result<LaneStore> ledger = LaneStore::scan(journals, limit, jobs);
  if (!ledger) return ledger.error();
  const Micros scan_took = since(scan_start);

  start_phase(options, "settle");
  Result<std::unique_ptr<RowReader>> reader = connection.make_reader();
  if (!reader) return reader.error();
  const bool at_once = target.read.kind == "embedded";
  const MakeRowStore make = [&] {
    return std::make_unique<RowStore>(ledger->ids(), scenario.plan, run_id, limit);
  };
  Result<Settled> settled =
      settle_and_read(**reader, target.settle, run_id, at_once, make, options.progress);
  if (!settled) return settled.error();
  report.timing.settle = settled->settle_took;
  report.timing.read = settled->read_took;

  start_phase(options, "judge");
  const Clock::time_point judge_start = Clock::now();
  if (target.settle.late == 0) ledger->forget_ids();
  Result<std::unique_ptr<JudgedRun>> judged =
      judge_rows(scenario, *ledger, **reader, target, run_id, jobs, make, *settled->rows);
  if (!judged) return judged.error();
  summarise(**judged, report);
  report.timing.judge = scan_took + since(judge_start);

  const std::string torn =
      ledger->counts().torn ? "the run was killed: its journal ends in the middle of a record" : "";
  conclude({cut_short, torn, settled->problem}, report);
  start_phase(options, "tables");
  if (const Result<void> done =
          tell_and_export(**judged, folder, **reader, run_id, options, report);
      !done)
    return done.error();
  return report;
}

RunReport blank_report(const Scenario& scenario, const RunOptions& options,
                       const std::string& run_id) {
  RunReport report;
  report.parallax_version = version_text;
  report.scenario = scenario.name;
  report.about = scenario.about;
  report.scenario_hash = scenario_hash(scenario);
  report.seed = scenario.seed;
  report.run_id = run_id;
  report.rerun = options.rerun;
  report.folder = options.folder.string();
  report.timing.simulated = scenario.time.length;
  return report;
}

}  // namespace

Result<std::unique_ptr<Pipeline>> start_pipeline(const Scenario& scenario, const TargetPlan& target,
                                                 const std::filesystem::path& data) {
  PipelineOptions options;
  options.data = data;
  options.contract = scenario.plan;
  for (const std::string& text : target.send.bugs) {
    Result<BugSwitch> bug = parse_bug(text);
    if (!bug) return bug.error();
    options.bugs.push_back(*bug);
  }
  return Pipeline::start(options);
}

Result<RunReport> run_scenario(const Scenario& scenario, const TargetPlan& target,
                               const RunOptions& options) {
  const Clock::time_point start = Clock::now();
  std::string run_id = options.run_id;
  if (run_id.empty())
    run_id = target.send.kind == "embedded" ? derived_run_id(scenario.name, scenario.seed)
                                            : fresh_run_id(scenario);
  RunReport report = blank_report(scenario, options, run_id);

  Result<FaultChain> faults = FaultChain::make(scenario, scenario.seed);
  if (!faults) return faults.error();
  Result<std::unique_ptr<WireFormat>> format =
      make_wire_format(target.send.format, scenario.plan, run_id, {target.send.key});
  if (!format) return format.error();
  const RunInfo info{version_text,         run_id,       scenario.seed,
                     report.scenario_hash, options.jobs, options.shard};
  Result<RunFolder> folder = prepare_run_folder(options.folder, scenario, target, info);
  if (!folder) return folder.error();
  Connection connection(scenario, target, folder->pipeline());
  if (const Result<void> up = connection.start(); !up) return up.error();
  report.target = connection.describe();

  start_phase(options, "traffic");
  const World world(scenario, scenario.seed);
  const Instrumentation instrumentation(scenario, scenario.seed, run_id);
  const Prng root(scenario.seed);
  const LaneContext context{
      world, instrumentation, *faults, root.stream("network"), root.stream("backoff"), wall_now};
  TrafficOptions traffic_options;
  traffic_options.jobs = options.jobs;
  traffic_options.shard = options.shard;
  traffic_options.pace = scenario.time.pace;
  traffic_options.journals = folder->ledger();
  traffic_options.format = format->get();
  traffic_options.make_target = [&] { return connection.make_target(**format); };
  traffic_options.progress = options.progress;
  traffic_options.interrupted = options.interrupted;
  const Clock::time_point traffic_start = Clock::now();
  Result<Traffic> traffic =
      options.play ? options.play(context, traffic_options, connection.http_options(**format))
                   : play_traffic(context, traffic_options);
  if (!traffic) return traffic.error();
  report.timing.traffic = since(traffic_start);
  report.delivery.errors = traffic->errors;
  report.interrupted = traffic->interrupted;

  connection.stop();
  if (options.shard.of > 1 && target.send.kind != "embedded") {
    report.because =
        fmt::format("shard {} of {} is not judged alone: parallax report merge judges all of them",
                    options.shard.index + 1, options.shard.of);
    report.timing.total = since(start);
    return report;
  }
  if (const Result<void> up = connection.start(); !up) return up.error();
  Result<RunReport> judged = read_and_judge(scenario, target, options, run_id, connection,
                                            std::move(report), traffic->gave_up);
  if (judged) judged->timing.total = since(start);
  return judged;
}

Result<RunReport> judge_folder(const Scenario& scenario, const TargetPlan& target,
                               const RunOptions& options) {
  const Clock::time_point start = Clock::now();
  Result<RunInfo> info = read_run_info(options.folder);
  if (!info) return info.error();
  const RunFolder folder{options.folder};
  Connection connection(scenario, target, folder.pipeline());
  if (const Result<void> up = connection.start(); !up) return up.error();
  RunReport report = blank_report(scenario, options, info->run_id);
  report.target = connection.describe();
  Result<RunReport> judged =
      read_and_judge(scenario, target, options, info->run_id, connection, std::move(report), "");
  if (judged) judged->timing.total = since(start);
  return judged;
}

}  // namespace parallax
