// SPDX-License-Identifier: Apache-2.0
#include "tests/serve/rig.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// "lost/after_acknowledgement" of the action declared `i`-th.
std::string verdict_of(const Json& verdict, std::size_t i = 0) {
  const Json& action = verdict["actions"][i];
  return action["verdict"].get<std::string>() + "/" + action["cause"].get<std::string>();
}

bool says(const Json& verdict, const std::string& text) {
  return verdict["message"].get<std::string>().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("what was done and stands as one right row passes", "[serve][verdict]") {
  Rig rig;
  const std::string run = rig.begin();
  Json by_id{{"name", "page_view"}, {"event_id", event_id(2)}, {"user", "alice"}, {"at", noon}};
  Json by_user{{"name", "search"}, {"user", "alice"}, {"at", noon}, {"fields", {{"hits", 3}}}};
  REQUIRE(rig.post(run + "/actions", Json::array({purchase(), by_id, by_user})).status == 201);
  rig.table.put(row_of(purchase(), event_id(1)));
  rig.table.put(row_of(by_id, event_id(2)));
  rig.table.put(row_of(by_user, event_id(3)));
  rig.table.put(row_of(purchase("o-9", "somebody else"), event_id(4)));
  const Json verdict = rig.judge(run);
  INFO(verdict.dump(2));
  CHECK(verdict["verdict"] == "pass");
  for (std::size_t i = 0; i < 3; ++i) CHECK(verdict_of(verdict, i) == "ok/none");
  CHECK(verdict["report"]["rows"]["foreign"] == 1);
  CHECK(verdict["report"]["actions"]["ok"] == 3);
  CHECK(rig.get("/v1/runs").json["runs"][0]["verdict"] == "pass");
}

TEST_CASE("every defect has its verdict, and the message says where", "[serve][verdict]") {
  struct Defect {
    const char* verdict;
    const char* message;
    void (*plant)(Table&);
  };
  const auto defect = GENERATE(
      Defect{"lost/after_acknowledgement", "no row stands for it", [](Table&) {}},
      Defect{"lost/after_acknowledgement", "nearest row: user_id is \"bob\" instead of \"alice\"",
             [](Table& table) {
               Json row = row_of(purchase("o-2"), event_id(1));
               row["user_id"] = "bob";
               table.put(row);
             }},
      Defect{"duplicated/multiplied", "It was done once",
             [](Table& table) {
               table.put(row_of(purchase(), event_id(1)));
               table.put(row_of(purchase(), event_id(1)));
             }},
      Defect{"duplicated/id_regenerated", "different event ids",
             [](Table& table) {
               table.put(row_of(purchase(), event_id(1)));
               table.put(row_of(purchase(), event_id(2)));
             }},
      Defect{"distorted/value_changed", "revenue is \"19.90\" instead of \"59.90\"",
             [](Table& table) {
               Json row = row_of(purchase(), event_id(1));
               row["revenue"] = "19.90";
               table.put(row);
             }},
      Defect{"distorted/wrong_unit", "revenue is 5990 instead of \"59.90\"",
             [](Table& table) {
               Json row = row_of(purchase(), event_id(1));
               row["revenue"] = 5990;
               table.put(row);
             }},
      Defect{"distorted/field_missing", "revenue is nothing instead of",
             [](Table& table) {
               Json row = row_of(purchase(), event_id(1));
               row.erase("revenue");
               table.put(row);
             }},
      Defect{"distorted/wrong_currency", "currency is \"USD\" instead of \"EUR\"",
             [](Table& table) {
               Json row = row_of(purchase(), event_id(1));
               row["currency"] = "USD";
               table.put(row);
             }},
      Defect{"misattributed/wrong_user", "user_id is \"bob\" instead of \"alice\"",
             [](Table& table) {
               Json row = row_of(purchase(), event_id(1));
               row["user_id"] = "bob";
               table.put(row);
             }},
      Defect{"mistimed/wrong_time", "event_ts is \"2026-03-02T12:05:00Z\"", [](Table& table) {
               Json row = row_of(purchase(), event_id(1));
               row["event_ts"] = "2026-03-02T12:05:00Z";
               table.put(row);
             }});
  Rig rig;
  const std::string run = rig.begin();
  REQUIRE(rig.post(run + "/actions", purchase()).status == 201);
  defect.plant(rig.table);
  const Json verdict = rig.judge(run);
  INFO(verdict.dump(2));
  CHECK(verdict["verdict"] == "fail");
  CHECK(verdict_of(verdict) == defect.verdict);
  CHECK(says(verdict, defect.message));
  CHECK(says(verdict, "purchase a-1 (order_id o-1, user alice)"));
}

TEST_CASE("after a denied action no row of its user may stand until one is granted",
          "[serve][verdict]") {
  Rig rig;
  const std::string run = rig.begin();
  Json denied{{"name", "opt_out"}, {"user", "eve"}, {"at", noon}, {"consent", "denied"}};
  Json again = purchase("o-2", "eve");
  again["at"] = "2026-03-02T13:00:00.000Z";
  REQUIRE(rig.post(run + "/actions", Json::array({purchase(), denied, again})).status == 201);
  rig.table.put(row_of(purchase(), event_id(1)));
  rig.table.put(row_of(again, event_id(2)));
  Json later{{"name", "page_view"}, {"user", "eve"}};
  SECTION("a row before it is nobody's") { later["at"] = "2026-03-02T11:59:00.000Z"; }
  SECTION("one between is a leak") { later["at"] = "2026-03-02T12:30:00.000Z"; }
  SECTION("one after the granted action is nobody's") { later["at"] = "2026-03-02T13:01:00.000Z"; }
  rig.table.put(row_of(later, event_id(3)));
  const Json verdict = rig.judge(run);
  INFO(verdict.dump(2));
  const bool leaks = later["at"] == "2026-03-02T12:30:00.000Z";
  CHECK(verdict["verdict"] == (leaks ? "fail" : "pass"));
  CHECK(verdict_of(verdict, 1) == (leaks ? "leaked/consent_ignored" : "ok/none"));
  CHECK(verdict_of(verdict, 2) == "ok/none");
}

TEST_CASE("a run of nothing but denied actions measures nothing", "[serve][verdict]") {
  Rig rig;
  const std::string run = rig.begin();
  Json denied = purchase();
  denied["consent"] = "denied";
  REQUIRE(rig.post(run + "/actions", denied).status == 201);
  const Json verdict = rig.judge(run);
  CHECK(verdict["verdict"] == "unknown");
  CHECK(verdict["because"].get<std::string>().find("nothing was measured") != std::string::npos);
}

TEST_CASE("rows that a run owns must be explained", "[serve][verdict]") {
  Rig rig;
  const Json owned = GENERATE(Json{{"rows_of", "nobody"}}, Json{{"rows_of", "declared_users"}},
                              Json{{"rows_of", "run_id"}}, Json{{"rows_of", "everybody"}},
                              Json{{"rows_of", "everybody"}, {"names", {"page_view"}}},
                              Json{{"rows_of", "everybody"}, {"names", {"refund"}}});
  const std::string run = rig.begin({{"owns", owned}, {"run_id", "ci-17"}});
  Json done = purchase();
  done.erase("at");
  REQUIRE(rig.post(run + "/actions", done).status == 201);
  const std::string now = rig.get("/v1/runs").json["runs"][0]["created"];
  const auto put = [&](Json action, const char* run_id, unsigned n) {
    action["at"] = now;
    Json row = row_of(action, event_id(n));
    row["run_id"] = run_id;
    rig.table.put(row);
  };
  put(done, "ci-17", 1);
  put(Json{{"name", "refund"}, {"user", "alice"}}, "ci-18", 2);
  put(Json{{"name", "refund"}, {"user", "bob"}}, "ci-17", 3);
  put(Json{{"name", "page_view"}, {"user", "bob"}}, "ci-18", 4);
  const Json verdict = rig.judge(run);
  INFO(verdict.dump(2));
  const std::string whose = owned["rows_of"];
  const unsigned phantoms = owned.contains("names") ? (owned["names"][0] == "refund" ? 2 : 1)
                            : whose == "nobody"     ? 0
                            : whose == "everybody"  ? 3
                                                    : 1;
  CHECK(verdict["report"]["rows"]["phantom"] == phantoms);
  CHECK(verdict["phantoms"].size() == phantoms);
  CHECK(verdict["verdict"] == (phantoms > 0 ? "fail" : "pass"));
  CHECK(verdict_of(verdict) == "ok/none");
}

TEST_CASE("tolerances allow what they say, and no more", "[serve][verdict]") {
  Rig rig;
  const std::string run =
      rig.begin({{"tolerances", {{"time", "10s"}, {"amount", "0.02"}, {"window", "1h"}}}});
  REQUIRE(rig.post(run + "/actions", purchase()).status == 201);
  Json row = row_of(purchase(), event_id(1));
  row["event_ts"] = "2026-03-02T12:00:10Z";
  row["revenue"] = 59.92;
  SECTION("at the bounds") {
    rig.table.put(row);
    CHECK(rig.judge(run)["verdict"] == "pass");
  }
  SECTION("a cent beyond") {
    row["revenue"] = 59.93;
    rig.table.put(row);
    CHECK(verdict_of(rig.judge(run)) == "distorted/value_changed");
  }
  SECTION("a second beyond") {
    row["event_ts"] = "2026-03-02T12:00:11Z";
    rig.table.put(row);
    CHECK(verdict_of(rig.judge(run)) == "mistimed/wrong_time");
  }
  SECTION("beyond the window a key ties nothing") {
    row["event_ts"] = "2026-03-02T13:00:01Z";
    rig.table.put(row);
    CHECK(verdict_of(rig.judge(run)) == "lost/after_acknowledgement");
  }
}

TEST_CASE("who should emit is compared only where it was said", "[serve][verdict]") {
  Rig rig;
  const std::string run = rig.begin();
  Json action = purchase();
  const bool said = GENERATE(true, false);
  if (said) action["emits"] = {"client", "server"};
  REQUIRE(rig.post(run + "/actions", action).status == 201);
  Json row = row_of(action, event_id(1));
  row["client_rows"] = 1;
  row["server_rows"] = 0;
  rig.table.put(row);
  const Json verdict = rig.judge(run);
  CHECK(verdict_of(verdict) == (said ? "distorted/after_acknowledgement" : "ok/none"));
}

TEST_CASE("what one action says of the sides is asked of no other", "[serve][verdict]") {
  Rig rig;
  const std::string run = rig.begin();
  Json both = purchase("o-2");
  both["emits"] = {"client", "server"};
  REQUIRE(rig.post(run + "/actions", Json::array({purchase(), both})).status == 201);
  Json one_sided = row_of(purchase(), event_id(1)), merged = row_of(both, event_id(2));
  const bool clocks = GENERATE(true, false);  // The target tells them, or has no such columns.
  if (clocks) {
    one_sided["client_ts"] = noon;
    merged["client_ts"] = merged["server_ts"] = noon;
  }
  rig.table.put(one_sided);
  rig.table.put(merged);
  CHECK(rig.judge(run)["verdict"] == "pass");
}

TEST_CASE("equal actions of one user share the rows out", "[serve][verdict]") {
  Rig rig;
  const std::string run = rig.begin();
  Json view{{"name", "page_view"}, {"user", "alice"}, {"at", noon}};
  Json later = view;
  later["at"] = "2026-03-02T12:03:00.000Z";
  REQUIRE(rig.post(run + "/actions", Json::array({view, later})).status == 201);
  rig.table.put(row_of(later, event_id(1)));
  SECTION("one row is the nearer action's") {
    const Json verdict = rig.judge(run);
    CHECK(verdict["actions"][0]["verdict"] == "lost");
    CHECK(verdict_of(verdict, 1) == "ok/none");
  }
  SECTION("two rows are one each") {
    rig.table.put(row_of(view, event_id(2)));
    CHECK(rig.judge(run)["verdict"] == "pass");
  }
}

TEST_CASE("a target that cannot be read makes the verdict unknown", "[serve][verdict]") {
  Rig rig(Json{{"read", {{"url", "http://127.0.0.1:9/rows"}}}});
  const std::string run = rig.begin();
  REQUIRE(rig.post(run + "/actions", purchase()).status == 201);
  const Json verdict = rig.judge(run);
  CHECK(verdict["verdict"] == "unknown");
  CHECK(verdict_of(verdict) == "unevaluated/read_incomplete");
  CHECK(says(verdict, "could not be read"));
}

TEST_CASE("assertions of the test's own are asked, over its own plan", "[serve][verdict]") {
  Rig rig;
  const Json plan{
      {"purchase",
       {{"emits", {"server"}},
        {"fields", {{"order_id", {{"type", "string"}}}, {"revenue", {{"type", "money"}}}}}}}};
  const std::string run =
      rig.begin({{"actions", plan},
                 {"assert", Json::array({{{"that", "sum"}, {"of", "purchase.revenue"}}})}});
  REQUIRE(rig.post(run + "/actions", Json::array({purchase(), purchase("o-2")})).status == 201);
  rig.table.put(row_of(purchase(), event_id(1)));
  const bool whole = GENERATE(true, false);
  if (whole) rig.table.put(row_of(purchase("o-2"), event_id(2)));
  const Json verdict = rig.judge(run);
  INFO(verdict.dump(2));
  CHECK(verdict["verdict"] == (whole ? "pass" : "fail"));
  REQUIRE(verdict["report"]["assertions"].size() == 1);
  CHECK(verdict["report"]["assertions"][0]["kind"] == "sum");
}

TEST_CASE("the verdict comes as JUnit and Markdown too, and lies in the folder",
          "[serve][verdict]") {
  Rig rig;
  const std::string run = rig.begin();
  REQUIRE(rig.post(run + "/actions", purchase()).status == 201);
  CHECK(rig.judge(run)["verdict"] == "fail");
  const std::string junit = rig.get(run + "/verdict?format=junit").body;
  CHECK(junit.find("<failure") != std::string::npos);
  CHECK(junit.find("purchase a-1 (order_id o-1, user alice)") != std::string::npos);
  CHECK(rig.get(run + "/verdict?format=markdown").body.find("lost") != std::string::npos);
  const std::filesystem::path folder = rig.out() / run.substr(std::string("/v1/runs/").size());
  for (const char* name : {"verdict.json", "report.json", "junit.xml", "summary.md"})
    CHECK(read_file(folder / name).size() > 100);
}

}  // namespace parallax::test
