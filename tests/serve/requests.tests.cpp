// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/serve/rig.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

std::filesystem::path folder_of(const Rig& rig, const std::string& run) {
  return rig.out() / run.substr(std::string("/v1/runs/").size());
}

std::size_t actions_of(Rig& rig) { return rig.get("/v1/runs").json["runs"][0]["actions"]; }

}  // namespace

TEST_CASE("a repeated declaration is the same action, a contradicting one is refused",
          "[serve][declare]") {
  Rig rig;
  const std::string run = rig.begin();
  Json action = purchase();
  SECTION("by an action key") { action["action_key"] = "step 3"; }
  SECTION("by an event id") {
    action["event_id"] = event_id(1);
    action.erase("key");
  }
  SECTION("by name and key") {}
  const Answer first = rig.post(run + "/actions", action);
  CHECK(first.status == 201);
  CHECK(first.json["actions"][0]["repeated"] == false);
  const Answer again = rig.post(run + "/actions", action);
  CHECK(again.status == 200);
  CHECK(again.json["actions"][0]["repeated"] == true);
  CHECK(again.json["actions"][0]["id"] == "a-1");
  Json other = action;
  other["fields"]["revenue"]["amount"] = "60.00";
  const Answer conflict = rig.post(run + "/actions", Json::array({purchase("o-5"), other}));
  CHECK(conflict.status == 409);
  CHECK(conflict.problem().find("/1: found action_key ") == 0);
  CHECK(conflict.problem().find("with other content") != std::string::npos);
  CHECK(actions_of(rig) == 1);  // All of a request or nothing.
  other["action_key"] = "another";
  CHECK(rig.post(run + "/actions", other).problem().find("a-1 has it") != std::string::npos);
}

TEST_CASE("a wrong action is refused with its place, what stands there and what should",
          "[serve][declare]") {
  struct Wrong {
    const char* patch;
    const char* problem;
  };
  const auto wrong = GENERATE(
      Wrong{R"({"nam": "x"})", R"(/nam: found "nam", expected a known key)"},
      Wrong{R"({"name": "a.b"})", R"(/name: found "a.b", expected an event's name)"},
      Wrong{R"({"name": null})", R"(: found no "name", expected "name": The event's name.)"},
      Wrong{R"({"at": "noon"})", R"(/at: found "noon", expected an RFC 3339 time)"},
      Wrong{R"({"consent": "no"})", R"(/consent: found "no", expected one of granted, denied)"},
      Wrong{R"({"emits": ["app"]})", R"(/emits/0: found "app", expected one of client, server)"},
      Wrong{R"({"key": "order"})",
            R"(/key: found "order", expected the name of one of its fields)"},
      Wrong{R"({"key": "order"})", "one of order_id, revenue"},
      Wrong{R"({"fields": {"revenue": {"amount": "5.999", "currency": "EUR"}}, "key": null})",
            "/fields/revenue/amount: found \"5.999\", expected a decimal with at most 2 places"},
      Wrong{R"({"fields": {"tax": {"amount": 1, "currency": "USD"}}})",
            "/fields/tax/currency: found \"USD\", expected EUR"},
      Wrong{R"({"fields": {"sku": [1]}})", "/fields/sku: found a list"},
      Wrong{R"({"key": null, "user": null})", "neither event_id, key nor user"});
  Rig rig;
  const std::string run = rig.begin();
  Json action = purchase();
  action.merge_patch(Json::parse(wrong.patch));
  const Answer answer = rig.post(run + "/actions", action);
  INFO(answer.body);
  CHECK(answer.status == 400);
  std::string all;
  for (std::size_t i = 0; i < answer.json["error"]["problems"].size(); ++i)
    all += answer.problem(i) + "\n";
  CHECK(all.find(wrong.problem) != std::string::npos);
  CHECK(actions_of(rig) == 0);
}

TEST_CASE("fields keep their type, and a tracking plan knows its names", "[serve][declare]") {
  Rig rig;
  SECTION("without a plan the first declaration decides") {
    const std::string run = rig.begin();
    REQUIRE(rig.post(run + "/actions", purchase()).status == 201);
    Json other = purchase("o-2");
    other["fields"]["revenue"] = "59.90";
    const Answer answer = rig.post(run + "/actions", other);
    CHECK(answer.status == 400);
    CHECK(answer.problem().find("/fields/revenue: found \"59.90\", expected money") == 0);
  }
  SECTION("with a plan names, types and sides are its own") {
    const std::string run = rig.begin(
        {{"actions",
          {{"purchase",
            {{"emits", {"server"}},
             {"fields",
              {{"order_id", {{"type", "string"}}}, {"items", {{"type", "integer"}}}}}}}}}});
    Json action{{"name", "purchse"}, {"user", "alice"}};
    CHECK(rig.post(run + "/actions", action).problem() ==
          "/name: found \"purchse\", expected an action of the tracking plan "
          "(the only one is purchase) (purchase)");
    action["name"] = "purchase";
    action["fields"] = {{"item", 3}};
    CHECK(rig.post(run + "/actions", action).problem().find("(items)") != std::string::npos);
    action["fields"] = {{"items", 1.5}};
    CHECK(rig.post(run + "/actions", action).problem().find("expected a whole number") !=
          std::string::npos);
    action["fields"] = {{"items", 3}};
    action["emits"] = {"client"};
    CHECK(rig.post(run + "/actions", action).problem().find("/emits") == 0);
    action["emits"] = {"server"};
    CHECK(rig.post(run + "/actions", action).status == 201);
  }
}

