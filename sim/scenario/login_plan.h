// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sim/core/event.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// "identity" beside "event_id": how client and server come to know who acts. Without "login"
/// everybody is known from the start, and nothing below matters but `shared_devices`.
struct LoginPlan {
  /// "login": the action (not refused) by which the app learns who it is. Before it the client's
  /// events name the device, and the server knows nobody.
  std::optional<std::uint16_t> login;
  std::optional<std::uint16_t> logout;  ///< "logout": the action that ends it.
  /// "by": how the sides come to agree.
  enum class By : std::uint8_t {
    user,     ///< The client identifies at the login; the server names the user it knows. Default.
    request,  ///< The client's id goes with each request, and the server names that.
    cookie,   ///< The server sets a cookie at the login; the client reads it before its next event.
  };
  By by = By::user;
  /// "reset": at a logout the SDK forgets the person, and the device gets another anonymous id.
  /// False is a bug to reproduce: the next one who uses the device is taken for the last. So is a
  /// cookie that stays.
  bool resets = true;
  /// "alias": a login is told together with the anonymous id of before. False is a bug to
  /// reproduce: the SDK begins with another one, and nothing ties the two.
  bool links = true;
  /// "persistence": "memory" (false) loses the person and the anonymous id at the end of each
  /// visit, "storage" (the default) keeps them on the device.
  bool persists = true;
  /// "bootstrap": a page that the server delivers to somebody whom it knows begins with that user's
  /// id.
  bool bootstraps = false;
  /// "shared_devices": share of the users who use the first device of somebody else. Default 0.
  Ratio shared_devices;
};

/// Reads it from `scenario.effective_json`, which the loader has checked; a scenario made otherwise
/// has the defaults.
LoginPlan login_plan(const Scenario& scenario);

/// Who is logged in to the app on which device: the truth. A visit of somebody else ends the login
/// of before. Grows with the devices seen; looked up only.
class Accounts {
 public:
  static constexpr std::uint32_t nobody = 0xffff'ffff;
  /// `plan` must outlive it.
  Accounts(const LoginPlan& plan, const Scenario& scenario);

  /// Done by the server alone, long after the visit: nobody is logged in for it.
  bool is_by_server(std::uint16_t action_type) const { return by_server_[action_type]; }

  /// What an action begins with.
  struct Seen {
    bool is_visit = false;        ///< The first of a visit.
    bool was_left = false;        ///< Somebody else was logged in here, and is no more.
    bool logs_in = false;         ///< It is a login.
    std::uint32_t user = nobody;  ///< Who is logged in while it happens.
  };
  /// Before each action of a visit, in the order of time.
  Seen begin(const Action& action);
  /// After it; true where it was a logout.
  bool end(const Action& action);

 private:
  struct Device {
    std::uint32_t user = nobody;
    std::uint64_t visit = 0;
  };
  const LoginPlan* plan_;
  std::vector<bool> by_server_;  ///< By action type.
  std::unordered_map<std::uint64_t, Device> devices_;
};

}  // namespace parallax
