// SPDX-License-Identifier: Apache-2.0
#pragma once
/// Which test goes red for which mutant.
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace parallax::mutants {

/// A test case as it is without any mutant.
struct Scouted {
  std::string name;
  double cpu_seconds = 0;
  bool is_green = false;
  std::vector<bool> passed;  ///< By number: whether the test passes the mutant's place.
};

/// Runs each test case in a process of its own, `workers` at once.
std::vector<Scouted> scout(const std::vector<std::string>& tests, int workers);

enum class Fate { killed, survived, unreached };

struct Hunted {
  Fate fate = Fate::unreached;
  std::size_t killer = 0;  ///< Of a killed one: the test, by its place among the scouted.
};

/// Runs for each mutant the tests that reach it and take no longer than `cpu_seconds_max` without
/// it, from the quickest, until one is red: a failed check, a crash, an assert, or ten times its
/// time. A process for one test or a few, `workers` at once.
std::vector<Hunted> hunt(const std::vector<int>& numbers, const std::vector<Scouted>& tests,
                         double cpu_seconds_max, int workers);

}  // namespace parallax::mutants
