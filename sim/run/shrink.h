// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/result.h"
#include "sim/run/progress.h"
#include "sim/run/report.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/target.h"

/// Which faults a finding needs, found by playing the scenario with fewer of them. What a report
/// says of faults (who struck the actions) is evidence; this is proof by experiment.
namespace parallax {

/// What is to stay while a scenario shrinks.
struct Finding {
  std::string assertion;  ///< By name: it must still fail,
  /// for this among other reasons. Nothing: an assertion that names no actions.
  std::optional<std::pair<ActionVerdict, Cause>> cause;

  /// "exactly_once: duplicated/retransmit".
  std::string text() const;
  bool stands_in(const RunReport& report) const;
};

struct ShrinkOptions {
  /// "duplicated/retransmit", or an assertion's name; empty: the first failing assertion's first
  /// cause.
  std::string wanted;
  unsigned runs_max = 60;      ///< Runs at most, the first included.
  Micros limit = 10 * minute;  ///< Of wall time; the run under way is ended.
  Progress* progress = nullptr;
  const std::atomic<int>* interrupted = nullptr;
};

struct Shrunk {
  Finding finding;
  /// Faults by name, in the scenario's order: without any single one of the needed the finding is
  /// gone; without all of the others it stands.
  std::vector<std::string> needed, spared;
  Micros length_before = 0, length = 0;       ///< Of the story.
  std::uint32_t users_before = 0, users = 0;  ///< Its population.
  std::uint64_t actions = 0;                  ///< That show it in what is left; 0: none are named.
  unsigned runs = 0;
  /// Nothing more can be taken away. False: a bound was reached before that was known.
  bool minimal = true;
  /// What is left, as a scenario file; it names the bugs of the embedded pipeline.
  std::string scenario_json;
};

/// Takes away faults, then time, then users, while the finding stands. Each run is as deterministic
/// as the scenario: the same input gives the same result wherever no bound of time ends it.
/// Errors: the scenario shows no such finding (`invalid_input`), or a run is an Error.
Result<Shrunk> shrink(const Scenario& scenario, const TargetPlan& target,
                      const ShrinkOptions& options);

/// "answer_lost and delay together", "delay", "a, b and c together"; "no fault".
std::string needed_text(const std::vector<std::string>& needed);

}  // namespace parallax
