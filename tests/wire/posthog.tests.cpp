// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/codes.h"
#include "tests/support/catch.h"
#include "tests/wire/vendor.h"

using namespace parallax;
using namespace parallax::wire_tests;

namespace {

Decoded posthog(std::string body, std::string_view query = {}) {
  return decoded(decode_posthog, std::move(body), "/e/", query);
}

/// What posthog-js 1.449 sends for a page view, shortened.
const std::string page_view = R"({"event":"$pageview","uuid":"0197f2a0-0000-7000-8000-000000000001",
  "timestamp":"2026-03-02T11:59:58.000Z","$set":{"plan":"pro"},"properties":{"token":"phc_t",
  "distinct_id":"anon-1","$device_id":"dev-1","$session_id":"ses-1","$lib":"web",
  "$pathname":"/cart","$insert_id":"abc","price":0.30}})";

std::string envelope(const std::string& events, const std::string& rest = "") {
  return R"({"api_key":"phc_t","batch":[)" + events + "]" + rest + "}";
}

}  // namespace

TEST_CASE("a posthog body is what posthog-node sends", "[wire][posthog]") {
  CHECK(body_of("posthog", *parse_rfc3339("2026-03-02T00:00:05Z")) ==
        R"({"api_key":"parallax","batch":[{"event":"purchase",)"
        R"("uuid":"01234567-89ab-4cde-8f01-23456789abcd","distinct_id":"u-42",)"
        R"("timestamp":"2026-03-02T00:00:00.123Z","properties":{)"
        R"("$device_id":"d-00000000000000d1","$session_id":"s-000000000000005e",)"
        R"("sequence_id":3,"server_ts":"2026-03-02T00:00:00.123Z",)"
        R"("source":"server","schema_version":1,"consent_state":"granted","retry_count":0,)"
        R"("delivery_status":"queued","run_id":"run \"7\"",)"
        R"("context":{"page":"check\tout","country":"JP","plan \"x\"":"free"},)"
        R"("currency":"USD","revenue":9.99,"tax":0.80,"shipping":0.00,"sku":"sku\"-17",)"
        R"("items":-5,"weight":1.5,"gift":true,"order":"ord-0000000000000abc"}}],)"
        R"("sent_at":"2026-03-02T00:00:05.000Z"})");
}

TEST_CASE("what goes out in posthog's words comes back as the shared event", "[wire][posthog]") {
  require_round_trip("posthog", decode_posthog);
}

TEST_CASE("a browser's event becomes a client's event with its page", "[wire][posthog]") {
  const Decoded found = posthog(envelope(page_view, R"(,"sent_at":"2026-03-02T12:00:00.000Z")"));
  REQUIRE(found.events.size() == 1);
  CHECK(found.events[0] == nlohmann::json::parse(R"({
    "event_name":"$pageview","event_id":"0197f2a0-0000-7000-8000-000000000001",
    "user_id":"anon-1","device_id":"dev-1","session_id":"ses-1","source":"client",
    "client_ts":"2026-03-02T11:59:58.000Z","context":{"page":"/cart"},
    "properties":{"$lib":"web","$pathname":"/cart","$insert_id":"abc","price":0.3,
                  "$set":{"plan":"pro"}}})"));
}

TEST_CASE("numbers keep the digits they were written with", "[wire][posthog]") {
  DecodeSpace space;
  std::string body = envelope(page_view);
  REQUIRE_FALSE(decode_posthog({"/e/", {}, {}, &body, noon}, space));
  CHECK(space.batch.finish().find("\"price\":0.30") != std::string::npos);
}

TEST_CASE("all of posthog-js's dialects say the same", "[wire][posthog]") {
  const Decoded object = posthog(envelope(page_view));
  const Decoded array = posthog("[" + page_view + "]");
  const Decoded single = posthog(page_view);
  std::string coded;
  coded.resize(2 * page_view.size());
  coded.resize(static_cast<std::size_t>(write_base64url(page_view, coded.data()) - coded.data()));
  const Decoded form = posthog("data=" + coded + "&ver=1.200.0", "compression=base64");
  const Decoded bare = posthog(coded);
  REQUIRE(object.events.size() == 1);
  for (const Decoded* other : {&array, &single, &form, &bare}) {
    CHECK(other->refusal.empty());
    CHECK(other->events == object.events);
  }
}