TEST_CASE("a scenario's tracking plan is taken as it is", "[serve][declare]") {
  Rig rig;
  std::vector<Problem> problems;
  const auto shop =
      parse_json(read_file(source("scenarios/examples/shop.json")), "shop.json", 0, problems);
  REQUIRE(shop);
  const std::string run = rig.begin({{"actions", Json::parse(write_json(*shop->find("actions")))}});
  Json action = purchase();
  action["name"] = "purchas";
  CHECK(rig.post(run + "/actions", action).problem().find("(purchase)") != std::string::npos);
}

TEST_CASE("a wrong run is refused", "[serve][declare]") {
  struct Wrong {
    const char* body;
    const char* problem;
  };
  const auto wrong = GENERATE(
      Wrong{R"({})", R"(found no "name")"},
      Wrong{R"({"name": "x", "tolerances": {"time": "soon"}})", "/tolerances/time"},
      Wrong{R"({"name": "x", "owns": {"rows_of": "run_id"}})", "/owns/rows_of"},
      Wrong{R"({"name": "x", "assert": [{"that": "exactly_one"}]})", "/assert/0/that"},
      Wrong{R"({"name": "x", "actions": {"p": {"emits": ["server"]}},
                "assert": [{"that": "count", "of": "q"}]})",
            "/assert/0/of"},
      Wrong{R"({"name": "x", "actions": {"p": {"emits": ["server"]}},
                "assert": [{"that": "metamorphic"}]})",
            "/assert/0/that: found \"metamorphic\", expected one that declared actions can answer"},
      Wrong{R"({"name": "x", "target": {"read": {"kind": "command", "command": "id"}}})",
            "/target/read/kind"},
      Wrong{R"({"name": "x", "target": {"send": {"kind": "http"}}})", "/target/send"},
      Wrong{R"({"name": "x", "target": {"settle": {"command": "id"}}})", "/target/settle/command"},
      Wrong{R"({"name": "x", "target": {"read": {"kind": "http", "url": "http://192.0.2.1/"}}})",
            "--allow-host 192.0.2.1"},
      Wrong{R"({"name": "x", "target": {"read": {"kind": "http", "url": "${env:HOME}"}}})",
            "no variable"},
      Wrong{R"({"name": )", "unexpected end of input at line 1"});
  Rig rig;
  const Answer answer = rig.post_text("/v1/runs", wrong.body);
  INFO(answer.body);
  CHECK(answer.status == 400);
  CHECK((answer.problem() + answer.body).find(wrong.problem) != std::string::npos);
  CHECK(rig.get("/v1/runs").json["runs"].empty());
}

TEST_CASE("what is asked too early, of nobody or in another way is told so", "[serve][api]") {
  Rig rig;
  const std::string run = rig.begin();
  CHECK(rig.post_text(run + "/settle", "").status == 409);  // Nothing was declared.
  CHECK(rig.get(run + "/verdict").message().find("/settle first") != std::string::npos);
  REQUIRE(rig.post(run + "/actions", purchase()).status == 201);
  CHECK(rig.judge(run)["verdict"] == "fail");
  CHECK(rig.get(run + "/verdict?format=junt").message().find("did you mean junit?") !=
        std::string::npos);
  REQUIRE(rig.post(run + "/actions", purchase("o-2")).status == 201);
  CHECK(rig.get(run + "/verdict").status == 409);
  CHECK(rig.get("/v1/runs").json["runs"][0]["state"] == "outdated");
  CHECK(rig.post(run + "/settle", {{"limit", "1h"}}).problem().find("/limit") == 0);
  CHECK(rig.get("/v1/runs/checkot/verdict").message().find("there is no run") == 0);
  CHECK(rig.get("/v1/run").message().find("did you mean /v1/runs?") != std::string::npos);
  CHECK(rig.post_text("/v1/runs", "name=x", "application/x-www-form-urlencoded")
            .message()
            .find("expected application/json") != std::string::npos);
  CHECK(rig.remove(run).status == 204);
  CHECK(rig.remove(run).status == 404);
  CHECK_FALSE(std::filesystem::exists(folder_of(rig, run)));
}

