// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/login_plan.h"

#include "sim/scenario/json.h"
#include "sim/scenario/shape.h"

namespace parallax {

LoginPlan login_plan(const Scenario& scenario) {
  LoginPlan plan;
  std::vector<Problem> none;
  const std::optional<Json> document = parse_json(scenario.effective_json, scenario.name, 0, none);
  if (!document) return plan;
  const Node identity = Node(&*document)["identity"];
  const auto action = [&](std::string_view key) -> std::optional<std::uint16_t> {
    return identity[key] ? scenario.plan.action_index(identity[key].word()) : std::nullopt;
  };
  plan.login = action("login");
  plan.logout = action("logout");
  const std::string_view by = identity["by"].word();
  if (by == "request") plan.by = LoginPlan::By::request;
  if (by == "cookie") plan.by = LoginPlan::By::cookie;
  read_flag(identity["reset"], plan.resets);
  read_flag(identity["alias"], plan.links);
  plan.persists = identity["persistence"].word() != "memory";
  read_flag(identity["bootstrap"], plan.bootstraps);
  read_ratio(identity["shared_devices"], plan.shared_devices);
  return plan;
}

Accounts::Accounts(const LoginPlan& plan, const Scenario& scenario)
    : plan_(&plan), by_server_(scenario.actions.size()) {
  for (const JourneyPlan& journey : scenario.journeys) {
    if (!journey.follows) continue;
    for (const StatePlan& state : journey.states)
      for (auto does = state.does; does && !by_server_[*does];
           does = scenario.actions[*does].result)
        by_server_[*does] = true;
  }
}

Accounts::Seen Accounts::begin(const Action& action) {
  Device& device = devices_[action.device];
  Seen seen;
  seen.is_visit = device.visit != action.session;
  device.visit = action.session;
  if (device.user != nobody && device.user != action.user) {
    device.user = nobody;
    seen.was_left = true;
  }
  seen.logs_in = action.type == plan_->login && !action.refused;
  if (seen.logs_in) device.user = action.user;
  seen.user = device.user;
  return seen;
}

bool Accounts::end(const Action& action) {
  if (action.type != plan_->logout) return false;
  devices_[action.device].user = nobody;
  return true;
}

}  // namespace parallax
