// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.h"
#include "tests/wire/vendor.h"

using namespace parallax;
using namespace parallax::wire_tests;

namespace {

Decoded amplitude(const std::string& events, const std::string& rest = "") {
  return decoded(decode_amplitude, R"({"api_key":"k","events":[)" + events + "]" + rest + "}",
                 "/2/httpapi");
}

}  // namespace

TEST_CASE("an amplitude body has the documented fields", "[wire][amplitude]") {
  CHECK(body_of("amplitude", *parse_rfc3339("2026-03-02T00:00:05Z")) ==
        R"({"api_key":"parallax","options":{"min_id_length":1},"events":[{)"
        R"("event_type":"purchase","insert_id":"01234567-89ab-4cde-8f01-23456789abcd",)"
        R"("user_id":"u-42","device_id":"d-00000000000000d1","time":1772409600123,)"
        R"("event_properties":{"session_id":"s-000000000000005e","sequence_id":3,)"
        R"("server_ts":"2026-03-02T00:00:00.123Z","source":"server","schema_version":1,)"
        R"("consent_state":"granted","retry_count":0,"delivery_status":"queued",)"
        R"("run_id":"run \"7\"","context":{"page":"check\tout","country":"JP",)"
        R"("plan \"x\"":"free"},"currency":"USD","revenue":9.99,"tax":0.80,"shipping":0.00,)"
        R"("sku":"sku\"-17","items":-5,"weight":1.5,"gift":true,)"
        R"("order":"ord-0000000000000abc"}}],"client_upload_time":"2026-03-02T00:00:05.000Z"})");
}

TEST_CASE("what goes out in amplitude's words comes back as the shared event",
          "[wire][amplitude]") {
  require_round_trip("amplitude", decode_amplitude, {}, "/2/httpapi");
}

TEST_CASE("an event of amplitude's SDKs is the shared event", "[wire][amplitude]") {
  const Decoded found = amplitude(
      R"({"time":1772452795000,"insert_id":"01234567-89ab-4cde-8f01-23456789abcd","event_type":"signup",
      "user_id":"user-1","session_id":1772452790000,"revenue":3.5,"event_properties":{"plan":"pro"},
      "library":"amplitude-node-ts/1.5.73"},{"time":1772452795000,"event_type":"$identify","device_id":"device-1",
      "session_id":-1,"user_properties":{"$set":{"a":1}},"library":"amplitude-ts/2.48.1","platform":"Web"})");
  REQUIRE(found.events.size() == 2);
  CHECK(found.events[0]["source"] == "server");
  CHECK(found.events[0]["server_ts"] == "2026-03-02T11:59:55.000Z");
  CHECK(found.events[0]["session_id"] == "1772452790000");
  CHECK(found.events[0]["revenue"] == 3.5);
  CHECK(found.events[1]["source"] == "client");
  CHECK(found.events[1]["user_id"] == "device-1");
  CHECK_FALSE(found.events[1].contains("session_id"));
  CHECK(found.events[1]["properties"]["user_properties"]["$set"]["a"] == 1);
}

TEST_CASE("amplitude says which events it does not take", "[wire][amplitude]") {
  const auto details = [](const std::string& body) {
    DecodeSpace space;
    std::string copy = body;
    const auto refusal = decode_amplitude({"/2/httpapi", {}, {}, &copy, noon}, space);
    return refusal ? std::to_string(refusal->status) + refusal->details : "taken";
  };
  const std::string good = R"({"event_type":"e","user_id":"user-1"},)";
  CHECK(details(R"({"api_key":"k","events":[)" + good + R"({"user_id":"user-1"}]})") ==
        R"(400,"events_with_missing_fields":{"event_type":[1]})");
  CHECK(details(R"({"api_key":"k","events":[)" + good + R"({"event_type":"e"}]})") ==
        R"(400,"events_with_missing_fields":{"user_id":[1]})");
  CHECK(details(R"({"api_key":"k","events":[{"event_type":"e","user_id":"u1"}]})") ==
        R"(400,"events_with_invalid_id_lengths":{"user_id":[0]})");
  CHECK(details(R"({"api_key":"k","options":{"min_id_length":2},)"
                R"("events":[{"event_type":"e","user_id":"u1"}]})") == "taken");
  CHECK(details(R"({"events":[]})") == R"(400,"missing_field":"api_key")");
  CHECK(details(R"({"api_key":"k","events":[]})") == R"(400,"missing_field":"events")");
  CHECK(details("{") == "400");
}

TEST_CASE("more than 2000 events are for amplitude's bulk route", "[wire][amplitude]") {
  std::string events;
  for (int i = 0; i < 2'001; ++i)
    events += std::string(i > 0 ? "," : "") + R"({"event_type":"e","user_id":"user-1"})";
  const std::string body = R"({"api_key":"k","events":[)" + events + "]}";
  CHECK(decoded(decode_amplitude, body, "/2/httpapi").status == 413);
  CHECK(decoded(decode_amplitude, body, "/batch").events.size() == 2'001);
}