TEST_CASE("a POST without a body does not wait for one", "[serve][api]") {
  Rig rig;
  const std::string run = rig.begin();
  const std::string url = "http://127.0.0.1:" + std::to_string(rig.port());
  const Output settled = shell("curl -sS --max-time 5 -X POST " + url + run + "/settle");
  CHECK(settled.out.find("nothing was declared") != std::string::npos);
  const Output begun = shell("curl -sS --max-time 5 -X POST " + url + "/v1/runs");
  CHECK(begun.out.find("the request has no body") != std::string::npos);
}

TEST_CASE("pages of a browser are refused", "[serve][api]") {
  Rig rig;
  httplib::Client client("127.0.0.1", rig.port());
  for (const auto& header : {httplib::Headers{{"Origin", "http://evil.example"}},
                             httplib::Headers{{"Sec-Fetch-Site", "cross-site"}}}) {
    const auto answer = client.Get("/v1/runs", header);
    REQUIRE(answer);
    CHECK(answer->status == 403);
  }
}

TEST_CASE("requests, actions and fields are bounded", "[serve][api]") {
  Rig rig;
  const std::string run = rig.begin();
  CHECK(rig.post_text(run + "/actions", std::string(serve::body_bytes_max + 1, ' ')).status == 413);
  Json many = Json::array();
  for (std::size_t i = 0; i < 2'500; ++i)
    many.push_back({{"name", "view"}, {"user", "u"}, {"action_key", std::to_string(i)}});
  for (std::size_t batch = 0; batch < 4; ++batch) {
    for (std::size_t i = 0; i < many.size(); ++i)
      many[i]["action_key"] = std::to_string(batch * 2'500 + i);
    REQUIRE(rig.post(run + "/actions", many).status == 201);
  }
  const Answer more = rig.post(run + "/actions", purchase());
  CHECK(more.status == 413);
  CHECK(more.message() == "a run has at most 10000 actions");
  Json wide = purchase();
  for (int i = 0; i < 20; ++i) wide["fields"]["f" + std::to_string(i)] = i;
  CHECK(rig.post(rig.begin() + "/actions", wide).problem().find("at most 16") != std::string::npos);
}

TEST_CASE("what was declared is there after a restart, up to a torn end", "[serve][disk]") {
  Rig rig;
  const std::string run = rig.begin({{"tolerances", {{"time", "10s"}}}});
  Json untimed = purchase("o-2");
  untimed.erase("at");
  REQUIRE(rig.post(run + "/actions", purchase()).status == 201);
  REQUIRE(rig.post(run + "/actions", Json::array({untimed, purchase("o-3")})).status == 201);
  const std::string created = rig.get("/v1/runs").json["runs"][0]["created"];
  std::ofstream(folder_of(rig, run) / "declared.ndjson", std::ios::app) << "{\"received\": \"20";
  rig.restart();
  CHECK(actions_of(rig) == 3);
  CHECK(rig.get("/v1/runs").json["runs"][0]["created"] == created);
  CHECK(rig.post(run + "/actions", purchase()).status == 200);
  REQUIRE(rig.post(run + "/actions", purchase("o-4")).status == 201);
  rig.restart();
  CHECK(actions_of(rig) == 4);
  rig.table.put(row_of(purchase(), event_id(1)));
  const Json verdict = rig.judge(run);
  CHECK(verdict["actions"][0]["verdict"] == "ok");
  CHECK(verdict["report"]["actions"]["lost"] == 3);
}

TEST_CASE("a file of declarations that is damaged is an error, not a smaller run",
          "[serve][disk]") {
  Rig rig;
  const std::string run = rig.begin();
  REQUIRE(rig.post(run + "/actions", purchase()).status == 201);
  const std::filesystem::path file = folder_of(rig, run) / "declared.ndjson";
  std::string text = read_file(file);
  text[text.find("received") + 2] = 'X';
  write_file(file, text);
  const TempFolder copy;
  std::filesystem::copy(rig.out(), copy.path(), std::filesystem::copy_options::recursive);
  serve::RunsOptions options;
  options.out = copy.path();
  const auto opened = serve::Runs::open(std::move(options));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().text().find("declared.ndjson") != std::string::npos);
}

TEST_CASE("a folder belongs to one server at a time", "[serve][disk]") {
  Rig rig;
  serve::RunsOptions options;
  options.out = rig.out();
  const auto second = serve::Runs::open(options);
  REQUIRE_FALSE(second);
  CHECK(second.error().what == "another parallax serve has this folder");
  rig.restart();  // It is free when the server has ended.
}

TEST_CASE("declarations of many tests at once are all kept, each once", "[serve][disk]") {
  Rig rig;
  const std::string run = rig.begin();
  constexpr std::size_t testers = 8, each = 20;
  std::vector<std::thread> threads;
  std::atomic<std::size_t> taken{0};
  for (std::size_t t = 0; t < testers; ++t)
    threads.emplace_back([&, t, port = rig.port()] {
      httplib::Client client("127.0.0.1", port);
      for (std::size_t i = 0; i < each; ++i) {
        // Every second one is declared by all of them.
        const std::string order = i % 2 == 0 ? "o" : "o-" + std::to_string(t);
        const Json action = purchase(order + "-" + std::to_string(i));
        const auto got = client.Post((run + "/actions").c_str(), action.dump(), "application/json");
        if (got && (got->status == 201 || got->status == 200)) ++taken;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(taken == testers * each);
  constexpr std::size_t different = each / 2 * (testers + 1);
  CHECK(actions_of(rig) == different);
  rig.restart();
  CHECK(actions_of(rig) == different);
}

TEST_CASE("no answer and no file holds a secret of the target", "[serve][secret]") {
  constexpr const char* secret = "hunter2-of-the-warehouse";
  ::setenv("PARALLAX_TEST_SECRET", secret, 1);  // NOLINT(concurrency-mt-unsafe): one thread
  Rig rig(Json{{"read", {{"headers", {{"Authorization", "${env:PARALLAX_TEST_SECRET}"}}}}}});
  const std::string run = rig.begin();
  REQUIRE(rig.post(run + "/actions", purchase()).status == 201);
  Json row = row_of(purchase(), event_id(1));
  row["note"] = secret;
  row["revenue"] = "1.00";
  rig.table.put(row);
  std::string all = rig.judge(run).dump();
  CHECK(all.find("***") != std::string::npos);
  for (const char* format : {"junit", "markdown"})
    all += rig.get(run + "/verdict?format=" + format).body;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(rig.out()))
    if (entry.is_regular_file()) all += read_file(entry.path());
  CHECK(all.find(secret) == std::string::npos);
}

TEST_CASE("the description is OpenAPI 3.1, knows every route and what a request may say",
          "[serve][openapi]") {
  Rig rig;
  const Json document = rig.get("/v1/openapi.json").json;
  CHECK(document["openapi"] == "3.1.0");
  CHECK(document["paths"].size() == 6);
  // Every reference leads somewhere.
  const auto check = [&](const auto& self, const Json& value) -> void {
    if (value.is_object() && value.contains("$ref"))
      CHECK(document.contains(Json::json_pointer(value["$ref"].get<std::string>().substr(1))));
    for (const Json& member : value)
      if (value.is_structured()) self(self, member);
  };
  check(check, document);
  const auto body = [&](const char* path) {
    return document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
  };
  CHECK(SchemaCheck::of(body("/v1/runs")).problems({{"name", "x"}, {"run_id", "r"}}).empty());
  CHECK_FALSE(SchemaCheck::of(body("/v1/runs")).problems({{"nam", "x"}}).empty());
  const Json action = body("/v1/runs/{run}/actions")["anyOf"][0];
  CHECK(SchemaCheck::of(action).problems(purchase()).empty());
  CHECK_FALSE(SchemaCheck::of(action).problems({{"user", "x"}}).empty());
  // A path of it that the server does not have would be answered as an unknown one.
  for (const auto& [path, item] : document["paths"].items()) {
    std::string real = path;
    if (const auto at = real.find("{run}"); at != real.npos) real.replace(at, 5, "no-such-run");
    const Answer answer = item.contains("get")    ? rig.get(real)
                          : item.contains("post") ? rig.post_text(real, "{}")
                                                  : rig.remove(real);
    CHECK(answer.body.find("describes what there is") == std::string::npos);
  }
}

TEST_CASE("the command says what it needs", "[serve][command]") {
  CHECK(parallax({"serve", "--target", "http://192.0.2.1:1"}).code == 4);
  const Output remote =
      parallax({"serve", "--target", "http://127.0.0.1:9", "--listen", "0.0.0.0:0"});
  CHECK(remote.code == 4);
  CHECK(remote.err.find("--allow-remote") != std::string::npos);
  const TempFolder folder;
  write_file(folder / "own.json", "{}");
  const Output embedded = parallax({"serve", "--target", (folder / "own.json").string()});
  CHECK(embedded.code == 4);
  CHECK(embedded.err.find("runs elsewhere") != std::string::npos);
}

}  // namespace parallax::test
