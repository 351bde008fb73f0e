// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.h"
#include "tests/wire/sample_plan.h"
#include "tests/wire/vendor.h"

using namespace parallax;
using namespace parallax::wire_tests;

namespace {

constexpr std::string_view bearer = "Bearer phc_t";
constexpr std::string_view id1 = "0197f2a0-0000-7000-8000-000000000001";

/// The headers of posthog-node, sent at noon.
std::string node_header(std::string_view name) {
  if (name == "PostHog-Sdk-Info") return "posthog-node/5.70.0";
  if (name == "PostHog-Attempt") return "1";
  if (name == "PostHog-Request-Id") return "0197f2a0-0000-7000-8000-0000000000ff";
  return name == "PostHog-Request-Timestamp" ? "2026-03-02T12:00:00.000Z" : "";
}

std::string event(const std::string& more = "", std::string_view id = id1,
                  const std::string& name = "visit") {
  return R"({"event":")" + name + R"(","uuid":")" + std::string(id) +
         R"(","distinct_id":"u1","timestamp":"2026-03-02T11:59:58.000Z")" + more + "}";
}

std::string batch(const std::string& events) {
  return R"({"created_at":"2026-03-02T12:00:00.000Z","batch":[)" + events + "]}";
}

struct Answer {
  Decoded decoded;
  nlohmann::json results;  ///< By event id.
  std::string why;
};
Answer v1(std::string body, std::string_view authorization = bearer,
          const std::function<std::string(std::string_view)>& header = node_header) {
  Answer out;
  DecodeSpace space;
  const auto refusal =
      decode_posthog_v1({"/i/v1/analytics/events", {}, authorization, &body, noon, header}, space);
  if (refusal) {
    out.decoded.status = refusal->status;
    out.decoded.refusal = refusal->what;
    out.why = refusal->details;
    return out;
  }
  out.results = nlohmann::json::parse("{" + space.results + "}");
  out.decoded.events = nlohmann::json::parse(space.batch.finish()).at("batch");
  return out;
}

}  // namespace

TEST_CASE("a posthog-v1 body is what posthog-node posts in that mode", "[wire][posthog]") {
  const std::string body = body_of("posthog-v1", noon);
  CHECK(body.starts_with(R"({"batch":[{"event":"purchase",)"
                         R"("uuid":"01234567-89ab-4cde-8f01-23456789abcd","distinct_id":"u-42",)"
                         R"("timestamp":"2026-03-02T00:00:00.123Z",)"
                         R"("session_id":"s-000000000000005e","properties":{)"
                         R"("$device_id":"d-00000000000000d1","sequence_id":3,)"));
  CHECK(body.ends_with(R"(}}],"created_at":"2026-03-02T12:00:00.000Z"})"));
}

TEST_CASE("a try says in headers which it is, and of which batch", "[wire][posthog]") {
  const TrackingPlan plan = sample_plan();
  const auto format = make_wire_format("posthog-v1", plan, "r", {"phc_t", {}});
  CHECK((*format)->headers()[0].second == "Bearer phc_t");
  std::string first, second, other;
  (*format)->write_headers({7, 1, noon}, first);
  (*format)->write_headers({7, 2, noon}, second);
  (*format)->write_headers({8, 1, noon}, other);
  CHECK(first.starts_with("PostHog-Attempt: 1\r\nPostHog-Request-Id: "));
  CHECK(first.ends_with("PostHog-Request-Timestamp: 2026-03-02T12:00:00.000Z\r\n"));
  const auto id_of = [](const std::string& text) { return text.substr(text.find("-Id"), 42); };
  CHECK(id_of(first) == id_of(second));
  CHECK(id_of(first) != id_of(other));
}

TEST_CASE("what goes out in posthog-v1's words comes back as the shared event", "[wire][posthog]") {
  for (const Emission& emission : every_form()) {
    if (!identifies(emission.id_form) || emission.seen.device == 0) continue;
    const std::span<const Emission> one(&emission, 1);
    const TrackingPlan plan = sample_plan();
    const auto expected =
        nlohmann::json::parse(body_with(plan, "shared", one, no_time)).at("batch");
    REQUIRE(v1(body_with(plan, "posthog-v1", one, noon)).decoded.events == expected);
  }
}

