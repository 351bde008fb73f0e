// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/logins.h"

#include <cassert>

#include "sim/core/prng.h"

namespace parallax {

Logins::Logins(const LoginPlan& plan, const Scenario& scenario)
    : plan_(&plan), accounts_(plan, scenario) {
  assert(plan.login);
}

Logins::Device& Logins::device_of(const Action& action) {
  const auto [device, is_new] = devices_.try_emplace(action.device);
  if (is_new) device->second.anonymous = action.device;
  return device->second;
}

void Logins::renew(Device& device, std::uint64_t of) {
  device.anonymous = mix64(of ^ mix64(++device.renewals));
}

void Logins::log_out(Device& device, std::uint64_t of) const {
  if (!plan_->resets) return;
  device.person = device.cookie = Accounts::nobody;
  renew(device, of);
}

void Logins::begin(const Action& action) {
  if (accounts_.is_by_server(action.type)) return;
  seen_ = accounts_.begin(action);
  Device& device = device_of(action);
  if (seen_.was_left) log_out(device, action.device);
  if (seen_.is_visit && !plan_->persists) {
    device.person = Accounts::nobody;
    renew(device, action.device);
  }
  if (seen_.is_visit && plan_->bootstraps && seen_.user != Accounts::nobody)
    device.person = seen_.user;
  if (device.cookie != Accounts::nobody) device.person = device.cookie;
  if (!seen_.logs_in) return;
  if (!plan_->links) renew(device, action.device);
  (plan_->by == LoginPlan::By::cookie ? device.cookie : device.person) = seen_.user;
}

void Logins::say(Emission& emission) {
  if (accounts_.is_by_server(emission.seen.type)) return;
  const Device& device = device_of(emission.seen);
  if (emission.source == Source::server && plan_->by != LoginPlan::By::request) {
    // It knows the account and no device: what it says ties no anonymous id.
    const bool is_known = seen_.user != Accounts::nobody;
    if (!is_known) emission.user_form = UserForm::absent;
    emission.seen.device =
        mix64(is_known ? mix64(~std::uint64_t{seen_.user}) : emission.seen.session);
    return;
  }
  emission.seen.device = device.anonymous;
  if (device.person == Accounts::nobody) {
    emission.user_form = UserForm::anonymous;
  } else {
    emission.seen.user = device.person;
  }
}

void Logins::end(const Action& action) {
  if (!accounts_.is_by_server(action.type) && accounts_.end(action))
    log_out(device_of(action), action.device);
}

}  // namespace parallax
