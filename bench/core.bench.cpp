// SPDX-License-Identifier: Apache-2.0
// The values that every event is made of. Budget of a whole event: 250 ns (4 M events/s, DESIGN
// section 9); it takes some twenty draws and two ids, so that each may cost a few nanoseconds.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>

#include "sim/core/id.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

/// Finding the stream of an entity and one draw from it. Budget 5 ns.
void draw_from_a_keyed_stream(benchmark::State& state) {
  const Prng run(42);
  std::uint64_t entity = 0;
  for ([[maybe_unused]] auto _ : state) {
    Prng stream = run.keyed(++entity);
    benchmark::DoNotOptimize(stream.next());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(draw_from_a_keyed_stream);

/// A normal draw, as clock skew and jitter take it. Budget 50 ns.
void draw_normal(benchmark::State& state) {
  Prng stream(42);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(stream.normal());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(draw_normal);

/// An event id as text. Budget 20 ns.
void write_uuid(benchmark::State& state) {
  std::array<char, 36> text{};
  std::uint64_t low = 0;
  for ([[maybe_unused]] auto _ : state) {
    Uuid::from_bits(42, ++low).write(text.data());
    benchmark::DoNotOptimize(text.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(write_uuid);

}  // namespace
}  // namespace parallax
