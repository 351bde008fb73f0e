// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

TEST_CASE("client and server rows of one id make one row, and the server wins", "[pipeline]") {
  Rig rig;
  rig.store(
      {client_event(
           {{"currency", "\"USD\""}, {"revenue", "9.00"}, {"context", "{\"page\":\"cart\"}"}}),
       client_event({{"retry_count", "1"}}),
       server_event({{"properties", "{\"order_id\":\"o-1\"}"}})});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  CHECK(nlohmann::json::parse(rows[0]) == nlohmann::json::parse(R"({
    "event_id":"00000000-0000-4000-8000-000000000001","event_name":"purchase","user_id":"u-1",
    "device_id":"d-1","session_id":"s-1","sequence_id":1,"client_ts":"2026-03-02T10:00:00.000Z",
    "server_ts":"2026-03-02T10:00:00.040Z","event_ts":"2026-03-02T10:00:00.040Z",
    "ingestion_ts":"2026-03-02T12:00:00.000Z","source":"server","is_server_authoritative":true,
    "schema_version":1,"consent_state":"granted","run_id":"r1","currency":"USD","revenue":9.99,
    "tax":null,"context":{"page":"cart"},"properties":{"order_id":"o-1"},"client_rows":2,
    "server_rows":1})"));
}

TEST_CASE("money keeps its digits from the wire to the clean row", "[pipeline]") {
  Rig rig;
  rig.store({client_event({{"properties", "{\"subtotal\":12345678901234567.89,\"list\":1.10}"}}),
             server_event({{"revenue", "175.0000"},
                           {"tax", "98765432109876543.21"},
                           {"properties", "{\"discount\":0.10}"}})});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  for (const char* text :
       {"\"revenue\":175.0000", "\"tax\":98765432109876543.21", "\"subtotal\":12345678901234567.89",
        "\"discount\":0.10", "\"list\":1.10"}) {
    CAPTURE(text);
    CHECK(rows[0].find(text) != std::string::npos);
  }
}

TEST_CASE("each field comes from its owner, with the other side as fallback", "[pipeline]") {
  PipelineOptions options;
  options.contract = shop_contract();
  Rig rig(options);
  rig.store(
      {client_event({{"revenue", "9.00"},
                     {"tax", "1.5"},
                     {"properties", R"({"coupon":"CLIENT","order_id":"c","campaign":"x"})"}}),
       server_event({{"properties", R"({"coupon":"SERVER","order_id":"s","campaign":null})"}})});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  CHECK(field(rows[0], "revenue") == "9.99");
  CHECK(field(rows[0], "tax") == "1.5");
  CHECK(field(rows[0], "properties") == R"({"campaign":"x","coupon":"CLIENT","order_id":"s"})");
}

TEST_CASE("a lone client row is kept and flagged as fallback", "[pipeline]") {
  Rig rig;
  rig.store({client_event()});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  CHECK(field(rows[0], "is_server_authoritative") == "false");
  CHECK(field(rows[0], "source") == "client");
  CHECK(field(rows[0], "event_ts") == "2026-03-02T10:00:00.000Z");
  CHECK(field(rows[0], "server_ts") == "null");
}

TEST_CASE("an event that the server must confirm needs the server", "[pipeline]") {
  PipelineOptions options;
  options.contract = shop_contract();
  Rig rig(options);
  rig.store({client_event({{"event_name", "\"login_success\""}})});
  CHECK(rig.clean().empty());
  rig.store({server_event({{"event_name", "\"login_success\""}})});
  CHECK(rig.clean().size() == 1);
}

TEST_CASE("rows of users who refused are not in the clean table", "[pipeline]") {
  Rig rig;
  rig.store({client_event({{"consent_state", "\"denied\""}}),
             server_event({{"consent_state", "\"denied\""}})});
  CHECK(rig.clean().empty());
  CHECK(rig.client->lines("/v1/raw_events?run_id=r1").size() == 2);
}

TEST_CASE("an id in capitals is the same id", "[pipeline]") {
  Rig rig;
  rig.store({client_event({{"event_id", "\"ABCDEF00-0000-4000-8000-00000000000A\""}}),
             server_event({{"event_id", "\"abcdef00-0000-4000-8000-00000000000a\""},
                           {"sequence_id", "7"}})});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  CHECK(field(rows[0], "event_id") == "abcdef00-0000-4000-8000-00000000000a");
}

