// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "fault/fault.h"
#include "sim/drive/load_connection.h"
#include "sim/run/batch_limits.h"
#include "sim/run/command_parts.h"
#include "sim/run/interrupt.h"
#include "sim/run/live.h"
#include "sim/run/load.h"
#include "sim/run/load_thresholds.h"
#include "sim/run/run_folder.h"
#include "sim/run/runner.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

Error invalid(std::string where, std::string what) {
  return {Error::Kind::invalid_input, std::move(what), std::move(where)};
}

Result<Micros> span_of(const std::string& option, const std::string& text, Micros least) {
  const std::optional<Micros> span = parse_duration(text);
  if (span && *span >= least && *span <= day) return *span;
  return invalid(option, fmt::format("\"{}\" is not a duration such as 30s", text));
}

Result<void> read_rates(const LoadCommand& command, LoadSpec& spec) {
  if (command.closed) {
    if (!command.rate.empty() || !command.stages.empty())
      return invalid("--closed", "has no rate: leave --rate and --stage out");
  } else if (command.rate.empty() && command.stages.empty()) {
    return invalid("--rate", "say how many events a second, such as --rate 20k (or --closed)");
  }
  if (!command.rate.empty()) {
    const std::optional<double> rate = parse_rate(command.rate);
    if (!rate)
      return invalid("--rate", fmt::format("\"{}\" is no rate such as 20k or 50/1s", command.rate));
    spec.rate = *rate;
  }
  for (const std::string& text : command.stages) {
    const std::optional<Stage> stage = parse_stage(text);
    if (!stage)
      return invalid("--stage", fmt::format("\"{}\" is not LENGTH:RATE such as 30s:20k", text));
    spec.stages.push_back(*stage);
    spec.length += stage->length;
  }
  if (spec.stages.empty()) {
    const Result<Micros> length = span_of("--duration", command.duration, millisecond);
    if (!length) return length.error();
    spec.length = *length;
    spec.stages.push_back({*length, spec.rate});
  }
  if (spec.length <= 0) return invalid("--stage", "the stages take no time");
  return {};
}

Result<LoadSpec> read_spec(const LoadCommand& command) {
  LoadSpec spec;
  spec.closed = command.closed;
  if (const Result<void> read = read_rates(command, spec); !read) return read.error();
  const Result<Micros> warmup = span_of("--warmup", command.warmup, 0);
  if (!warmup) return warmup.error();
  spec.warmup = *warmup;
  const auto shard = parse_shard(command.run.shard);
  if (!shard)
    return invalid("--shard", fmt::format("\"{}\" is not I/N such as 1/4, N at most {}",
                                          command.run.shard, lane_count));
  spec.shard = *shard;
  spec.batch = command.batch;
  spec.connections = command.connections;
  spec.in_flight_max = command.in_flight_max;
  spec.jobs = command.run.jobs;
  if (spec.jobs > spec.connections) return invalid("--jobs", "each needs a connection of its own");
  if (spec.jobs * spec.shard.of > lane_count)
    return invalid("--jobs", fmt::format("jobs times shards are at most {}", lane_count));
  return spec;
}

Result<std::vector<LoadThreshold>> read_thresholds(const LoadCommand& command,
                                                   const LoadSpec& spec) {
  Result<std::vector<LoadThreshold>> thresholds = parse_thresholds(command.thresholds);
  if (!thresholds) return thresholds;
  const bool says_achieved =
      std::any_of(thresholds->begin(), thresholds->end(),
                  [](const LoadThreshold& threshold) { return threshold.metric == "achieved"; });
  if (!says_achieved)
    for (LoadThreshold& threshold : default_thresholds(spec))
      thresholds->insert(thresholds->begin(), std::move(threshold));
  return thresholds;
}

std::string rerun_of(const LoadCommand& command, const std::string& file, std::uint64_t seed) {
  std::string text = rerun_command("load", command.run, file, seed);
  const auto add = [&](const char* option, const std::string& value) {
    text += fmt::format(" {} {}", option, shell_word(value));
  };
  if (!command.rate.empty()) add("--rate", command.rate);
  for (const std::string& stage : command.stages) add("--stage", stage);
  if (command.stages.empty()) add("--duration", command.duration);
  if (command.closed) text += " --closed";
  if (command.warmup != "0s") add("--warmup", command.warmup);
  if (command.users) add("--users", std::to_string(*command.users));
  add("--connections", std::to_string(command.connections));
  add("--batch", std::to_string(command.batch));
  if (command.run.jobs > 1) add("--jobs", std::to_string(command.run.jobs));
  for (const std::string& threshold : command.thresholds) add("--assert", threshold);
  return text;
}

struct PlannedLoad {
  LoadSpec spec;
  std::vector<LoadThreshold> thresholds;
  Scenario scenario;
  TargetPlan target;
  RunOptions options;
  Live* live = nullptr;
};

