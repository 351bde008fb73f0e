// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/codes.h"
#include "tests/support/catch.h"
#include "tests/wire/vendor.h"

using namespace parallax;
using namespace parallax::wire_tests;

namespace {

Decoded snowplow(const std::string& data) {
  return decoded(decode_snowplow, R"({"schema":"iglu:x","data":[)" + data + "]}");
}

}  // namespace

TEST_CASE("a snowplow body is a payload of texts around a self-describing event",
          "[wire][snowplow]") {
  const auto body =
      nlohmann::json::parse(body_of("snowplow", *parse_rfc3339("2026-03-02T00:00:05Z")));
  CHECK(body["schema"] == "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4");
  auto event = body["data"][0];
  const auto inner =
      nlohmann::json::parse(base64_decoded(event["ue_px"].get<std::string>()).value());
  event.erase("ue_px");
  CHECK(event == nlohmann::json::parse(R"({"e":"ue","p":"srv","tv":"parallax","tna":"parallax",
    "aid":"parallax","eid":"01234567-89ab-4cde-8f01-23456789abcd","uid":"u-42",
    "duid":"d-00000000000000d1","sid":"s-000000000000005e","dtm":"1772409600123",
    "stm":"1772409605000"})"));
  CHECK(inner["schema"] == "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0");
  CHECK(inner["data"]["schema"] == "iglu:parallax/purchase/jsonschema/1-0-0");
  CHECK(inner["data"]["data"]["revenue"] == 9.99);
}

TEST_CASE("without a time of sending no event states one", "[wire][snowplow]") {
  const auto body = nlohmann::json::parse(body_of("snowplow", no_time));
  CHECK_FALSE(body["data"][0].contains("stm"));
}

TEST_CASE("what goes out in snowplow's words comes back as the shared event", "[wire][snowplow]") {
  require_round_trip("snowplow", decode_snowplow);
}

TEST_CASE("a structured event of node-tracker is an event of its action", "[wire][snowplow]") {
  const Decoded found = snowplow(R"({"e":"se","se_ca":"shop","se_ac":"add","se_va":"2",
    "eid":"01234567-89ab-4cde-8f01-23456789abcd","p":"srv","tv":"node-4.8.0","uid":"u1",
    "dtm":"1772452795000","stm":"1772452805000","co":"{\"data\":[{\"schema\":\"s\"}]}"})");
  REQUIRE(found.events.size() == 1);
  const auto& event = found.events[0];
  CHECK(event["event_name"] == "add");
  CHECK(event["user_id"] == "u1");
  CHECK(event["source"] == "server");
  CHECK(event["server_ts"] == "2026-03-02T11:59:50.000Z");  // sent 10 s later, received now
  CHECK(event["properties"]["se_va"] == "2");
  CHECK(event["properties"]["contexts"][0]["schema"] == "s");
}

TEST_CASE("self-describing events come as JSON or as base64", "[wire][snowplow]") {
  const std::string plain =
      R"({"schema":"u","data":{"schema":"iglu:com.acme/bought/jsonschema/1-0-0","data":{"n":1}}})";
  const nlohmann::json as_text{{"e", "ue"}, {"p", "web"}, {"duid", "d"}, {"ue_pr", plain}};
  const nlohmann::json as_code{{"e", "ue"}, {"p", "web"}, {"duid", "d"}, {"ue_px", base64(plain)}};
  const Decoded found = snowplow(as_text.dump() + "," + as_code.dump());
  CHECK(found.events[0] == found.events[1]);
  CHECK(found.events[0]["event_name"] == "bought");
  CHECK(found.events[0]["properties"]["n"] == 1);
  CHECK(found.events[0]["user_id"] == "d");
}

TEST_CASE("the true time overrides both clocks", "[wire][snowplow]") {
  const Decoded found = snowplow(
      R"({"e":"pv","p":"web","duid":"d","ttm":"1772452795000","dtm":"1","stm":"2","page":"Home"})");
  CHECK(found.events[0]["client_ts"] == "2026-03-02T11:59:55.000Z");
  CHECK(found.events[0]["event_name"] == "page_view");
  CHECK(found.events[0]["context"]["page"] == "Home");
}

TEST_CASE("the pixel's query is an event", "[wire][snowplow]") {
  const Decoded found =
      decoded(decode_snowplow, "", "/i", "e=pv&p=web&duid=d%2B1&page=A+b&dtm=1772452795000");
  REQUIRE(found.events.size() == 1);
  CHECK(found.events[0]["device_id"] == "d+1");
  CHECK(found.events[0]["context"]["page"] == "A b");
}

TEST_CASE("what no tracker sends is refused by the snowplow decoder", "[wire][snowplow]") {
  CHECK(decoded(decode_snowplow, "{").status == 400);
  CHECK(decoded(decode_snowplow, "{}").refusal == "the body has no data");
  CHECK(decoded(decode_snowplow, std::string(3U << 20, ' ')).status == 413);
}
