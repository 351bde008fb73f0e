// SPDX-License-Identifier: Apache-2.0
// The twins of vendors: which copies of one event each of them takes for one.
#include <filesystem>
#include <set>

#include "sim/pipeline/models.h"
#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

PipelineOptions with_policy(const std::string& policy) {
  PipelineOptions options;
  options.policy = policy;
  return options;
}

/// One event that arrives alone.
struct Sent {
  std::string event;
  std::string arrival = "2026-03-02T12:00:00Z";
  std::string sent_at = arrival;  ///< Empty: the batch states none.
};

std::vector<std::string> rows_of(const std::string& policy, const std::vector<Sent>& all) {
  Rig rig(with_policy(policy));
  for (const Sent& sent : all) {
    std::string body = "{\"batch\":[" + sent.event + "]";
    if (!sent.sent_at.empty()) body += ",\"sent_at\":\"" + sent.sent_at + '"';
    REQUIRE(rig.client->post(body + "}", {{"Parallax-Sim-Time", sent.arrival}}).status == 200);
  }
  return rig.clean();
}

const Changes other_id{{"event_id", "\"00000000-0000-4000-8000-000000000002\""}};
const std::string noon = "2026-03-02T12:00:00Z";

}  // namespace

TEST_CASE("every policy but the reference has a model that says where it was learnt",
          "[pipeline][policy]") {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PARALLAX_SOURCE_DIR) +
                                                               "/sim/pipeline/models/policies"))
    files.insert(entry.path().stem().string());
  for (const char* shared : {"shared", "first_wins", "last_wins"}) CHECK(files.erase(shared) == 1);
  for (const PolicyKind& kind : policy_kinds()) {
    if (kind.name == reference_policy) continue;
    const std::string name(kind.name);
    CAPTURE(name);
    CHECK(files.erase(name) == 1);
    const std::string text(pipeline::embedded_model("policies/" + name + ".sql"));
    CHECK_THAT(text, Catch::Contains("-- policy " + name + ": "));
    CHECK_THAT(text, Catch::Contains("-- Learnt from "));
  }
  CHECK(files.empty());
}

TEST_CASE("an unknown policy is told with the nearest name", "[pipeline][policy]") {
  const auto unknown = find_policy("rudder");
  REQUIRE_FALSE(unknown);
  CHECK_THAT(unknown.error().what, Catch::Contains("did you mean rudderstack?"));
}

TEST_CASE("a policy and a bug in its step cannot both be played", "[pipeline][policy]") {
  pipeline::ReplacedSteps replaced;
  CHECK_FALSE(pipeline::policy_models("segment", replaced).empty());
  const auto both = pipeline::bug_models({{"no_dedupe"}}, replaced);
  REQUIRE_FALSE(both);
  CHECK(both.error().what == "policy segment and bug no_dedupe replace the same step, keyed");
  CHECK(pipeline::bug_models({{"cents_major"}}, replaced));
}

TEST_CASE("a retransmit within the hour is one row at every vendor", "[pipeline][policy]") {
  for (const PolicyKind& kind : policy_kinds()) {
    if (kind.name == "ga4") continue;
    CAPTURE(kind.name);
    CHECK(rows_of(std::string(kind.name), {{client_event()}, {client_event()}}).size() == 1);
  }
}

TEST_CASE("events without an id are never one at a vendor, but for Amplitude's counter",
          "[pipeline][policy]") {
  const std::string nameless = client_event({{"event_id", ""}});
  for (const PolicyKind& kind : policy_kinds()) {
    const bool knows = kind.name == "amplitude" || kind.name == reference_policy;
    CAPTURE(kind.name);
    CHECK(rows_of(std::string(kind.name), {{nameless}, {nameless}}).size() == (knows ? 1 : 2));
  }
}

