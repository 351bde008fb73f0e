// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "sim/journey/instrument.h"
#include "sim/run/command_parts.h"
#include "sim/run/generate.h"
#include "sim/run/interrupt.h"
#include "sim/run/run_folder.h"
#include "sim/run/version.h"
#include "sim/wire/format.h"

namespace parallax {
namespace {

/// The options that are overrides of the scenario, so that the effective scenario tells them.
std::vector<std::pair<std::string, std::string>> overrides(const GenerateCommand& command) {
  auto set = command.set;
  if (command.seed) set.emplace_back("/seed", std::to_string(*command.seed));
  if (command.users) set.emplace_back("/population/users", std::to_string(*command.users));
  if (!command.length.empty()) set.emplace_back("/time/length", command.length);
  if (!command.faults) set.emplace_back("/faults", "[]");
  return set;
}

/// Checks what needs no folder, so that a wrong word leaves none behind.
Result<void> check_formats(const GenerateCommand& command, const Scenario& scenario) {
  if (command.format != "ndjson" && !command.wire.empty())
    return Error{Error::Kind::invalid_input, "is the form of an ndjson line; leave it out",
                 "--wire"};
  const auto wire = make_wire_format(command.wire_or_default(), scenario.plan, "");
  if (!wire) return wire.error();
  return check_event_format(command.format, command.to_stdout());
}

struct Prepared {
  EventFileOptions file;
  GenerateOptions options;
};

Result<Prepared> prepare(const GenerateCommand& command, const Scenario& scenario, Shard shard) {
  Prepared prepared;
  prepared.file.format = command.format;
  prepared.file.wire = command.wire_or_default();
  prepared.file.run_id = derived_run_id(scenario.name, scenario.seed);
  prepared.options.run_id = prepared.file.run_id;
  prepared.options.jobs = command.jobs;
  prepared.options.shard = shard;
  prepared.file.file = "-";
  if (!command.has_folder()) return prepared;
  const RunInfo info{version_text,  prepared.file.run_id,
                     scenario.seed, scenario_hash(scenario),
                     command.jobs,  shard};
  const Result<RunFolder> folder = prepare_run_folder(command.out, scenario, TargetPlan{}, info);
  if (!folder) return folder.error();
  if (!command.to_stdout()) prepared.file.file = folder->events(command.format);
  if (command.ledger) prepared.options.journals = folder->ledger();
  return prepared;
}

void print_summary(const GenerateCommand& command, const Scenario& scenario,
                   const Generated& generated, const EventFile& file, double seconds) {
  const double millions = static_cast<double>(generated.events) / 1e6;
  fmt::print(command.to_stdout() ? stderr : stdout,
             "parallax: {} scenario={} seed={} shard={} events={} requests={} bytes={} "
             "seconds={:.2f} million_events_per_second={:.2f}{}\n",
             generated.interrupted ? "interrupted" : "generated", scenario.name, scenario.seed,
             command.shard, generated.events, generated.requests, file.bytes(), seconds,
             millions / std::max(seconds, 1e-9), command.has_folder() ? " out=" + command.out : "");
}

}  // namespace

int command_generate(const GenerateCommand& command) {
  const std::optional<Shard> shard = parse_shard(command.shard);
  if (!shard)
    return complain(exit_usage, fmt::format("--shard {}: expected i/n with 1 <= i <= n <= {}",
                                            command.shard, lane_count));
  const std::optional<Scenario> scenario = load_or_explain(command.scenario, overrides(command));
  if (!scenario) return exit_usage;
  if (const Result<void> fine = check_formats(command, *scenario); !fine)
    return complain(exit_for(fine.error()), fine.error().text());
  Result<Prepared> prepared = prepare(command, *scenario, *shard);
  if (!prepared) return complain(exit_for(prepared.error()), prepared.error().text());
  const Result<std::unique_ptr<EventFile>> file = make_event_file(prepared->file, scenario->plan);
  if (!file) return complain(exit_for(file.error()), file.error().text());

  Progress progress(Progress::kind_for_stderr(command.quiet));
  prepared->options.progress = &progress;
  prepared->options.interrupted = &watch_interrupts();
  const auto began = std::chrono::steady_clock::now();
  const Result<Generated> generated = generate(*scenario, **file, prepared->options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  progress.finish();
  if (!generated) return complain(exit_for(generated.error()), generated.error().text());
  print_summary(command, *scenario, *generated, **file, took.count());
  return generated->interrupted ? exit_interrupted : exit_pass;
}

}  // namespace parallax