TEST_CASE("a missing id is made up for by the place in the session", "[pipeline]") {
  const std::string missing =
      GENERATE("", "null", "\"\"", "\"00000000-0000-0000-0000-000000000000\"", "\"none\"");
  CAPTURE(missing);
  Rig rig;
  // Twenty days apart: a device clock may be anything, the place is still the same.
  rig.store({client_event({{"event_id", missing}, {"client_ts", "\"2026-02-10T10:00:00Z\""}}),
             server_event({{"event_id", missing}}),
             client_event({{"event_id", missing}, {"sequence_id", "2"}}),
             client_event({{"event_id", missing}, {"user_id", "\"u-2\""}})});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 3);
  CHECK(field(rows[2], "client_rows") == "1");
  CHECK(field(rows[2], "server_rows") == "1");
  CHECK(field(rows[2], "event_id") == "null");
}

TEST_CASE("a row without an id joins the row of its action that has one", "[pipeline]") {
  Rig rig;
  rig.store(
      {client_event({{"event_id", ""}}), server_event(), client_event({{"event_id", "\"\""}})});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  CHECK(field(rows[0], "event_id") == "00000000-0000-4000-8000-000000000001");
  CHECK(field(rows[0], "client_rows") == "2");
}

TEST_CASE("without id and place, rows near in time that say the same are one", "[pipeline]") {
  Rig rig;
  const auto at = [](const char* time) {
    return client_event(
        {{"event_id", ""}, {"sequence_id", ""}, {"client_ts", '"' + std::string(time) + '"'}});
  };
  rig.store({at("2026-03-02T00:00:59Z"), at("2026-03-02T00:01:01Z"), at("2026-03-02T00:02:01Z"),
             at("2026-03-02T00:03:01.001Z")});
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 2);  // A gap of 60 s joins, one of 60.001 s does not.
  CHECK(field(rows[0], "client_rows") == "3");
  CHECK(field(rows[1], "client_rows") == "1");
}

TEST_CASE("with a contract, nearness compares only what both sides send", "[pipeline]") {
  PipelineOptions options;
  options.contract = shop_contract();
  Rig rig(options);
  const auto with = [](const char* order) {
    return std::string("{\"coupon\":\"A\",\"order_id\":\"") + order + "\"}";
  };
  const Changes none{{"event_id", ""}, {"sequence_id", ""}};
  Changes client = none;
  client.emplace_back("properties", with("o-1"));
  Changes server = client;
  Changes other = none;
  other.emplace_back("properties", with("o-2"));
  rig.store({client_event(client), server_event(server), server_event(other)});
  CHECK(rig.clean().size() == 2);
}

TEST_CASE("the first copy to arrive stands for its side, whatever the order of loading",
          "[pipeline]") {
  Rig rig;
  rig.store({server_event({{"revenue", "2.00"}})}, "2026-03-02T12:00:02Z");
  rig.store({server_event({{"revenue", "1.00"}})}, "2026-03-02T12:00:01Z");
  rig.store({server_event({{"revenue", "3.00"}})}, "2026-03-02T12:00:01Z");
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].find("\"revenue\":1.00") != std::string::npos);
  CHECK(field(rows[0], "ingestion_ts") == "2026-03-02T12:00:01.000Z");
}

TEST_CASE("rows come in the order of event time, and reads repeat byte for byte", "[pipeline]") {
  Rig rig;
  std::vector<std::string> events;
  for (int i = 9; i >= 0; --i)
    events.push_back(client_event(
        {{"event_id", "\"00000000-0000-4000-8000-00000000001" + std::to_string(i) + '"'},
         {"client_ts", "\"2026-03-02T10:00:0" + std::to_string(i) + "Z\""}}));
  rig.store(events);
  const auto rows = rig.clean();
  REQUIRE(rows.size() == 10);
  for (std::size_t i = 1; i < rows.size(); ++i)
    CHECK(field(rows[i - 1], "event_ts") < field(rows[i], "event_ts"));
  CHECK(rig.clean() == rows);
}

TEST_CASE("runs are read apart, also many pages of them", "[pipeline]") {
  Rig rig;
  std::vector<std::string> events;
  constexpr int many = 21'000;  // More than a page of 20'000.
  for (int i = 0; i < many; ++i) {
    char id[48];
    std::snprintf(id, sizeof id, "\"00000000-0000-4000-8000-%012d\"", i);
    events.push_back(client_event({{"event_id", id}, {"run_id", i == 0 ? "\"r2\"" : "\"r1\""}}));
  }
  rig.store(events);
  CHECK(rig.clean().size() == many - 1);
  CHECK(rig.client->lines("/v1/clean_events?run_id=r2").size() == 1);
  CHECK(rig.client->lines("/v1/clean_events?run_id=r3").empty());
  CHECK(rig.client->lines("/v1/clean_events").size() == many);
}
