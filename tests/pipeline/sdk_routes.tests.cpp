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

TEST_CASE("each vendor is answered in the words that its SDKs look at", "[pipeline]") {
  const std::string message = R"({"type":"page","userId":"u","messageId":"m-1"})";
  const Headers basic{{"Authorization", "Basic d2s6"}, noon[0]};
  const std::string mixpanel = R"({"event":"e","properties":{"token":"t","distinct_id":"u"}})";
  const auto [path, body, answer, type] =
      GENERATE_COPY(table<std::string, std::string, std::string, std::string>(
          {{"/v1/batch", R"({"writeKey":"wk","batch":[)" + message + "]}", R"({"success":true})",
            json_type},
           {"/v1/t", R"({"writeKey":"wk",)" + message.substr(1), R"({"success":true})", json_type},
           {"/v1/batch", R"({"batch":[)" + message + "]}", "ok", "text/plain"},
           {"/rudderstack/v1/page", message, "ok", "text/plain"},
           {"/com.snowplowanalytics.snowplow/tp2", R"({"data":[{"e":"pv","duid":"d"}]})", "ok",
            "text/plain"},
           {"/batch", R"({"api_key":"k","events":[{"event_type":"e","user_id":"user-1"}]})",
            R"({"code":200,"events_ingested":1,"payload_size_bytes":64,)"
            R"("server_upload_time":1772452800000})",
            json_type},
           {"/track?ip=0", mixpanel, "1", "text/plain"},
           {"/track/?verbose=1", mixpanel, R"({"status":1,"error":null})", json_type},
           {"/import", "[" + mixpanel + "]",
            R"({"code":200,"num_records_imported":1,"status":"OK"})", json_type}}));
  CAPTURE(path);
  Rig rig;
  const Reply reply = rig.client->post_to(path, body, json_type, basic);
  CHECK(reply.status == 200);
  CHECK(reply.body == answer);
  CHECK(reply.type == type);
  CHECK(all_rows(rig).size() == 1);
}

TEST_CASE("Snowplow's pixel is a GIF, and its query an event", "[pipeline]") {
  Rig rig;
  const Reply reply = rig.client->get("/i?e=pv&p=web&duid=d-1&page=Home");
  CHECK(reply.status == 200);
  CHECK(reply.type == "image/gif");
  CHECK(reply.body.substr(0, 6) == "GIF89a");
  CHECK(reply.body.size() == 43);
  const auto rows = all_rows(rig);
  REQUIRE(rows.size() == 1);
  CHECK(field(rows[0], "event_name") == "page_view");
}

TEST_CASE("a refusal is said in the vendor's words", "[pipeline]") {
  Rig rig;
  CHECK(rig.client
            ->post_to("/2/httpapi", R"({"api_key":"k","events":[{"user_id":"user-1"}]})", json_type)
            .body == R"({"code":400,"error":"Request missing required field",)"
                     R"("events_with_missing_fields":{"event_type":[0]}})");
  CHECK(rig.client->post_to("/v1/b", "{}", json_type).body ==
        R"({"success":false,"message":"no write key"})");
  const Reply terse = rig.client->post_to("/track", "data=*", json_type);
  CHECK(terse.status == 400);
  CHECK(terse.body == "0");
  CHECK(rig.client->post_to("/import", "[]", json_type).body ==
        R"({"code":401,"status":0,"error":"Unauthorized"})");
}

TEST_CASE("GA4 drops without a word, and its debug route says why and keeps nothing",
          "[pipeline]") {
  Rig rig;
  const std::string good = R"({"client_id":"c","events":[{"name":"e"}]})";
  const std::string keys = "?measurement_id=G-1&api_secret=s";
  CHECK(rig.client->post_to("/debug/mp/collect" + keys, good, json_type).body ==
        R"({"validationMessages":[]})");
  CHECK(rig.client->post_to("/mp/collect" + keys, "{", json_type).status == 204);
  CHECK(all_rows(rig).empty());
  CHECK(rig.client->post_to("/mp/collect" + keys, good, json_type).status == 204);
  CHECK(all_rows(rig).size() == 1);
}

TEST_CASE("what leaves no event is answered as taken", "[pipeline]") {
  Rig rig;
  CHECK(rig.client->post_to("/engage", R"({"$token":"t","$set":{}})", json_type).body == "1");
  CHECK(all_rows(rig).empty());
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
  CHECK_FALSE(pipeline::find_dialect("/posthogbatch", {}).has_value());
}
