// SPDX-License-Identifier: Apache-2.0
#include "sim/run/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include "sim/run/batch_limits.h"
#include "sim/run/cause_marks.h"
#include "sim/run/connection.h"
#include "sim/run/ledger_parquet.h"
#include "sim/run/proxy_scenario.h"
#include "sim/run/restarts.h"
#include "sim/run/row_table.h"
#include "sim/run/run_folder.h"
#include "sim/run/secrets.h"
#include "sim/run/send_again.h"
#include "sim/run/settle.h"
#include "sim/run/side_tables.h"
#include "sim/run/story.h"
#include "sim/run/summary.h"
#include "sim/run/tagged_event.h"
#include "sim/run/traffic.h"
#include "sim/run/version.h"
#include "sim/run/wall_clock.h"
#include "sim/run/workers.h"

namespace parallax {
namespace {

/// Different for every run of a live target, or its dedupe would swallow the second run of a seed.
std::string fresh_run_id(const Scenario& scenario) {
  return fmt::format("{}-{}-{:x}-{:x}", scenario.name, scenario.seed,
                     static_cast<std::uint64_t>(wall_now().since_epoch), ::getpid());
}

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
  std::vector<CauseCount> marked = report.causes;
  if (report.tables)
    work.emplace_back([&]() -> Result<void> {
      Result<std::vector<CauseCount>> found = mark_causes(run, report.causes);
      if (!found) return found.error();
      marked = std::move(*found);
      return {};
    });
  if (report.tables)
    for (const LedgerTable table : missing_tables(folder.ledger(), journal_files(folder.ledger())))
      work.emplace_back(
          [&, table] { return export_table(run.scenario(), parts, table, folder.ledger()); });
  const Result<void> done =
      share_work(jobs_of(options), work.size(), [&](std::size_t i) { return work[i](); });
  report.causes = std::move(marked);
  return done;
}

/// Settle, read, judge: the second half of a run, and all of `judge`. `again` may be empty.
Result<RunReport> read_and_judge(const Scenario& scenario, const TargetPlan& target,
                                 const RunOptions& options, const std::string& run_id,
                                 Connection& connection, RunReport report,
                                 const std::string& cut_short, const SendAgain& again,
                                 const ProxiedRun* through = nullptr) {
  const RunFolder folder{options.folder};
  const unsigned jobs = jobs_of(options);
  keep_freed_memory();
  start_phase(options, "ledger");
  const Clock::time_point scan_start = Clock::now();
  const std::vector<std::filesystem::path> journals = journal_files(folder.ledger());
  const SpillLimit limit{folder.root};
  Result<LaneStore> ledger = LaneStore::scan(journals, limit, jobs);
  if (!ledger) return ledger.error();
  const Micros scan_took = since(scan_start);

  start_phase(options, "settle");
  Result<std::unique_ptr<RowReader>> reader = connection.make_reader();
  if (!reader) return reader.error();
  if (through != nullptr) *reader = through->through(std::move(*reader));
  // On PostgreSQL a session that was cut may still be rolling back, and hold newer rows up.
  const bool at_once = target.read.kind == "embedded" && target.send.kind != "postgres";
  const MakeRowStore make = [&] {
    return std::make_unique<RowStore>(ledger->ids(), scenario.plan, run_id, limit);
  };
  Result<Settled> settled =
      settle_and_read(**reader, target.settle, run_id, at_once, make, options.progress);
  if (!settled) return settled.error();
  report.timing.settle = settled->settle_took;
  report.timing.read = settled->read_took;
  if (settled->rows->facts().complete) {
    const Result<void> reread = read_again(**reader, target.settle, run_id, at_once,
                                           further_reads(scenario), make, *settled->rows);
    if (!reread) return reread.error();
    const Result<void> beside =
        read_side_tables(scenario, connection, run_id, settled->rows->facts());
    if (!beside) return beside.error();
  }

  start_phase(options, "judge");
  const Clock::time_point judge_start = Clock::now();
  const bool resends = again && wants_resending(scenario);
  if (target.settle.late == 0 && !resends) ledger->forget_ids();
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
  if (!resends) return report;
  start_phase(options, "again");
  const Result<void> compared =
      compare_again(again, {**judged, target, run_id, make, at_once, jobs},
                    folder.root / "again-pipeline", connection, settled->rows->facts());
  if (!compared) return compared.error();
  report.assertions = (*judged)->trial().reports();
  report.because.clear();
  conclude({cut_short, torn, settled->problem}, report);
  return report;
}

/// One event after all others. Where it is not accepted, settling waits for it in vain and says so.
Result<void> send_watermark(const Scenario& scenario, const TargetPlan& target,
                            const Connection& connection, const std::string& run_id) {
  const TaggedEvent watermark = watermark_of(run_id, scenario.time.start + scenario.time.length);
  const auto format = watermark.format(target.send);
  if (!format) return format.error();
  const auto sender = connection.make_target(**format);
  if (!sender) return sender.error();
  watermark.send(**sender, **format);
  return (*sender)->close();
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

/// What a run plays with, made before anything is sent.
struct Stage {
  FaultChain faults;
  std::unique_ptr<WireFormat> format;
  RunFolder folder;
};
Result<Stage> set_stage(const Scenario& scenario, const TargetPlan& target,
                        const RunOptions& options, const std::string& run_id,
                        const std::string& scenario_hash) {
  if (const Result<void> fit = check_faults(scenario, target); !fit) return fit.error();
  Result<FaultChain> faults = FaultChain::make(scenario, scenario.seed);
  if (!faults) return faults.error();
  Result<std::unique_ptr<WireFormat>> format = make_wire_format(
      target.send.format, scenario.plan, run_id, {target.send.key, target.send.pattern});
  if (!format) return format.error();
  const RunInfo info{version_text,  run_id,       scenario.seed,
                     scenario_hash, options.jobs, options.shard};
  Result<RunFolder> folder = prepare_run_folder(options.folder, scenario, target, info);
  if (!folder) return folder.error();
  return Stage{std::move(*faults), std::move(*format), std::move(*folder)};
}

TrafficOptions traffic_options_of(const Scenario& scenario, const RunOptions& options,
                                  const Stage& stage, Connection& connection) {
  TrafficOptions traffic;
  traffic.jobs = options.jobs;
  traffic.shard = options.shard;
  traffic.pace = scenario.time.pace;
  traffic.journals = stage.folder.ledger();
  traffic.format = stage.format.get();
  traffic.make_target = [&] { return connection.make_target(*stage.format); };
  traffic.progress = options.progress;
  traffic.interrupted = options.interrupted;
  traffic.restart = [&connection] { return connection.crash(); };
  return traffic;
}

Result<RunReport> play_and_judge(const Scenario& scenario, const TargetPlan& target,
                                 const RunOptions& options) {
  const Clock::time_point start = Clock::now();
  std::string run_id = options.run_id;
  if (run_id.empty())
    run_id = target.send.kind == "embedded" ? derived_run_id(scenario.name, scenario.seed)
                                            : fresh_run_id(scenario);
  RunReport report = blank_report(scenario, options, run_id);

  const Result<Stage> stage = set_stage(scenario, target, options, run_id, report.scenario_hash);
  if (!stage) return stage.error();
  Connection connection(scenario.plan, target, stage->folder.pipeline());
  const Result<std::vector<SimTime>> restarts =
      restarts_of(scenario, options.play != nullptr, connection);
  if (!restarts) return restarts.error();
  if (const Result<void> ready = connection.install(); !ready) return ready.error();
  if (const Result<void> up = connection.start(); !up) return up.error();
  report.target = connection.describe();

  start_phase(options, "traffic");
  const World world(scenario, scenario.seed);
  const Instrumentation instrumentation(scenario, scenario.seed, run_id);
  const Prng root(scenario.seed);
  const LaneContext context{
      world,   instrumentation, stage->faults, root.stream("network"), root.stream("backoff"),
      wall_now};
  TrafficOptions traffic_options = traffic_options_of(scenario, options, *stage, connection);
  traffic_options.restarts = *restarts;
  const Clock::time_point traffic_start = Clock::now();
  Result<Traffic> traffic =
      options.play ? options.play(context, traffic_options, connection.http_options(*stage->format))
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
  if (target.settle.watermark)
    if (const Result<void> sent = send_watermark(scenario, target, connection, run_id); !sent)
      return sent.error();
  const SendAgain again = [&](Connection& to) {
    return play_again(context, traffic_options, stage->folder.root / "again", to);
  };
  Result<RunReport> judged =
      read_and_judge(scenario, target, options, run_id, connection, std::move(report),
                     traffic->gave_up, options.play ? SendAgain{} : again);
  if (judged) judged->timing.total = since(start);
  return judged;
}

Result<RunReport> judge_again(const Scenario& scenario, const TargetPlan& target,
                              const RunOptions& options, const ProxiedRun* proxied) {
  const Clock::time_point start = Clock::now();
  Result<RunInfo> info = read_run_info(options.folder);
  if (!info) return info.error();
  const RunFolder folder{options.folder};
  Connection connection(scenario.plan, target, folder.pipeline());
  if (const Result<void> up = connection.start(); !up) return up.error();
  const bool named = proxied != nullptr && !proxied->names.run_id.empty();
  const std::string run_id = named ? proxied->names.run_id : info->run_id;
  RunReport report = blank_report(scenario, options, run_id);
  report.target = connection.describe();
  Result<RunReport> judged = read_and_judge(scenario, target, options, run_id, connection,
                                            std::move(report), "", {}, proxied);
  if (judged) judged->timing.total = since(start);
  return judged;
}

}  // namespace

Result<RunReport> run_scenario(const Scenario& scenario, const TargetPlan& target,
                               const RunOptions& options) {
  const Result<FittedScenario> fitted = fit_batches(scenario, target);
  if (!fitted) return fitted.error();
  Result<RunReport> report = play_and_judge(fitted->scenario, target, options);
  if (report && !fitted->changed.empty()) report->target += " with " + fitted->changed;
  return without_secrets(std::move(report), target.secrets);
}

Result<RunReport> judge_folder(const Scenario& scenario, const TargetPlan& target,
                               const RunOptions& options) {
  return without_secrets(judge_again(scenario, target, options, nullptr), target.secrets);
}

Result<RunReport> judge_proxied(const Scenario& scenario, const TargetPlan& target,
                                const RunOptions& options, const ProxiedRun& proxied) {
  return without_secrets(judge_again(scenario, target, options, &proxied), target.secrets);
}

}  // namespace parallax
