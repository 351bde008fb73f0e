// SPDX-License-Identifier: Apache-2.0
// Mixpanel and CloudEvents.
#include "sim/wire/codes.h"
#include "tests/support/catch.h"
#include "tests/wire/vendor.h"

using namespace parallax;
using namespace parallax::wire_tests;

namespace {

const std::string basic = "Basic " + base64("token:");
const std::string event =
    R"({"event":"signup","properties":{"distinct_id":"u1","token":"t","mp_lib":"node","plan":"pro"}})";

}  // namespace

TEST_CASE("a mixpanel body is what /import takes", "[wire][mixpanel]") {
  const auto body = nlohmann::json::parse(body_of("mixpanel", noon));
  REQUIRE(body.size() == 1);
  CHECK(body[0]["event"] == "purchase");
  const auto& said = body[0]["properties"];
  CHECK(said["distinct_id"] == "u-42");
  CHECK(said["$insert_id"] == "01234567-89ab-4cde-8f01-23456789abcd");
  CHECK(said["time"] == 1'772'409'600'123);
  CHECK(said["revenue"] == 9.99);
}

TEST_CASE("what goes out in mixpanel's words comes back as the shared event", "[wire][mixpanel]") {
  require_round_trip("mixpanel", decode_mixpanel, basic, "/import");
}

TEST_CASE("all of mixpanel's wrappings say the same", "[wire][mixpanel]") {
  const Decoded json = decoded(decode_mixpanel, event, "/track");
  REQUIRE(json.events.size() == 1);
  CHECK(json.events[0]["user_id"] == "u1");
  CHECK(json.events[0]["source"] == "server");
  CHECK(json.events[0]["server_ts"] == "2026-03-02T12:00:00.000Z");
  CHECK(json.events[0]["properties"]["plan"] == "pro");
  CHECK_FALSE(json.events[0].contains("event_id"));
  const std::string coded = base64(event);
  CHECK(decoded(decode_mixpanel, "", "/track", "ip=0&data=" + coded).events == json.events);
  CHECK(decoded(decode_mixpanel, "data=" + coded + "&ip=1", "/track/").events == json.events);
  CHECK(decoded(decode_mixpanel, "data=" + base64("[" + event + "]"), "/track").events ==
        json.events);
}

TEST_CASE("mixpanel's times are seconds or milliseconds", "[wire][mixpanel]") {
  const auto at = [](const std::string& time) {
    return decoded(
               decode_mixpanel,
               R"({"event":"e","properties":{"token":"t","mp_lib":"web","$device_id":"d","time":)" +
                   time + "}}",
               "/track")
        .events[0]["client_ts"]
        .get<std::string>();
  };
  CHECK(at("1772452795.25") == "2026-03-02T11:59:55.250Z");
  CHECK(at("1772452795250") == "2026-03-02T11:59:55.250Z");
  CHECK(at("-1") == "2026-03-02T12:00:00.000Z");
}

TEST_CASE("updates of profiles are taken and are no events", "[wire][mixpanel]") {
  const Decoded found =
      decoded(decode_mixpanel, R"([{"$token":"t","$distinct_id":"u","$set":{"a":1}}])", "/engage");
  CHECK(found.status == 200);
  CHECK(found.events.empty());
}

TEST_CASE("what Mixpanel refuses is refused", "[wire][mixpanel]") {
  CHECK(decoded(decode_mixpanel, "data=***", "/track").refusal == "data, invalid base64");
  CHECK(decoded(decode_mixpanel, "{", "/track").refusal == "data, invalid JSON");
  CHECK(decoded(decode_mixpanel, R"({"event":"e","properties":{}})", "/track").status == 401);
  CHECK(decoded(decode_mixpanel, "[" + event + "]", "/import").status == 401);
  CHECK(decoded(decode_mixpanel, R"({"properties":{"token":"t"}})", "/track").status == 400);
}

TEST_CASE("what goes out as CloudEvents comes back as the shared event", "[wire][cloudevents]") {
  require_round_trip("cloudevents", decode_cloudevents);
}

TEST_CASE("a CloudEvent of anybody is an event", "[wire][cloudevents]") {
  const Decoded found =
      decoded(decode_cloudevents,
              R"({"specversion":"1.0","type":"com.acme.order","source":"/orders","id":"A234-1234",
          "subject":"u1","time":"2026-03-02T10:00:00+01:00","data":{"revenue":9.99}})");
  REQUIRE(found.events.size() == 1);
  CHECK(found.events[0]["event_name"] == "com.acme.order");
  CHECK(found.events[0]["source"] == "server");
  CHECK(found.events[0]["server_ts"] == "2026-03-02T09:00:00.000Z");
  CHECK(found.events[0]["revenue"] == 9.99);
  CHECK(decoded(decode_cloudevents, R"([{"specversion":"1.0","type":"t"}])").refusal ==
        "an event has no source");
}
