// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.h"
#include "tests/wire/vendor.h"

using namespace parallax;
using namespace parallax::wire_tests;

namespace {

constexpr std::string_view keys = "measurement_id=G-1&api_secret=s";

Decoded ga4(const std::string& body, std::string_view query = keys) {
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

std::string events(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += std::string(i > 0 ? "," : "") + R"({"name":"e"})";
  return R"({"client_id":"c","events":[)" + out + "]}";
}

}  // namespace

TEST_CASE("a purchase of the Measurement Protocol is an event with an id", "[wire][ga4]") {
  const Decoded found = ga4(R"({"client_id":"c1","user_id":"u1","timestamp_micros":1772452795250000,
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
  const Decoded found =
      ga4(R"({"client_id":"c","events":[{"name":"purchase","params":{"transaction_id":""}}]})");
  CHECK(found.events[0]["event_id"] == "");
}

TEST_CASE("an app's instance is a client", "[wire][ga4]") {
  const Decoded found = ga4(R"({"app_instance_id":"a","events":[{"name":"open"}]})",
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
  CHECK(ga4(body).status == 204);
  CHECK(findings(body).find(why) != std::string::npos);
}

TEST_CASE("a request without the secret is dropped, a right one has no findings", "[wire][ga4]") {
  CHECK(ga4(events(25)).events.size() == 25);
  CHECK(ga4(events(1), "measurement_id=G-1").status == 204);
  CHECK(findings(events(1), "api_secret=s").find("measurement_id") != std::string::npos);
  CHECK(findings(events(25)).empty());
}
