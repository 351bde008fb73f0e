// SPDX-License-Identifier: Apache-2.0
// Whom the two sides take for the one who acts.
#include "sim/journey/logins.h"

#include <set>

#include "tests/support/catch.h"
#include "tests/support/shop.h"

using namespace parallax;
using namespace parallax::test;

namespace {

constexpr std::uint16_t look = page_view, login = add_to_cart, logout = purchase;

LoginPlan plan_by(LoginPlan::By by) {
  LoginPlan plan;
  plan.login = login;
  plan.logout = logout;
  plan.by = by;
  return plan;
}

/// What both sides say of one action.
struct Said {
  std::string client, server;  ///< User ids.
  std::uint64_t device = 0;    ///< Of the client.
};

/// Actions on one device, in order.
class Device {
 public:
  explicit Device(LoginPlan plan) : plan_(plan), scenario_(shop()), logins_(plan_, scenario_) {}

  Said does(std::uint16_t type, std::uint32_t user, std::uint64_t visit) {
    Action action;
    action.device = device;
    action.type = type;
    action.user = user;
    action.session = visit;
    logins_.begin(action);
    Said said;
    for (const Source side : both_sources) {
      Emission emission;
      emission.seen = action;
      emission.source = side;
      logins_.say(emission);
      (side == Source::client ? said.client : said.server) = sent_user_id(emission);
      if (side == Source::client) said.device = emission.seen.device;
    }
    logins_.end(action);
    return said;
  }
  static constexpr std::uint64_t device = 0xabc;

 private:
  LoginPlan plan_;
  Scenario scenario_;
  Logins logins_;
};

const std::string stranger = device_id_text(Device::device);

}  // namespace

TEST_CASE("a visitor is a stranger to both sides until the login", "[journey][logins]") {
  Device device(plan_by(LoginPlan::By::user));
  const Said before = device.does(look, 7, 1);
  CHECK(before.client == stranger);
  CHECK(before.server.empty());
  const Said at_login = device.does(login, 7, 1);
  CHECK(at_login.client == "u-7");
  CHECK(at_login.server == "u-7");
  CHECK(at_login.device == Device::device);        // The row that ties the two.
  CHECK(device.does(look, 7, 2).client == "u-7");  // Storage outlives the visit.
}

TEST_CASE("a request passes on what the client goes by", "[journey][logins]") {
  Device device(plan_by(LoginPlan::By::request));
  CHECK(device.does(look, 7, 1).server == stranger);
  CHECK(device.does(login, 7, 1).server == "u-7");
}

TEST_CASE("a cookie tells the client from its next event on", "[journey][logins]") {
  Device device(plan_by(LoginPlan::By::cookie));
  const Said at_login = device.does(login, 7, 1);
  CHECK(at_login.client == stranger);
  CHECK(at_login.server == "u-7");
  CHECK(device.does(look, 7, 1).client == "u-7");
}

TEST_CASE("after a logout the device is another stranger", "[journey][logins]") {
  Device device(plan_by(LoginPlan::By::user));
  device.does(login, 7, 1);
  CHECK(device.does(logout, 7, 1).client == "u-7");
  const Said after = device.does(look, 7, 1);
  CHECK(after.client == device_id_text(after.device));
  CHECK(after.device != Device::device);
  CHECK(after.server.empty());
}

TEST_CASE("somebody else's visit ends the login, and only a reset makes the SDK forget it",
          "[journey][logins]") {
  LoginPlan plan = plan_by(GENERATE(LoginPlan::By::user, LoginPlan::By::cookie));
  plan.resets = GENERATE(true, false);
  CAPTURE(plan.resets);
  Device device(plan);
  device.does(login, 7, 1);
  device.does(look, 7, 1);
  const Said next = device.does(look, 8, 2);
  CHECK(next.server.empty());
  CHECK((next.client == "u-7") == !plan.resets);
  device.does(login, 8, 2);
  CHECK(device.does(look, 8, 2).client == "u-8");
}

TEST_CASE("without an alias the login goes by another id than the stranger did",
          "[journey][logins]") {
  LoginPlan plan = plan_by(LoginPlan::By::user);
  plan.links = false;
  Device device(plan);
  CHECK(device.does(look, 7, 1).device == Device::device);
  CHECK(device.does(login, 7, 1).device != Device::device);
}

TEST_CASE("what is kept in memory is gone at the next visit, unless the page brings it along",
          "[journey][logins]") {
  LoginPlan plan = plan_by(LoginPlan::By::user);
  plan.persists = false;
  plan.bootstraps = GENERATE(false, true);
  Device device(plan);
  device.does(login, 7, 1);
  const Said again = device.does(look, 7, 2);
  CHECK(again.server == "u-7");  // The app still knows.
  CHECK((again.client == "u-7") == plan.bootstraps);
}
