// SPDX-License-Identifier: Apache-2.0
// Every stage in time, beside the benchmarks of single calls (*.bench.cpp).
#include <benchmark/benchmark.h>

#include "bench/stage.h"

namespace parallax::bench {
namespace {

void measure(benchmark::State& state, const StageMaker& maker) {
  const std::unique_ptr<Stage> stage = maker.make();
  std::uint64_t items = stage->run();  // The first run grows buffers and warms caches.
  items = 0;
  for ([[maybe_unused]] auto _ : state) items += stage->run();
  state.SetItemsProcessed(static_cast<std::int64_t>(items));
  state.SetLabel("items: " + maker.item + "s");
}

}  // namespace
}  // namespace parallax::bench

int main(int argc, char** argv) {
  using namespace parallax::bench;
  const StageList stages = all_stages();
  for (const StageMaker& maker : stages)
    benchmark::RegisterBenchmark(maker.name.c_str(), measure, maker);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 4;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
