// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/ga4.h"

#include "tests/support/catch.h"
#include "tests/wire/sample_plan.h"
#include "tests/wire/vendor.h"

using namespace parallax;
using namespace parallax::wire_tests;

namespace {

constexpr std::string_view keys = "measurement_id=G-1&api_secret=s";

Decoded sent_to_ga4(const std::string& body, std::string_view query = keys) {
  return decoded(decode_ga4, body, "/mp/collect", query);
}

/// What the validation server says.
std::string findings(std::string body, std::string_view query = keys) {
  DecodeSpace space;
  const auto refusal = decode_ga4({"/debug/mp/collect", query, {}, &body, noon}, space);
  REQUIRE(refusal);
  CHECK(refusal->status == 200);
  return refusal->details;
}

/// The sample plan, as far as GA4 takes it.
TrackingPlan ga4_plan() {
  TrackingPlan plan = sample_plan();
  plan.traits[1].name = "plan";
  plan.actions[1].fields.resize(order);
  return plan;
}

/// What the shared format says, in the place where GA4 leaves it: traits are parameters.
nlohmann::json laid_flat(nlohmann::json event) {
  nlohmann::json& context = event["context"];
  for (const auto& [name, value] : context.items())
    if (name != "page") event["properties"][name] = value;
  context = {{"page", context["page"]}};
  event.erase("delivery_status");
  return event;
}

std::string events(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += std::string(i > 0 ? "," : "") + R"({"name":"e"})";
  return R"({"client_id":"c","events":[)" + out + "]}";
}

}  // namespace

TEST_CASE("a purchase of the Measurement Protocol is an event with an id", "[wire][ga4]") {
  const Decoded found =
      sent_to_ga4(R"({"client_id":"c1","user_id":"u1","timestamp_micros":1772452795250000,
    "events":[{"name":"purchase","params":{"transaction_id":"T-1","value":9.99,"currency":"EUR","tax":0.8,
    "session_id":17}},{"name":"visit","params":{"page_title":"Home"},"timestamp_micros":1772452790000000}]})");
  REQUIRE(found.events.size() == 2);
  const auto& purchase = found.events[0];
  CHECK(purchase["user_id"] == "u1");
  CHECK(purchase["device_id"] == "c1");
  CHECK(purchase["session_id"] == "17");
  CHECK(purchase["server_ts"] == "2026-03-02T11:59:55.250Z");
  CHECK(purchase["revenue"] == 9.99);
  CHECK(purchase["currency"] == "EUR");
  CHECK(purchase["tax"] == 0.8);
  CHECK(Uuid::parse(purchase["event_id"].get<std::string>()).has_value());
  CHECK_FALSE(found.events[1].contains("event_id"));
  CHECK(found.events[1]["server_ts"] == "2026-03-02T11:59:50.000Z");
}

TEST_CASE("an empty transaction_id stays empty, as it does harm at GA4", "[wire][ga4]") {
  const Decoded found = sent_to_ga4(
      R"({"client_id":"c","events":[{"name":"purchase","params":{"transaction_id":""}}]})");
  CHECK(found.events[0]["event_id"] == "");
}

TEST_CASE("an app's instance is a client", "[wire][ga4]") {
  const Decoded found = sent_to_ga4(R"({"app_instance_id":"a","events":[{"name":"open"}]})",
                                    "firebase_app_id=1&api_secret=s");
  CHECK(found.events[0]["source"] == "client");
  CHECK(found.events[0]["client_ts"] == "2026-03-02T12:00:00.000Z");
}

