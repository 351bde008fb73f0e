// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "sim/core/event.h"
#include "sim/journey/instrument.h"
#include "sim/journey/world.h"
#include "sim/scenario/scenario.h"

namespace parallax::bench {

/// A scenario of the repository ("scenarios/examples/shop.json") with so many users, or its own
/// number where `users` is 0. Throws where it cannot be loaded, which ends the program with the
/// message: a benchmark has no caller to tell.
Scenario load(const std::string& file, std::uint32_t users = 0);

/// A scenario compiled for playing. Not to be moved: the parts point into it.
struct Stagehand {
  explicit Stagehand(Scenario loaded);
  Stagehand(const Stagehand&) = delete;
  Stagehand& operator=(const Stagehand&) = delete;

  Scenario scenario;
  World world;
  Instrumentation instrumentation;
};

/// The run id of all benchmarks.
constexpr std::string_view bench_run = "bench-1";

/// The first actions of lane 0, in their order, at most `most`.
std::vector<Action> actions_of(const Stagehand& hand, std::size_t most);
/// What both sides emit for them, before any fault; nothing withheld is left out.
std::vector<Emission> emissions_of(const Stagehand& hand, const std::vector<Action>& actions);

/// As a wire format takes them; valid as long as `emissions` is.
std::vector<const Emission*> pointers_to(const std::vector<Emission>& emissions);

}  // namespace parallax::bench