TEST_CASE("a clock that is off by more than 150 s is corrected", "[wire][posthog]") {
  const auto at = [](const std::string& rest) {
    const std::string event = R"({"event":"e","distinct_id":"u","properties":{"$lib":"web")" +
                              rest.substr(0, rest.find('|')) + "}" +
                              rest.substr(rest.find('|') + 1) + "}";
    return posthog(envelope(event, R"(,"sent_at":"2026-03-02T12:10:00Z")"))
        .events.at(0)
        .at("client_ts")
        .get<std::string>();
  };
  CHECK(at(R"(|,"timestamp":"2026-03-02T11:00:00Z")") == "2026-03-02T10:52:30.000Z");
  CHECK(at(R"(,"$ignore_sent_at":true|,"timestamp":"2026-03-02T11:00:00Z")") ==
        "2026-03-02T11:00:00.000Z");
  CHECK(at(R"(|,"offset":2500)") == "2026-03-02T11:59:57.500Z");
  CHECK(at("|") == "2026-03-02T12:00:00.000Z");
}

TEST_CASE("identify and alias keep who they join", "[wire][posthog]") {
  const Decoded found = posthog(
      envelope(R"({"event":"$identify","distinct_id":"u1","properties":{"$lib":"posthog-node",)"
               R"("$anon_distinct_id":"anon1","$set":{"plan":"pro"}}},)"
               R"({"event":"$create_alias","distinct_id":"u1","properties":{"$lib":"posthog-node",)"
               R"("distinct_id":"u1","alias":"anon0"}})"));
  REQUIRE(found.events.size() == 2);
  CHECK(found.events[0]["user_id"] == "u1");
  CHECK(found.events[0]["device_id"] == "anon1");
  CHECK(found.events[0]["source"] == "server");
  CHECK(found.events[1]["properties"] ==
        nlohmann::json::parse(R"({"$lib":"posthog-node","alias":"anon0"})"));
}

TEST_CASE("a property that the tracking plan gives a meaning has it", "[wire][posthog]") {
  const Decoded found = posthog(envelope(
      R"({"event":"purchase","distinct_id":7,"uuid":"theirs","properties":{"$lib":"web",)"
      R"("event_id":"ours","source":"server","revenue":9.99,"sequence_id":4}},)"
      R"({"event":"visit","distinct_id":"u","properties":{"$lib":"web","source":"newsletter",)"
      R"("sequence_id":"fourth"}})"));
  CHECK(found.events[0]["user_id"] == "7");
  CHECK(found.events[0]["event_id"] == "ours");
  CHECK(found.events[0]["source"] == "server");
  CHECK(found.events[0]["sequence_id"] == 4);
  CHECK(found.events[0].contains("server_ts"));
  CHECK(found.events[1]["source"] == "client");
  CHECK(found.events[1]["properties"]["source"] == "newsletter");
  CHECK(found.events[1]["properties"]["sequence_id"] == "fourth");
}

TEST_CASE("what PostHog refuses is refused as a whole", "[wire][posthog]") {
  const auto [body, status, why] = GENERATE(table<std::string, int, std::string>(
      {{"", 400, "the body is empty"},
       {"{", 400, "not JSON"},
       {"%%%", 400, "neither JSON nor base64"},
       {R"({"api_key":"t","batch":[]})", 400, "the batch is empty"},
       {R"({"api_key":"t","batch":{}})", 400, "batch is no array"},
       {R"({"api_key":"t","batch":[7]})", 400, "no object"},
       {R"({"api_key":"t","batch":[{"distinct_id":"u"}]})", 400, "no name"},
       {R"({"api_key":"t","batch":[{"event":"e"}]})", 400, "no distinct_id"},
       {R"({"batch":[{"event":"e","distinct_id":"u"}]})", 401, "no api_key"},
       {R"([{"event":"e","distinct_id":"u","api_key":"a"},)"
        R"({"event":"e","distinct_id":"u","api_key":"b"}])",
        401, "different tokens"}}));
  const Decoded found = posthog(body);
  CHECK(found.status == status);
  CHECK(found.refusal.find(why) != std::string::npos);
}
