// SPDX-License-Identifier: Apache-2.0
// The collector as the SDKs of vendors know theirs: paths, wrappings, answers.
#include "sim/pipeline/sdk_routes.h"

#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

const std::string json_type = "application/json";
const Headers noon{{"Parallax-Sim-Time", "2026-03-02T12:00:00Z"}};

const std::string posthog_event =
    R"({"event":"purchase","uuid":"01234567-89ab-4cde-8f01-23456789abcd","distinct_id":"u-7",)"
    R"("timestamp":"2026-03-02T11:59:00.000Z","properties":{"$lib":"web","revenue":9.99}})";
const std::string posthog_batch = R"({"api_key":"phc_t","batch":[)" + posthog_event + "]}";

std::vector<std::string> all_rows(const Rig& rig) { return rig.client->lines("/v1/clean_events"); }

}  // namespace

TEST_CASE("an event of posthog is a canonical row, whichever way it was wrapped", "[pipeline]") {
  const std::string with_key = R"({"api_key":"phc_t",)" + posthog_event.substr(1);
  const auto [path, body, type] = GENERATE_COPY(table<std::string, std::string, std::string>(
      {{"/batch/", posthog_batch, json_type},
       {"/batch", posthog_batch, json_type},
       {"/posthog/batch/", posthog_batch, json_type},
       {"/i/v0/e/?ip=1", "[" + with_key + "]", json_type},
       {"/e/", gzip(posthog_batch), "text/plain"},
       {"/capture/", gzip(with_key), json_type}}));
  CAPTURE(path);
  Rig rig;
  const Reply reply = rig.client->post_to(path, body, type, noon);
  CHECK(reply.body == R"({"status":"Ok"})");
  REQUIRE(reply.status == 200);
  CHECK(reply.type == json_type);
  const auto rows = all_rows(rig);
  REQUIRE(rows.size() == 1);
  CHECK(field(rows[0], "event_id") == "01234567-89ab-4cde-8f01-23456789abcd");
  CHECK(field(rows[0], "user_id") == "u-7");
  CHECK(field(rows[0], "source") == "client");
  CHECK(field(rows[0], "client_ts") == "2026-03-02T11:59:00.000Z");
  CHECK(field(rows[0], "revenue") == "9.99");
  CHECK(field(rows[0], "ingestion_ts") == "2026-03-02T12:00:00.000Z");
}

TEST_CASE("an old beacon is answered 204, as its SDK expects", "[pipeline]") {
  Rig rig;
  const Reply reply = rig.client->post_to("/e/?beacon=1", posthog_batch, "text/plain");
  CHECK(reply.status == 204);
  CHECK(reply.body.empty());
  CHECK(all_rows(rig).size() == 1);
}

TEST_CASE("what a decoder refuses leaves nothing and is counted", "[pipeline]") {
  Rig rig;
  CHECK(rig.client->post_to("/batch/", "{", json_type).status == 400);
  const Reply nobody = rig.client->post_to("/e/", "[" + posthog_event + "]", json_type);
  CHECK(nobody.status == 401);
  CHECK(nobody.body == "no api_key");
  CHECK(all_rows(rig).empty());
  CHECK(rig.client->get("/v1/stats").body.find("\"rejected_malformed\":2") != std::string::npos);
}

TEST_CASE("broken gzip, and what unpacks without end, is refused", "[pipeline]") {
  Rig rig;
  const std::string whole = gzip(posthog_batch);
  CHECK(rig.client->post_to("/e/", whole.substr(0, whole.size() - 9), "text/plain").status == 400);
  CHECK(rig.client->post_to("/e/", whole + "more", "text/plain").status == 400);
  CHECK(rig.client->post_to("/e/", gzip(std::string(33U << 20, ' ')), "text/plain").status == 413);
  CHECK(all_rows(rig).empty());
}

TEST_CASE("a vendor's event that breaks the contract is a dead letter", "[pipeline]") {
  PipelineOptions options;
  options.contract = shop_contract();
  Rig rig(options);
  const std::string event =
      R"({"api_key":"k","event":"purchase","distinct_id":"u","properties":{"source":"server"}})";
  CHECK(rig.client->post_to("/capture/", event, json_type).status == 200);
  CHECK(all_rows(rig).empty());
  const auto dead = rig.client->lines("/v1/dead_letters");
  REQUIRE(dead.size() == 1);
  CHECK(field(dead[0], "reason") == "missing field: revenue");
}

TEST_CASE("a browser is told that its page may send, with cookies and its headers", "[pipeline]") {
  Rig rig;
  const Headers asked{{"Origin", "https://shop.example"},
                      {"Access-Control-Request-Headers", "content-type,anonymousid"}};
  const auto value = [](const Reply& reply, const std::string& name) {
    for (const auto& [key, text] : reply.headers)
      if (key == name) return text;
    return std::string();
  };
  const Reply preflight = rig.client->options("/v1/t", asked);
  CHECK(preflight.status == 204);
  CHECK(value(preflight, "Access-Control-Allow-Origin") == "https://shop.example");
  CHECK(value(preflight, "Access-Control-Allow-Headers") == "content-type,anonymousid");
  CHECK(value(preflight, "Access-Control-Allow-Credentials") == "true");
  const Reply sent = rig.client->post_to("/e/", posthog_batch, "text/plain", {asked[0]});
  CHECK(value(sent, "Access-Control-Allow-Origin") == "https://shop.example");
  CHECK(value(sent, "Access-Control-Expose-Headers") == "Retry-After");
  CHECK(rig.client->post_to("/e/", posthog_batch, "text/plain").headers.empty());
}

TEST_CASE("SDKs get the settings of a project without any, other paths are not there",
          "[pipeline]") {
  Rig rig;
  CHECK(rig.client->get("/array/phc_t/config?ip=0").body.find("supportedCompression") !=
        std::string::npos);
  CHECK(rig.client->post_to("/flags/?v=2", "{}", json_type).body.find("\"featureFlags\":{}") !=
        std::string::npos);
  CHECK(rig.client->get("/static/surveys.js").status == 404);
  CHECK(rig.client->post_to("/nowhere", "{}", json_type).status == 404);
  CHECK(pipeline::find_dialect("/posthogbatch", {}) == nullptr);
}
