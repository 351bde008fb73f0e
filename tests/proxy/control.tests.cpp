// SPDX-License-Identifier: Apache-2.0
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "sim/run/fault_control.h"
#include "tests/drive/raw_server.h"
#include "tests/proxy/proxied.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::proxy_tests;
using drive_tests::RawServer;
using Json = nlohmann::json;

namespace {

struct Controlled {
  explicit Controlled(const std::string& faults)
      : server(drive_tests::always(drive_tests::ok_answer())),
        proxied(base_of(server.url()), faults),
        client(proxied.port()) {
    auto made = FaultControl::start(proxied.proxy(), proxied.scenario(), proxied.folder(), 0);
    REQUIRE(made);
    control = std::move(*made);
    http = std::make_unique<httplib::Client>(base_of(control->url()));
  }
  int ask(int n) { return client.ask(post(batch_of({event_text(n)}))).status; }
  Json list() { return Json::parse(http->Get("/v1/faults")->body)["faults"]; }
  httplib::Result add(const std::string& fault) {
    return http->Post("/v1/faults", fault, "application/json");
  }

  RawServer server;
  Proxied proxied;
  Client client;
  std::unique_ptr<FaultControl> control;
  std::unique_ptr<httplib::Client> http;
};

}  // namespace

TEST_CASE("faults come and go while traffic passes, and the ledger tells them apart", "[proxy]") {
  Controlled run(R"([{"fault":"status","name":"gateway","code":502}])");
  CHECK(run.ask(1) == 502);
  CHECK(run.http->Delete("/v1/faults/gateway")->status == 204);
  CHECK(run.ask(2) == 200);
  const auto added = run.add(R"({"fault":"status","name":"limit","code":429})");
  CHECK(added->status == 201);
  CHECK(Json::parse(added->body)["active"] == true);
  CHECK(run.ask(3) == 429);
  CHECK(run.http->Delete("/v1/faults")->status == 204);
  CHECK(run.ask(4) == 200);
  const Json faults = run.list();
  REQUIRE(faults.size() == 2);
  CHECK(faults[0]["name"] == "gateway");
  CHECK(faults[0]["struck"] == 1);
  CHECK(faults[0]["active"] == false);
  CHECK(faults[1]["struck"] == 1);
  run.proxied.stop();
  const Ledger ledger = run.proxied.ledger();
  REQUIRE(ledger.attempts.size() == 4);
  CHECK(ledger.attempts[0].struck == 1);
  CHECK(ledger.attempts[1].struck == 0);
  CHECK(ledger.attempts[2].struck == 2);
  const Json kept = Json::parse(test::read_file(run.proxied.folder() / "scenario.json"));
  CHECK(kept["faults"].size() == 2);
  CHECK(kept["faults"][1]["name"] == "limit");
}

TEST_CASE("a fault that was deleted comes back as it was, and under no other's name", "[proxy]") {
  Controlled run("[]");
  const std::string fault = R"({"fault":"status","name":"limit","code":429})";
  CHECK(run.add(fault)->status == 201);
  CHECK(run.add(fault)->status == 409);
  CHECK(run.http->Delete("/v1/faults/limit")->status == 204);
  CHECK(run.http->Delete("/v1/faults/limit")->status == 404);
  CHECK(run.add(R"({"fault":"status","name":"limit","code":503})")->status == 409);
  CHECK(run.add(fault)->status == 201);
  CHECK(run.ask(1) == 429);
  CHECK(run.list().size() == 1);
}

TEST_CASE("what is wrong with a fault is said as of a scenario", "[proxy]") {
  Controlled run("[]");
  const auto wrong = run.add(R"({"fault":"statos","rate":0.1})");
  CHECK(wrong->status == 400);
  const Json problem = Json::parse(wrong->body)["problems"].at(0);
  CHECK(problem["pointer"] == "/fault");
  CHECK(problem["nearest"] == "status");
  CHECK(problem["found"] == "\"statos\"");
  const auto range = run.add(R"({"fault":"status","code":99})");
  CHECK(range->status == 400);
  CHECK(range->body.find("300") != std::string::npos);
  CHECK(run.add(R"({"fault":"ad_block"})")->status == 400);
  CHECK(run.add("no JSON")->status == 400);
  CHECK(run.add("[]")->status == 400);
  CHECK(run.list().empty());
  CHECK(run.ask(1) == 200);
}

TEST_CASE("one fault is asked for by its name, and what passed is counted", "[proxy]") {
  Controlled run(R"([{"fault":"delay","by":"0s"}])");
  CHECK(run.ask(1) == 200);
  const auto one = run.http->Get("/v1/faults/delay");
  CHECK(one->status == 200);
  CHECK(Json::parse(one->body)["struck"] == 1);
  CHECK(run.http->Get("/v1/faults/dilay")->status == 404);
  const Json counts = Json::parse(run.http->Get("/v1/counts")->body);
  CHECK(counts["events"] == 1);
  CHECK(counts["attempts"]["accepted"] == 1);
}

TEST_CASE("a page in a browser may not change faults", "[proxy]") {
  Controlled run("[]");
  const httplib::Headers origin{{"Origin", "https://evil.example"}};
  CHECK(run.http->Post("/v1/faults", origin, R"({"fault":"refused"})", "text/plain")->status ==
        403);
  CHECK(run.list().empty());
}
