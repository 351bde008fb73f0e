// SPDX-License-Identifier: Apache-2.0
#include "sim/run/restarts.h"

#include <fmt/format.h>

#include <algorithm>

namespace parallax {

Result<std::vector<SimTime>> restarts_of(const Scenario& scenario, bool is_load,
                                         const Connection& connection) {
  std::vector<SimTime> restarts;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const FaultPlan& fault = scenario.faults[i];
    if (fault.fault != "restart") continue;
    const std::string place = fmt::format("{}: /faults/{}", scenario.name, i);
    if (!connection.embedded())
      return Error{Error::Kind::invalid_input,
                   "found a restart of " + connection.describe() +
                       ", expected the embedded pipeline: an outage can be played on any target",
                   place};
    if (is_load)
      return Error{Error::Kind::invalid_input, "found a restart, which a load cannot play", place};
    restarts.push_back(scenario.time.start + fault.param("at")->number);
  }
  std::sort(restarts.begin(), restarts.end());
  return restarts;
}

}  // namespace parallax