TEST_CASE("the row is one side's copy whole: the first's, or the last's", "[pipeline][policy]") {
  const std::string client = client_event({{"client_ts", "\"2026-03-02T10:00:00.040Z\""}});
  const auto kept_by = [&](const std::string& policy) {
    const auto rows = rows_of(policy, {{client}, {server_event(), "2026-03-02T12:00:01Z"}});
    REQUIRE(rows.size() == 1);
    CHECK(field(rows[0], "revenue") == (field(rows[0], "source") == "server" ? "9.99" : "null"));
    CHECK(field(rows[0], "client_rows") == "1");
    CHECK(field(rows[0], "server_rows") == "1");
    return field(rows[0], "source");
  };
  for (const char* policy : {"segment", "rudderstack", "amplitude"})
    CHECK(kept_by(policy) == "client");
  for (const char* policy : {"posthog", "mixpanel"}) CHECK(kept_by(policy) == "server");
}

TEST_CASE("PostHog's key has the day, the name and the person", "[pipeline][policy]") {
  const auto rows = [](const Changes& changes) {
    return rows_of("posthog", {{client_event()}, {client_event(changes)}}).size();
  };
  CHECK(rows({{"session_id", "\"s-2\""}, {"sequence_id", "9"}}) == 1);
  CHECK(rows({{"event_name", "\"refund\""}}) == 2);
  CHECK(rows({{"user_id", "\"u-2\""}}) == 2);
  CHECK(rows({{"client_ts", "\"2026-03-02T23:59:59Z\""}}) == 1);
  CHECK(rows({{"client_ts", "\"2026-03-03T00:00:00Z\""}}) == 2);
}

TEST_CASE("PostHog's day is that of the corrected time, but for 150 seconds of transit",
          "[pipeline][policy]") {
  // 20 s before midnight by the device's clock. The retry states the first try's sent_at.
  const std::string late = client_event({{"client_ts", "\"2026-03-02T23:59:40Z\""}});
  const auto rows_when_retried_at = [&](const std::string& arrival) {
    return rows_of("posthog", {{late, "2026-03-02T23:59:41Z", "2026-03-02T23:59:41Z"},
                               {late, arrival, "2026-03-02T23:59:41Z"}})
        .size();
  };
  CHECK(rows_when_retried_at("2026-03-03T00:02:11Z") == 1);  // 150 s: all of it transit.
  CHECK(rows_when_retried_at("2026-03-03T00:02:30Z") == 1);  // 169 s: moved by 19 s.
  CHECK(rows_when_retried_at("2026-03-03T00:02:32Z") == 2);  // 171 s: moved past midnight.
}

TEST_CASE("PostHog takes what is more than 23 hours ahead for now", "[pipeline][policy]") {
  const std::string ahead = client_event({{"client_ts", "\"2026-03-05T12:00:00Z\""}});
  const std::string now = client_event({{"client_ts", "\"2026-03-02T12:00:00Z\""}});
  CHECK(rows_of("posthog", {{ahead, noon}, {now, noon}}).size() == 1);
  CHECK(rows_of("posthog", {{ahead, noon, ""}, {now, noon, ""}}).size() == 2);
}

TEST_CASE("windows begin at the copy that was kept, and a new one behind them",
          "[pipeline][policy]") {
  const auto rows = [](const std::string& policy, const std::vector<std::string>& arrivals) {
    std::vector<Sent> all;
    for (const std::string& arrival : arrivals) all.push_back({client_event(), arrival});
    return rows_of(policy, all).size();
  };
  CHECK(rows("rudderstack", {"2026-03-02T12:00:00Z", "2026-03-02T12:59:59Z"}) == 1);
  CHECK(rows("rudderstack", {"2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"}) == 2);
  CHECK(rows("rudderstack",
             {"2026-03-02T12:00:00Z", "2026-03-02T13:30:00Z", "2026-03-02T14:10:00Z"}) == 2);
  CHECK(rows("segment", {"2026-03-02T12:00:00Z", "2026-03-03T11:59:59Z"}) == 1);
  CHECK(rows("segment", {"2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z"}) == 2);
  CHECK(rows("amplitude", {"2026-03-02T12:00:00Z", "2026-03-09T11:59:59Z"}) == 1);
  CHECK(rows("amplitude", {"2026-03-02T12:00:00Z", "2026-03-09T12:00:00Z"}) == 2);
}

