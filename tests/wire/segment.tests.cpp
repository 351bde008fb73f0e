// SPDX-License-Identifier: Apache-2.0
// Segment and RudderStack.
#include "sim/wire/codes.h"
#include "tests/support/catch.h"
#include "tests/wire/vendor.h"

using namespace parallax;
using namespace parallax::wire_tests;

namespace {

Decoded segment(const std::string& body, std::string_view path = "/v1/batch") {
  return decoded(decode_segment, body, path, {}, {});
}
const std::string basic = "Basic " + base64("wk:");
Decoded rudderstack(const std::string& body, std::string_view path = "/v1/batch") {
  return decoded(decode_rudderstack, body, path, {}, basic);
}

std::string batch(const std::string& messages) {
  return R"({"writeKey":"wk","sentAt":"2026-03-02T12:00:05.000Z","batch":[)" + messages + "]}";
}

/// What analytics-node 3.1 sends for a track, shortened.
const std::string track = R"({"timestamp":"2026-03-02T11:59:55.000Z","integrations":{},
  "event":"signup","type":"track","properties":{"plan":"pro","revenue":9.90},
  "context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"u1",
  "messageId":"node-next-1772452795000-01234567-89ab-4cde-8f01-23456789abcd",
  "_metadata":{"nodeVersion":"20"}})";

}  // namespace

TEST_CASE("a segment body is what analytics-node sends", "[wire][segment]") {
  CHECK(body_of("segment", *parse_rfc3339("2026-03-02T00:00:05Z")) ==
        R"({"writeKey":"parallax","batch":[{"type":"track","event":"purchase",)"
        R"("messageId":"01234567-89ab-4cde-8f01-23456789abcd","userId":"u-42",)"
        R"("anonymousId":"d-00000000000000d1","timestamp":"2026-03-02T00:00:00.123Z",)"
        R"("context":{"page":"check\tout","country":"JP","plan \"x\"":"free"},"properties":{)"
        R"("session_id":"s-000000000000005e","sequence_id":3,)"
        R"("server_ts":"2026-03-02T00:00:00.123Z","source":"server","schema_version":1,)"
        R"("consent_state":"granted","retry_count":0,"delivery_status":"queued",)"
        R"("run_id":"run \"7\"","currency":"USD","revenue":9.99,"tax":0.80,"shipping":0.00,)"
        R"("sku":"sku\"-17","items":-5,"weight":1.5,"gift":true,)"
        R"("order":"ord-0000000000000abc"}}],"sentAt":"2026-03-02T00:00:05.000Z"})");
}

TEST_CASE("what goes out in segment's words comes back as the shared event", "[wire][segment]") {
  require_round_trip("segment", decode_segment);
}

TEST_CASE("what goes out in rudderstack's words comes back as the shared event",
          "[wire][rudderstack]") {
  require_round_trip("rudderstack", decode_rudderstack, basic);
}

TEST_CASE("a track is corrected by all that the clock is off", "[wire][segment]") {
  const Decoded found = segment(batch(track));
  REQUIRE(found.events.size() == 1);
  const auto& event = found.events[0];
  CHECK(event["event_name"] == "signup");
  CHECK(event["user_id"] == "u1");
  CHECK(event["source"] == "server");
  CHECK(event["server_ts"] == "2026-03-02T11:59:50.000Z");
  CHECK(event["revenue"] == 9.90);
  CHECK(event["context"]["library"]["version"] == "3.1.0");
  CHECK(event["properties"] == nlohmann::json::parse(R"({"plan":"pro"})"));
}

TEST_CASE("a message id that is no UUID becomes one, always the same", "[wire][segment]") {
  const auto id = [](const std::string& text) {
    return segment(batch(R"({"type":"page","userId":"u","messageId":")" + text + "\"}"))
        .events[0]["event_id"]
        .get<std::string>();
  };
  CHECK(Uuid::parse(id("node-next-1-a")).has_value());
  CHECK(id("node-next-1-a") == id("node-next-1-a"));
  CHECK(id("node-next-1-a") != id("node-next-1-b"));
  CHECK(id("01234567-89AB-4cde-8f01-23456789abcd") == "01234567-89AB-4cde-8f01-23456789abcd");
}

TEST_CASE("every type of message is an event", "[wire][segment]") {
  const Decoded found = segment(batch(
      R"({"type":"identify","userId":"u","anonymousId":"a","traits":{"plan":"pro"}},)"
      R"({"type":"page","anonymousId":"a","name":"Home","context":{"library":{"name":"analytics.js"}}},)"
      R"({"type":"group","userId":"u","groupId":"acme"},)"
      R"({"type":"alias","userId":"u","previousId":"a"})"));
  REQUIRE(found.events.size() == 4);
  CHECK(found.events[0]["event_name"] == "identify");
  CHECK(found.events[0]["device_id"] == "a");
  CHECK(found.events[0]["properties"]["plan"] == "pro");
  CHECK(found.events[1]["user_id"] == "a");
  CHECK(found.events[1]["source"] == "client");
  CHECK(found.events[1]["properties"]["name"] == "Home");
  CHECK(found.events[2]["properties"]["groupId"] == "acme");
  CHECK(found.events[3]["properties"]["previousId"] == "a");
}

TEST_CASE("a single message may have its type from the path", "[wire][segment]") {
  const std::string message = R"({"userId":"u","writeKey":"wk","event":"e"})";
  CHECK(segment(message, "/v1/t").events[0]["event_name"] == "e");
  CHECK(segment(message, "/v1/page/").events[0]["event_name"] == "page");
  CHECK(segment(message, "/v1/b").status == 400);
}

TEST_CASE("rudderstack corrects only what has no timestamp", "[wire][rudderstack]") {
  const Decoded found = rudderstack(
      R"({"sentAt":"2026-03-02T12:00:05Z","batch":[
        {"type":"page","userId":"u","channel":"server","originalTimestamp":"2026-03-02T11:59:55Z"},
        {"type":"page","userId":"u","channel":"web","originalTimestamp":"2026-03-02T11:59:55Z",
         "timestamp":"2026-03-02T11:59:55Z"}]})");
  CHECK(found.events[0]["server_ts"] == "2026-03-02T11:59:50.000Z");
  CHECK(found.events[1]["client_ts"] == "2026-03-02T11:59:55.000Z");
}

TEST_CASE("what Segment and RudderStack refuse is refused", "[wire][segment]") {
  CHECK(segment("{").refusal == "invalid json");
  CHECK(segment(R"({"batch":[]})").status == 401);
  CHECK(decoded(decode_rudderstack, batch(track)).status == 401);
  CHECK(segment(batch(R"({"type":"page"})")).refusal ==
        "a message has neither userId nor anonymousId");
  CHECK(segment(batch(R"({"type":"track","userId":"u"})")).refusal == "a track has no event");
  CHECK(segment(batch("7")).status == 400);
  const auto padded = [](std::size_t bytes) {
    return R"({"type":"page","userId":"u","name":")" + std::string(bytes, 'x') + "\"}";
  };
  CHECK(segment(batch(padded(32'000))).status == 200);
  CHECK(segment(batch(padded(33'000))).refusal == "a message is too long");
  CHECK(rudderstack(batch(padded(33'000))).status == 200);
  CHECK(rudderstack(batch(padded(5U << 20))).status == 413);
}
