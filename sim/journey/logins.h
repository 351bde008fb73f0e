// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <unordered_map>

#include "sim/core/event.h"
#include "sim/scenario/login_plan.h"

namespace parallax {

/// Whom the two sides take for the one who acts: what their SDKs remember of logins on a device. A
/// lane has its own; people who share a device are of one lane. Without randomness: the same
/// actions give the same. Not thread-safe. Grows with the devices seen.
class Logins {
 public:
  /// Both must outlive it. Precondition: the plan has a login.
  Logins(const LoginPlan& plan, const Scenario& scenario);

  /// Around each action, in the order of time: `begin`, `say` for its emissions, `end`.
  void begin(const Action& action);
  /// Puts into the emission what its side says of user and device.
  void say(Emission& emission);
  void end(const Action& action);

 private:
  /// What a client's SDK holds.
  struct Device {
    std::uint64_t anonymous = 0;  ///< The id it goes by; the device's own at first.
    std::uint32_t person = Accounts::nobody;
    std::uint32_t cookie = Accounts::nobody;  ///< Whom the server's cookie names.
    std::uint64_t renewals = 0;               ///< Of the anonymous id.
  };
  Device& device_of(const Action& action);
  static void renew(Device& device, std::uint64_t of);
  void log_out(Device& device, std::uint64_t of) const;

  const LoginPlan* plan_;
  Accounts accounts_;
  std::unordered_map<std::uint64_t, Device> devices_;
  Accounts::Seen seen_;  ///< Of the action under way.
};

}  // namespace parallax