TEST_CASE("what GA4 does not take it drops without a word, and debug says why", "[wire][ga4]") {
  const auto [body, why] = GENERATE(table<std::string, std::string>(
      {{"{", "VALUE_INVALID"},
       {std::string(140'000, ' '), "VALUE_INVALID"},
       {R"({"events":[{"name":"e"}]})", "client_id"},
       {R"({"client_id":"c","events":[]})", "At least one event"},
       {events(26), "EXCEEDED_MAX_ENTITIES"},
       {R"({"client_id":"c","events":[{"name":"9lives"}]})", "NAME_INVALID"}}));
  CHECK(sent_to_ga4(body).status == 204);
  CHECK(findings(body).find(why) != std::string::npos);
}

TEST_CASE("a request without the secret is dropped, a right one has no findings", "[wire][ga4]") {
  CHECK(sent_to_ga4(events(25)).events.size() == 25);
  CHECK(sent_to_ga4(events(1), "measurement_id=G-1").status == 204);
  CHECK(findings(events(1), "api_secret=s").find("measurement_id") != std::string::npos);
  CHECK(findings(events(25)).empty());
}

TEST_CASE("a ga4 body is a request of the Measurement Protocol", "[wire][ga4]") {
  const std::array<Emission, 1> one{sample_purchase()};
  CHECK(body_with(ga4_plan(), "ga4", one, noon) ==
        R"({"client_id":"d-00000000000000d1","user_id":"u-42","events":[{"name":"purchase",)"
        R"("timestamp_micros":1772409600123000,"params":{)"
        R"("transaction_id":"01234567-89ab-4cde-8f01-23456789abcd","user_id":"u-42",)"
        R"("session":"s-000000000000005e","session_id":"47","engagement_time_msec":1,)"
        R"("sequence_id":3,"server_ts":"2026-03-02T00:00:00.123Z","source":"server",)"
        R"("schema_version":1,"consent_state":"granted","retry_count":0,"run_id":"run \"7\"",)"
        R"("page_location":"check\tout","country":"JP","plan":"free","currency":"USD",)"
        R"("value":9.99,"tax":0.80,"shipping":0.00,"sku":"sku\"-17","items":-5,"weight":1.5,)"
        R"("gift":true}}]})");
}

TEST_CASE("what goes out in GA4's words comes back as the shared event", "[wire][ga4]") {
  const TrackingPlan plan = ga4_plan();
  for (const Emission& emission : every_form()) {
    const std::span<const Emission> one(&emission, 1);
    const auto expected =
        laid_flat(nlohmann::json::parse(body_with(plan, "shared", one, no_time)).at("batch").at(0));
    const Decoded found = sent_to_ga4(body_with(plan, "ga4", one, noon));
    REQUIRE(found.events.size() == 1);
    nlohmann::json event = found.events[0];
    for (const char* own : {"transaction_id", "value", "engagement_time_msec", "page_location"})
      event["properties"].erase(own);
    REQUIRE(event == expected);
  }
}

TEST_CASE("an event of a ga4 request may be of another user than its first, or of nobody",
          "[wire][ga4]") {
  std::array<Emission, 3> three;
  three.fill(sample_purchase());
  three[1].user_form = UserForm::anonymous;
  three[2].user_form = UserForm::absent;
  const Decoded found = sent_to_ga4(body_with(ga4_plan(), "ga4", three, noon));
  REQUIRE(found.events.size() == 3);
  CHECK(found.events[0]["user_id"] == "u-42");
  CHECK(found.events[1]["user_id"] == "d-00000000000000d1");
  CHECK_FALSE(found.events[2].contains("user_id"));
}

TEST_CASE("a plan that GA4 would not take is refused before anything is sent", "[wire][ga4]") {
  TrackingPlan plan = ga4_plan();
  std::string where;
  SECTION("a name with a blank") { plan.actions[0].name = where = "page view"; }
  SECTION("a trait with a blank") { plan.traits[1].name = where = "plan x"; }
  SECTION("a text of more than 100 bytes") {
    plan.actions[1].fields[sku].form.prefix = std::string(100, 'x');
    where = "sku";
  }
  SECTION("more than 25 parameters") {
    plan.actions[1].fields.push_back(plan.actions[1].fields[items]);
    plan.actions[1].fields.back().name = "more";
    plan.actions[1].fields.push_back(plan.actions[1].fields[items]);
    plan.actions[1].fields.back().name = "even_more";
    where = "purchase";
  }
  const auto format = make_wire_format("ga4", plan, "r");
  REQUIRE_FALSE(format);
  CAPTURE(format.error().text());
  CHECK(format.error().text().find(where) != std::string::npos);
}

TEST_CASE("a ga4 request is of one device and of 25 events", "[wire][ga4]") {
  const TrackingPlan plan = ga4_plan();
  const auto format = make_wire_format("ga4", plan, "r");
  CHECK((*format)->limits().events == ga4::events_max);
  CHECK((*format)->limits().one_device);
  CHECK((*format)->path().find("api_secret=") != std::string_view::npos);
}
