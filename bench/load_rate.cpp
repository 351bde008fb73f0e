// SPDX-License-Identifier: Apache-2.0
// How fast the load client delivers distinct, ledgered events, without the judging behind a
// `parallax load`: closed model, every event in a journal before its bytes leave.
//
//   load_rate SCENARIO URL BATCH CONNECTIONS JOBS SECONDS
#include <fmt/format.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "fault/fault.h"
#include "sim/run/load.h"
#include "sim/scenario/load.h"

using namespace parallax;

int main(int argc, char** argv) {
  if (argc != 7) {
    fmt::print(stderr, "load_rate SCENARIO URL BATCH CONNECTIONS JOBS SECONDS\n");
    return 4;
  }
  LoadOptions options;
  options.faults = fault_kinds();
  const Loaded loaded = load_scenario(argv[1], options);
  if (!loaded.ok()) return 4;
  const Scenario& scenario = loaded.scenario;
  const World world(scenario, scenario.seed);
  const Instrumentation instrumentation(scenario, scenario.seed, "bench");
  const auto faults = FaultChain::make(scenario, scenario.seed);
  const auto format = make_wire_format("shared", scenario.plan, "bench");
  if (!faults || !format) return 4;
  const Prng root(scenario.seed);
  const LaneContext context{
      world, instrumentation, *faults, root.stream("network"), root.stream("backoff"), [] {
        return SimTime{};
      }};
  LoadSpec spec;
  spec.closed = true;
  spec.batch = static_cast<std::uint32_t>(std::atoi(argv[3]));
  spec.connections = static_cast<std::uint32_t>(std::atoi(argv[4]));
  spec.jobs = static_cast<unsigned>(std::atoi(argv[5]));
  spec.length = std::atoi(argv[6]) * second;
  spec.stages = {{spec.length, 0}};
  LoadRun run;
  run.http.url = argv[2];
  run.format = format->get();
  run.journals = std::filesystem::temp_directory_path() / fmt::format("load_rate-{}", ::getpid());
  std::filesystem::create_directories(run.journals);
  const Result<LoadReport> report = play_load(context, spec, run);
  std::uintmax_t ledger = 0;
  for (const auto& file : std::filesystem::directory_iterator(run.journals))
    ledger += file.file_size();
  std::filesystem::remove_all(run.journals);
  if (!report) {
    fmt::print(stderr, "{}\n", report.error().text());
    return 2;
  }
  const LoadFigures made = figures(*report);
  const LoadTally& tally = report->tally;
  fmt::print(
      "{:.0f} requests/s, {:.0f} events/s, {:.2f} CPU us an event, {:.0f} ledger bytes an "
      "event, p99 {}\n",
      made.requests_s, made.events_s,
      static_cast<double>(tally.cpu) / static_cast<double>(tally.accepted.events),
      static_cast<double>(ledger) / static_cast<double>(tally.accepted.events),
      latency_text(tally.service.percentile(Ratio{990'000'000})));
  return tally.accepted.requests > 0 ? 0 : 2;
}
