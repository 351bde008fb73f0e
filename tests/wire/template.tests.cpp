// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "sim/scenario/target.h"
#include "sim/wire/format.h"
#include "tests/support/catch.h"
#include "tests/wire/sample_plan.h"
#include "tests/wire/vendor.h"

using namespace parallax;
using namespace parallax::wire_tests;

namespace {

EventTemplate compiled(const std::string& format) {
  const LoadedTarget loaded =
      load_target_text(R"({"send": {"kind": "http", "url": "http://h/x", "format": )" + format +
                           R"(}, "read": {"kind": "file", "path": "rows.csv"}})",
                       "t.json");
  REQUIRE(loaded.ok());
  return loaded.target.send.pattern;
}

std::string body_in(const std::string& format, std::span<const Emission> emissions,
                    SimTime sent_at = noon) {
  const TrackingPlan plan = sample_plan();
  const auto made = make_wire_format("template", plan, "run", {"", compiled(format)});
  REQUIRE(made);
  std::vector<const Emission*> pointers;
  for (const Emission& emission : emissions) pointers.push_back(&emission);
  std::string body;
  (*made)->batch(pointers, sent_at, body);
  return body;
}

std::string event_in(const std::string& pattern, const Emission& emission) {
  return body_in(R"({"template": )" + pattern + "}", std::span(&emission, 1));
}

}  // namespace

TEST_CASE("a template says an event in the user's words", "[wire][template]") {
  CHECK(event_in(R"({"id": "${event_id}", "type": "shop.${event_name}", "n": "${sequence_id}",
                     "at": "${time:unix_ms}", "s": "${server_ts:unix_s}", "u": "${time:unix_us}",
                     "iso": "${server_ts}", "text": "${sequence_id:text}", "v": 1, "ok": true,
                     "sum": "${revenue} ${currency}", "sku": "${properties.sku}",
                     "money": "${properties.revenue}", "page": "${context.page}",
                     "tags": ["a", "${source}", {}], "plan": "${context.plan \"x\"}"})",
                 sample_purchase()) ==
        R"({"id":"01234567-89ab-4cde-8f01-23456789abcd","type":"shop.purchase","n":3,)"
        R"("at":1772409600123,"s":1772409600,"u":1772409600123000,)"
        R"("iso":"2026-03-02T00:00:00.123Z","text":"3","v":1,"ok":true,)"
        R"("sum":"9.99 USD","sku":"sku\"-17","money":9.99,"page":"check\tout",)"
        R"("tags":["a","server",{}],"plan":"free"})");
}

TEST_CASE("whole objects stand where a template names them", "[wire][template]") {
  const auto event = nlohmann::json::parse(event_in(
      R"({"id": "${event_id}", "p": "${properties}", "c": "${context}"})", sample_purchase()));
  CHECK(event["p"]["items"] == -5);
  CHECK(event["c"]["country"] == "JP");
}

TEST_CASE("what an event does not have is left out, null in a list, nothing in a text",
          "[wire][template]") {
  Emission bare;
  bare.client_ts = SimTime{0};
  CHECK(event_in(R"({"sku": "${properties.sku}", "at": "${server_ts:unix_ms}", "a": ["${revenue}"],
                     "t": "<${properties.sku}>", "id": "${event_id}"})",
                 bare)
            .starts_with(R"({"a":[null],"t":"<>","id":")"));
}

TEST_CASE("a template with a body sends batches, without one an event a request",
          "[wire][template]") {
  std::array<Emission, 2> two;
  two.fill(sample_purchase());
  const std::string pattern = R"({"template": {"id": "${event_id}"}, "body": )";
  const std::string event = R"({"id":"01234567-89ab-4cde-8f01-23456789abcd"})";
  CHECK(body_in(pattern + R"({"k": "x", "events": "${events}", "sent": "${sent_at:unix_ms}"}})",
                two) ==
        R"({"k":"x","events":[)" + event + "," + event + R"(],"sent":1772452800000})");
  CHECK(body_in(pattern + R"({"events": "${events}", "sent": "at ${sent_at}", "z": 1}})", two) ==
        R"({"events":[)" + event + "," + event +
            R"(],"sent":"at 2026-03-02T12:00:00.000Z","z":1})");
  CHECK(body_in(pattern + R"({"events": "${events}", "sent": "${sent_at}", "z": 1}})", two,
                no_time) == R"({"events":[)" + event + "," + event + R"(],"z":1})");
  CHECK(body_in(pattern + R"("${events}"})", two) == "[" + event + "," + event + "]");
  CHECK(body_in(R"({"template": {"id": "${event_id}"}})", std::span(two).first(1)) == event);
  const TrackingPlan plan = sample_plan();
  const FormatOptions single{"", compiled(R"({"template": {"id": "${event_id}"}})")};
  CHECK((*make_wire_format("template", plan, "r", single))->limits().events == 1);
}

TEST_CASE("every form of an event is JSON in a template, and says what the shared format says",
          "[wire][template]") {
  const std::string pattern =
      R"({"event_name": "${event_name}", "event_id": "${event_id}", "user_id": "${user_id}",
          "device_id": "${device_id}", "session_id": "${session_id}", "sequence_id":
          "${sequence_id}", "client_ts": "${client_ts}", "server_ts": "${server_ts}", "source":
          "${source}", "schema_version": "${schema_version}", "consent_state": "${consent_state}",
          "retry_count": "${retry_count}", "delivery_status": "${delivery_status}", "run_id":
          "${run_id}", "context": "${context}", "currency": "${currency}", "revenue": "${revenue}",
          "tax": "${tax}", "properties": "${properties}"})";
  const TrackingPlan plan = sample_plan();
  const auto shared = make_wire_format("shared", plan, "run");
  for (const Emission& emission : every_form()) {
    std::string expected;
    (*shared)->event(emission, expected);
    REQUIRE(event_in(pattern, emission) == expected);
  }
}

TEST_CASE("a property that no action has is an error that says where and what there is",
          "[wire][template]") {
  const TrackingPlan plan = sample_plan();
  const auto made = make_wire_format(
      "template", plan, "r",
      {"", compiled(R"({"template": {"id": "${event_id}", "x": "${properties.skew}"}})")});
  REQUIRE_FALSE(made);
  const std::string text = made.error().text();
  CAPTURE(text);
  CHECK(text.find("t.json: /send/format/template/x") != std::string::npos);
  CHECK(text.find("sku") != std::string::npos);
}