TEST_CASE("Segment lets about one copy in a hundred through", "[pipeline][policy]") {
  std::vector<std::string> copies(2'000, client_event());
  Rig rig(with_policy("segment"));
  rig.store(copies);
  const std::size_t passed = rig.clean().size() - 1;
  CAPTURE(passed);
  CHECK(passed > 2);  // Binomial(1'999, 0.01): 20 +- 4 standard deviations.
  CHECK(passed < 38);
}

TEST_CASE("Segment and RudderStack merge what shares an id, whoever sent it",
          "[pipeline][policy]") {
  const std::string stranger = client_event({{"user_id", "\"u-2\""}, {"event_name", "\"refund\""}});
  CHECK(rows_of("segment", {{client_event()}, {stranger}}).size() == 1);
  CHECK(rows_of("rudderstack", {{client_event()}, {stranger}}).size() == 1);
}

TEST_CASE("Snowplow keeps both where an id comes with two payloads", "[pipeline][policy]") {
  CHECK(rows_of("snowplow", {{client_event()}, {client_event({{"retry_count", "1"}})}}).size() ==
        1);
  CHECK(rows_of("snowplow", {{client_event()}, {client_event({{"sequence_id", "2"}})}}).size() ==
        2);
  CHECK(rows_of("snowplow", {{client_event()}, {server_event()}}).size() == 2);
}

TEST_CASE("Amplitude's key has the device", "[pipeline][policy]") {
  CHECK(rows_of("amplitude", {{client_event()}, {client_event({{"user_id", "\"u-2\""}})}}).size() ==
        1);
  CHECK(
      rows_of("amplitude", {{client_event()}, {client_event({{"device_id", "\"d-2\""}})}}).size() ==
      2);
  CHECK(rows_of("amplitude", {{client_event()}, {server_event({{"device_id", ""}})}}).size() == 2);
}

TEST_CASE("Mixpanel's key has the second", "[pipeline][policy]") {
  const auto at = [](const char* time) {
    return client_event({{"client_ts", '"' + std::string(time) + '"'}});
  };
  CHECK(rows_of("mixpanel", {{client_event()}, {at("2026-03-02T10:00:00.900Z")}}).size() == 1);
  CHECK(rows_of("mixpanel", {{client_event()}, {at("2026-03-02T10:00:01Z")}}).size() == 2);
}

TEST_CASE("GA4 knows a purchase by its transaction, and nothing else", "[pipeline][policy]") {
  const auto order = [](const char* id, Changes changes = other_id) {
    changes.emplace_back("properties", "{\"order_id\":\"" + std::string(id) + "\"}");
    return client_event(changes);
  };
  CHECK(rows_of("ga4", {{order("o-1", {})}, {order("o-1")}}).size() == 1);
  CHECK(rows_of("ga4", {{order("o-1", {})}, {order("o-2")}}).size() == 2);
  CHECK(rows_of("ga4", {{order("", {})}, {order("")}}).size() == 1);
  const Changes cart{{"event_name", "\"add_to_cart\""}};
  CHECK(rows_of("ga4", {{order("o-1", cart)}, {order("o-1", cart)}}).size() == 2);
}

TEST_CASE("the raw events say what the batch stated as its time of sending", "[pipeline]") {
  Rig rig;
  rig.store({client_event()});
  CHECK(field(rig.client->lines("/v1/raw_events?run_id=r1").at(0), "sent_at") ==
        "2026-03-02T10:00:01.000Z");
  REQUIRE(rig.client->post("{\"sent_at\":7,\"batch\":[" + client_event(other_id) + "]}").status ==
          200);
  CHECK(field(rig.client->lines("/v1/raw_events?run_id=r1").at(1), "sent_at") == "null");
}
