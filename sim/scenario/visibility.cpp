// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/compile.h"

namespace parallax {
namespace {

/// A target that reads the wall clock: neither the embedded pipeline nor one told the simulated
/// time.
bool reads_wall_clock(const Node& target) {
  const Node send = target["send"];
  const std::string_view kind = send["kind"].word();
  return kind == "http" && send["clock"].word() != "simulated";
}

/// A target that corrects clocks by sent_at moves each event by wall time minus simulated time.
void warn_of_moved_times(Compiler& compiler, const Node& root) {
  const std::string remedy =
      "\"sent_at\": \"simulated\" or \"pace\": \"real\": a target that corrects clocks by sent_at "
      "moves every event to now";
  const Scenario& scenario = compiler.scenario;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    if (scenario.faults[i].fault == "clock_skew")
      compiler.problems.warn(root["faults"].at(i), "clock_skew, which cannot be seen", remedy);
  for (std::size_t i = 0; i < scenario.assertions.size(); ++i)
    if (scenario.assertions[i].by)
      compiler.problems.warn(root["assert"].at(i)["by"], "buckets that cannot be seen", remedy);
}

/// Delays are played in simulated time; at another pace the target sees them shortened.
void warn_of_short_delays(Compiler& compiler, const Node& root) {
  const Scenario& scenario = compiler.scenario;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const std::string& fault = scenario.faults[i].fault;
    if (fault == "delay" || fault == "reorder")
      compiler.problems.warn(root["faults"].at(i), fault + ", which this target cannot see",
                             "\"pace\": \"real\", or \"clock\": \"simulated\" at the target: "
                             "arrival is measured on its own clock");
  }
}

}  // namespace

void check_visibility(Compiler& compiler, const Node& root) {
  const Scenario& scenario = compiler.scenario;
  const bool complete = scenario.faults.size() == root["faults"].size() &&
                        scenario.assertions.size() == root["assert"].size();
  const bool real_time = scenario.time.pace == 1;
  if (!complete || real_time || !reads_wall_clock(root["target"])) return;
  if (scenario.sent_at == Scenario::SentAt::wall) warn_of_moved_times(compiler, root);
  warn_of_short_delays(compiler, root);
}

}  // namespace parallax