/// Plays, reads, judges; and then what the load has to say for itself.
Result<RunReport> run_load(PlannedLoad& plan) {
  std::optional<LoadReport> load;
  plan.options.play = [&](const LaneContext& context, const TrafficOptions& traffic,
                          const HttpTargetOptions& http) -> Result<Traffic> {
    if (const auto fine = check_load(*traffic.format, plan.spec.batch); !fine) return fine.error();
    const LoadRun run{
        http, traffic.format, traffic.journals, traffic.progress, traffic.interrupted, plan.live};
    Result<LoadReport> played = play_load(context, plan.spec, run);
    if (!played) return played.error();
    load = std::move(*played);
    Traffic made;
    made.errors.assign(load->tally.errors.begin(), load->tally.errors.end());
    std::stable_sort(made.errors.begin(), made.errors.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    made.interrupted = traffic.interrupted != nullptr && *traffic.interrupted != 0;
    return made;
  };
  Result<RunReport> report = run_scenario(plan.scenario, plan.target, plan.options);
  if (!report) return report;
  report->load = std::move(*load);
  for (const LoadThreshold& threshold : plan.thresholds)
    report->load->thresholds.push_back(threshold.text);
  add_thresholds(plan.thresholds, *report);
  const Result<void> kept =
      write_whole(RunFolder{plan.options.folder}.load(), load_json(*report->load));
  if (!kept) return kept.error();
  return report;
}

std::optional<Scenario> load_of_users(const LoadCommand& command, const std::string& file) {
  std::vector<std::pair<std::string, std::string>> set = command.run.set;
  if (command.run.seed) set.emplace_back("/seed", std::to_string(*command.run.seed));
  if (command.users) set.emplace_back("/population/users", std::to_string(*command.users));
  return load_or_explain(file, set);
}

/// Why a fault has nothing to strike in a load; empty where it has.
std::string_view spared_because(const FaultPlan& fault) {
  if (meets(fault, StrikePlace::Meets::host)) return "no pages and no processes that end";
  const std::string& name = fault.fault;
  if (name == "duplicate" || name == "window_replay") return "no second sending of anything";
  if (name == "partial") return "no batches that are taken in part";
  if (places_of(fault).front().point == StrikePoint::answer)
    return "no SDK that would mind an answer";
  return {};
}

void warn_of_spared(const Scenario& scenario, const std::string& file) {
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    if (const std::string_view why = spared_because(scenario.faults[i]); !why.empty())
      fmt::print(stderr, "warning: {}: /faults/{}: {} does not strike: a load has {}\n", file, i,
                 scenario.faults[i].name, why);
}

}  // namespace

int command_load(const LoadCommand& command) {
  if (!reports_are_known(command.run.reports)) return exit_usage;
  const std::string& file = command.run.scenarios.front();
  Result<LoadSpec> spec = read_spec(command);
  if (!spec) return complain(exit_usage, spec.error().text());
  Result<std::vector<LoadThreshold>> thresholds = read_thresholds(command, *spec);
  if (!thresholds) return complain(exit_usage, thresholds.error().text());
  std::optional<Scenario> scenario = load_of_users(command, file);
  if (!scenario) return exit_usage;
  std::optional<TargetPlan> target = choose_target(command.run, *scenario, file);
  if (!target) return exit_usage;
  if (target->send.kind != "http" && target->send.kind != "embedded")
    return complain(exit_usage, "a load needs a target that answers: send.kind http or embedded");
  if (target->send.kind == "http")
    if (const auto reached = LoadEndpoint::reach(target->send.url, target->send.timeout); !reached)
      return complain(
          reached.error().kind == Error::Kind::invalid_input ? exit_usage : exit_unknown,
          "the target is unreachable: " + reached.error().text());

  warn_of_spared(*scenario, file);
  Progress progress(Progress::kind_for_stderr(command.run.quiet || command.run.json));
  PlannedLoad plan{
      std::move(*spec), std::move(*thresholds), std::move(*scenario), std::move(*target), {},
      nullptr};
  RunOptions& options = plan.options;
  options.folder = command.run.out.empty()
                       ? fs::path("parallax-runs") /
                             fmt::format("{}-{}-load", plan.scenario.name, plan.scenario.seed)
                       : fs::path(command.run.out);
  options.run_id = command.run.run_id;
  options.jobs = command.run.jobs;
  options.shard = plan.spec.shard;
  options.rerun = rerun_of(command, file, plan.scenario.seed);
  options.progress = &progress;
  options.interrupted = &watch_interrupts();
  const Result<std::unique_ptr<Live>> live = start_live(command.run, progress);
  if (!live) return complain(exit_usage, live.error().text());
  plan.live = live->get();
  if (plan.live != nullptr)
    plan.live->begin(plan.scenario, plan.target.send.kind, RunFolder{options.folder}.ledger());
  const Result<RunReport> report = run_load(plan);
  progress.finish();
  if (report && plan.live != nullptr) plan.live->end(*report);
  if (!report) return complain(exit_for(report.error()), report.error().text());
  return deliver(command.run, plan.scenario, *report);
}

}  // namespace parallax
