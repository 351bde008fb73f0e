// SPDX-License-Identifier: Apache-2.0
#include "sim/run/restarts.h"

#include <fmt/format.h>

#include <algorithm>

namespace parallax {
namespace {

std::string place_of(const Scenario& scenario, std::size_t fault) {
  return fmt::format("{}: /faults/{}", scenario.name, fault);
}

}  // namespace

Result<void> can_restart(const Scenario& scenario, bool is_embedded, const std::string& described) {
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    if (!is_embedded && scenario.faults[i].fault == "restart")
      return Error{Error::Kind::invalid_input,
                   "found a restart of " + described +
                       ", expected the embedded pipeline: an outage can be played on any target",
                   place_of(scenario, i)};
  return {};
}

Result<std::vector<SimTime>> restarts_of(const Scenario& scenario, bool is_load,
                                         const Connection& connection) {
  const bool is_embedded = connection.embedded();
  if (const auto able = can_restart(scenario, is_embedded, connection.describe()); !able)
    return able.error();
  std::vector<SimTime> restarts;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const FaultPlan& fault = scenario.faults[i];
    if (fault.fault != "restart") continue;
    if (is_load)
      return Error{Error::Kind::invalid_input, "found a restart, which a load cannot play",
                   place_of(scenario, i)};
    restarts.push_back(scenario.time.start + fault.param("at")->number);
  }
  std::sort(restarts.begin(), restarts.end());
  return restarts;
}

}  // namespace parallax