TEST_CASE("an event of posthog-node is a server's, with its skew corrected", "[wire][posthog]") {
  const auto late = [](std::string_view name) {
    return name == "PostHog-Request-Timestamp" ? "2026-03-02T12:00:05Z" : node_header(name);
  };
  const Answer found =
      v1(batch(event(R"(,"session_id":"s1","properties":{"price":0.30})")), bearer, late);
  REQUIRE(found.decoded.events.size() == 1);
  const auto& one = found.decoded.events[0];
  CHECK(one["server_ts"] == "2026-03-02T11:59:53.000Z");
  CHECK(one["session_id"] == "s1");
  CHECK(one["event_id"] == id1);
  CHECK(found.results[std::string(id1)]["result"] == "ok");
  const Answer as_is =
      v1(batch(event(R"(,"options":{"disable_skew_correction":true})")), bearer, late);
  CHECK(as_is.decoded.events.at(0)["server_ts"] == "2026-03-02T11:59:58.000Z");
}

TEST_CASE("an event that is wrong is dropped alone, and the answer names it", "[wire][posthog]") {
  const std::string id2 = "0197f2a0-0000-7000-8000-000000000002";
  const auto [wrong, why] = GENERATE_COPY(table<std::string, std::string>(
      {{event("", id2, ""), "missing_event_name"},
       {event("", id2, std::string(201, 'e')), "event_name_too_long"},
       {event(R"(,"properties":7)", id2), "malformed_event_properties"},
       {event(R"(,"options":[])", id2), "invalid_options"},
       {R"({"event":"e","uuid":")" + id2 +
            R"(","distinct_id":"","timestamp":"2026-03-02T12:00:00Z"})",
        "missing_distinct_id"},
       {R"({"event":"e","uuid":")" + id2 + R"(","distinct_id":"u","timestamp":"noon"})",
        "invalid_event_timestamp"}}));
  const Answer found = v1(batch(event() + "," + wrong));
  REQUIRE(found.decoded.events.size() == 1);
  CHECK(found.results[std::string(id1)]["result"] == "ok");
  CHECK(found.results[id2]["result"] == "drop");
  CHECK(found.results[id2]["details"] == why);
}

TEST_CASE("what is wrong with the request refuses all of it", "[wire][posthog]") {
  const auto [body, status, why] = GENERATE(table<std::string, int, std::string>(
      {{"{", 400, "invalid_batch"},
       {R"({"batch":[]})", 400, "invalid_batch"},
       {batch(""), 400, "empty_batch"},
       {batch(event("", "")), 400, "invalid_event_uuid"},
       {batch(event() + "," + event()), 400, "duplicate_event_uuid"},
       {batch(R"({"event":"e"})"), 400, "invalid_batch"}}));
  const Answer found = v1(body);
  CHECK(found.decoded.status == status);
  CHECK(found.decoded.refusal == why);
}

TEST_CASE("a request lacks no header that PostHog wants", "[wire][posthog]") {
  CHECK(v1(batch(event()), "").decoded.status == 401);
  CHECK(v1(batch(event()), "Basic eA==").decoded.refusal == "invalid_header_value");
  const Answer bare = v1(batch(event()), bearer, {});
  CHECK(bare.decoded.refusal == "missing_required_headers");
  CHECK(bare.why.find("PostHog-Request-Timestamp") != std::string::npos);
}

TEST_CASE("an answer's results are read by event id, and what it leaves out was taken",
          "[wire][posthog]") {
  const TrackingPlan plan = sample_plan();
  const auto format = make_wire_format("posthog-v1", plan, "r");
  REQUIRE((*format)->answers_by_event());
  std::array<Emission, 3> three;
  three.fill(sample_purchase());
  for (std::size_t i = 0; i < 3; ++i) three[i].event_id = Uuid::from_bits(i, i);
  const std::array<const Emission*, 3> events{&three[0], &three[1], &three[2]};
  const auto name = [&](std::size_t i) { return three[i].event_id.text(); };
  std::vector<EventResult> results;
  std::string answer = R"({"results":{")" + name(0) + R"(":{"result":"retry"},")" + name(2) +
                       R"(":{"result":"drop","details":"quota"}}})";
  REQUIRE((*format)->read_results(answer, events, results));
  CHECK(results == std::vector{EventResult::again, EventResult::taken, EventResult::dropped});
  answer = R"({"results":{")" + name(0) + R"(":{"result":"warning"}}})";
  REQUIRE((*format)->read_results(answer, events, results));
  CHECK(results.empty());
  answer = R"({"status":"Ok"})";
  CHECK_FALSE((*format)->read_results(answer, events, results));
}
