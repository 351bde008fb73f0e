// SPDX-License-Identifier: Apache-2.0
#include "sim/run/batch_limits.h"

#include <algorithm>

namespace parallax {
namespace {

std::uint32_t most_of(const BatchLimits& limits, Source side) {
  return limits.one_device && side == Source::server ? 1 : limits.events;
}

std::string events(std::uint32_t count) {
  return std::to_string(count) + (count == 1 ? " event" : " events");
}

void fit(SdkPlan& plan, Source side, const BatchLimits& limits, std::string& changed) {
  const std::uint32_t most = most_of(limits, side);
  if (plan.batch_max <= most) return;
  plan.batch_max = most;
  plan.flush_at = std::min(plan.flush_at, most);
  changed += (changed.empty() ? "" : ", ") + events(most) + " a " + std::string(name_of(side)) +
             "'s request";
}

}  // namespace

Result<FittedScenario> fit_batches(const Scenario& scenario, const TargetPlan& target) {
  const auto format = make_wire_format(target.send.format, scenario.plan, {},
                                       {target.send.key, target.send.pattern});
  if (!format) return format.error();
  FittedScenario fitted{scenario, {}};
  const BatchLimits limits = (*format)->limits();
  fit(fitted.scenario.client_sdk, Source::client, limits, fitted.changed);
  fit(fitted.scenario.server_sdk, Source::server, limits, fitted.changed);
  return fitted;
}

Result<void> check_load(const WireFormat& format, std::uint32_t batch) {
  if (format.answers_by_event())
    return Error{Error::Kind::invalid_input,
                 "a load reads no results of single events, which this wire format answers with: "
                 "use another, or parallax run",
                 "send.format"};
  const std::uint32_t most = most_of(format.limits(), Source::server);
  if (batch <= most) return {};
  return Error{Error::Kind::invalid_input,
               "the target's wire format takes " + events(most) + " a request: --batch " +
                   std::to_string(most),
               "--batch " + std::to_string(batch)};
}

}  // namespace parallax
