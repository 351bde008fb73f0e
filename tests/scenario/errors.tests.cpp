// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

void check_errors(std::initializer_list<ProblemCase> cases) { check_problems(cases, false); }

}  // namespace

TEST_CASE("a syntax error names line and column", "[scenario][errors]") {
  const Loaded loaded = load_text("{\n  \"name\": \"x\",\n  oops\n}");
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].found.find("at line 3, column 3") != std::string::npos);
  CHECK_FALSE(loaded.ok());
  CHECK_FALSE(load_text("").ok());
  CHECK_FALSE(load_text("[1]").ok());
}

TEST_CASE("a name that occurs twice is an error at its pointer", "[scenario][errors]") {
  const Loaded loaded = load_text(R"({"name": "a", "time": {"length": "1d", "length": "2d"}})");
  REQUIRE_FALSE(loaded.problems.empty());
  CHECK(loaded.problems[0].text() ==
        "shop.json: /time/length: found \"length\" a second time, expected each name once in an "
        "object");
}

TEST_CASE("nesting without end is refused", "[scenario][errors]") {
  const Loaded loaded = load_text(std::string(100'000, '['));
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].found == "nesting deeper than 64");
}

TEST_CASE("all errors of a file come at once, in its order", "[scenario][errors]") {
  const Loaded loaded = load_text(R"({"nam": "x", "seed": -1, "actions": {"a": {"emits": []}},
    "journeys": {"j": {"states": {"s": {"does": "b", "think": "soon"}}}}, "faults": 3})");
  std::vector<std::string> pointers;
  for (const Problem& problem : loaded.problems) pointers.push_back(problem.pointer);
  CHECK(pointers == std::vector<std::string>{"", "/nam", "/seed", "/actions/a/emits",
                                             "/journeys/j/states/s/does",
                                             "/journeys/j/states/s/think", "/faults"});
}

TEST_CASE("unknown keys are told at every level with the nearest right one", "[scenario][errors]") {
  check_errors({
      {R"({"population": {"user": 5}})",
       "/population/user: found \"user\", expected a known key (one of users, sessions, traits, "
       "context, devices, ad_blocker, consent, sampling, currency) (did you mean users?)"},
      {R"({"time": {"lenght": "1d"}})",
       "/time/lenght: found \"lenght\", expected a known key (one of start, length, pace) (did you "
       "mean length?)"},
      {R"({"faults": [{"fault": "ad_block", "offset": "3s"}]})",
       "/faults/0/offset: found \"offset\", expected a known key (one of fault, name, about, per, "
       "where, side, when, rate, burst, nth, ids, with, may_miss, at)"},
  });
}

TEST_CASE("wrong types and values out of range say what could stand there", "[scenario][errors]") {
  check_errors({
      {R"({"seed": "7"})", "/seed: found \"7\", expected a whole number of at least 0"},
      {R"({"seed": 0.5})", "/seed: found 0.5, expected a whole number of at least 0"},
      {R"({"population": {"users": 0}})",
       "/population/users: found 0, expected a whole number 1 .. 100000000"},
      {R"({"population": {"sampling": 1.01}})",
       "/population/sampling: found 1.01, expected a share such as 0.15 or \"15%\", 0 .. 1"},
      {R"({"population": {"consent": {"denied": "150%"}}})",
       "/population/consent/denied: found \"150%\", expected a share such as 0.15 or \"15%\", 0 .. "
       "1"},
      {R"({"population": {"sessions": {"per_user_day": 0}}})",
       "/population/sessions/per_user_day: found 0, expected a number 0.000001 .. 100 with at most "
       "6 decimals"},
      {R"({"time": {"length": "-2d"}})",
       "/time/length: found \"-2d\", expected a duration such as \"1m30s\" 1s .. 366d"},
      {R"({"time": {"start": "yesterday"}})",
       "/time/start: found \"yesterday\", expected an RFC 3339 time, a date, or \"now-7d\""},
      {R"({"time": {"pace": "0x"}})",
       "/time/pace: found \"0x\", expected \"max\", \"real\" or \"60x\" (1x .. 1000000x)"},
      {R"({"journeys": {"main": {"states": {"home": {"think": "-1s"}}}}})",
       "/journeys/main/states/home/think: found \"-1s\", expected a duration such as \"1m30s\" 0s "
       ".. 1d"},
      {R"({"sent_at": "simulatd"})",
       "/sent_at: found \"simulatd\", expected one of simulated, wall, omitted (did you mean "
       "simulated?)"},
      {R"({"name": "Big Shop"})", "/name: found \"Big Shop\", expected a name of a-z, 0-9 and -"},
      {R"({"actions": {"look": {"emits": ["client", "client"]}}})",
       "/actions/look/emits/1: found \"client\", expected each side once"},
  });
}

TEST_CASE("weights are positive whole numbers, and a pick is not empty", "[scenario][errors]") {
  check_errors({
      {R"({"population": {"traits": {"os": {"pick": {"a": 0}}}}})",
       "/population/traits/os/pick/a: found 0, expected a whole number 1 .. 1000000"},
      {R"({"population": {"traits": {"os": {"pick": {"a": 0.5}}}}})",
       "/population/traits/os/pick/a: found 0.5, expected a whole number 1 .. 1000000"},
      {R"({"population": {"traits": {"os": {"pick": {}}}}})",
       "/population/traits/os/pick: found an empty object, expected an object of values and their "
       "weights, such as {\"a\": 3, \"b\": 1}"},
      {R"({"population": {"devices": {"0": 1}}})",
       "/population/devices/0: found \"0\", expected a number of devices, 1 .. 16"},
  });
}

TEST_CASE("deploys lie within the run and have a name", "[scenario][errors]") {
  check_errors({
      {R"({"time": {"length": "2d"}, "deploys": [{"at": "3d", "label": "shop 2"}]})",
       "/deploys/0/at: found \"3d\", expected a time within the run, before 2d are over"},
      {R"({"deploys": [{"at": "1h", "label": ""}]})",
       "/deploys/0/label: found \"\", expected a name that people know the release by"},
  });
}

TEST_CASE("later weights of a context attribute are of values that it has", "[scenario][errors]") {
  check_errors({
      {R"({"population": {"context": {"channel": {"pick": {"ads": 1, "search": 2},
           "then": {"at": "1h", "pick": {"serch": 1}}}}}})",
       "/population/context/channel/then/pick/serch: found \"serch\", expected a value of the "
       "first "
       "pick (one of ads, search) (did you mean search?)"},
      {R"({"population": {"traits": {"os": {"pick": {"a": 1}, "then": {}}}}})",
       "/population/traits/os/then: found \"then\", expected a known key (the only one is pick)"},
  });
}

TEST_CASE("names of traits and fields are words of their own", "[scenario][errors]") {
  check_errors({
      {R"({"population": {"traits": {"2nd": {"pick": {"a": 1}}}}})",
       "/population/traits/2nd: found \"2nd\", expected a name of letters, digits and _, no digit "
       "first"},
      {R"({"population": {"traits": {"hour": {"pick": {"a": 1}}}}})",
       "/population/traits/hour: found \"hour\", expected a name that every event does not have "
       "already"},
      {R"({"population": {"context": {"country": {"pick": {"a": 1}}}}})",
       "/population/context/country: found \"country\" a second time, expected a name that no "
       "other "
       "trait or context has"},
      {R"({"actions": {"look": {"fields": {"country": {}}}}})",
       "/actions/look/fields/country: found \"country\", expected a name that no trait has"},
  });
}

TEST_CASE("more traits or fields than an action can carry are refused", "[scenario][errors]") {
  std::string traits, fields;
  for (int i = 0; i < 20; ++i) {
    traits += (i > 0 ? ", \"t" : "\"t") + std::to_string(i) + R"(": {"pick": {"a": 1}})";
    fields += (i > 0 ? ", \"f" : "\"f") + std::to_string(i) + R"(": {})";
  }
  CHECK(texts_of(load_patched(R"({"population": {"traits": {)" + traits + "}}}").problems)
            .find("expected at most 8 traits and context attributes together") !=
        std::string::npos);
  CHECK(texts_of(load_patched(R"({"actions": {"look": {"fields": {)" + fields + "}}}}").problems) ==
        "shop.json: /actions/look/fields/f16: found one more field, expected at most 16 fields an "
        "action");
  std::string faults;
  for (int i = 0; i < 65; ++i) faults += std::string(i > 0 ? ", " : "") + R"({"fault": "drop"})";
  CHECK(texts_of(load_patched(R"({"faults": [)" + faults + "]}").problems)
            .find("/faults: found a list of 65") != std::string::npos);
}

TEST_CASE("a state machine is whole: reachable, leaving, spelt right", "[scenario][errors]") {
  check_errors({
      {R"({"journeys": {"main": {"states": {"attic": {}}}}})",
       "/journeys/main/states/attic: found a state that is never reached, expected a way to it "
       "from "
       "the start, home"},
      {R"({"journeys": {"main": {"states": {"cart": {"next": {"cart": 1}}}}}})",
       "/journeys/main/states/cart: found a state that can never leave, expected a way from it to "
       "leave"},
      {R"({"journeys": {"main": {"states": {"cart": {"next": {"hom": 1}}}}}})",
       "/journeys/main/states/cart/next/hom: found \"hom\", expected a state of this journey (one "
       "of "
       "home, cart, leave) (did you mean home?)"},
      {R"({"journeys": {"main": {"start": "hime"}}})",
       "/journeys/main/start: found \"hime\", expected a state of this journey (one of home, cart) "
       "(did you mean home?)"},
      {R"({"journeys": {"main": {"states": {"cart": {"does": "by"}}}}})",
       "/journeys/main/states/cart/does: found \"by\", expected an action of the tracking plan "
       "(one "
       "of look, buy) (did you mean buy?)"},
      {R"({"journeys": {"other": {"states": {}}}})",
       "/journeys/other/states: found an empty object, expected an object"},
      {R"({"journeys": {"other": {}}})",
       "/journeys/other: found no \"states\", expected \"states\": The state machine."},
  });
}

TEST_CASE("actions confirm, follow and derive within the plan", "[scenario][errors]") {
  check_errors({
      {R"({"actions": {"look": {"confirmed_by": "server"}}})",
       "/actions/look/confirmed_by: found \"server\", expected a side that emits look"},
      {R"({"actions": {"look": {"result": "bye"}}})",
       "/actions/look/result: found \"bye\", expected an action of the tracking plan (one of look, "
       "buy) (did you mean buy?)"},
      {R"({"actions": {"look": {"result": "look"}}})",
       "/actions/look/result: found \"look\", expected an action that does not lead back here"},
      {R"({"identity": {"event_id": "derived:order"}})",
       "/identity/event_id: found \"derived:order\", expected derived: and a field of some action"},
      {R"({"identity": {"by": "cookie"}})",
       "/identity/by: found \"by\" without \"login\", expected \"login\" beside it: without one "
       "everybody is known"},
      {R"({"identity": {"event_id": "share"}})",
       "/identity/event_id: found \"share\", expected \"shared\", \"independent\" or "
       "\"derived:FIELD\""},
      {R"({"sdk": {"client": "posthog-js@1.440"}})",
       "/sdk/client: found \"posthog-js@1.440\", expected an SDK profile (one of browser, node, "
       "posthog-js@1.449, posthog-js@1.400, posthog-js@1.200, posthog-node@5.70, "
       "posthog-node-v1@5.70, segment-js@1.84, segment-node@3.1, rudder-js@3.34, rudder-node@3.0, "
       "snowplow-js@4.10, snowplow-node@4.8, amplitude-js@2.48, amplitude-node@1.5, "
       "mixpanel-js@2.83, ...) (did you mean posthog-js@1.449?)"},
      {R"({"sdk": {"client": {"batchmax": 5}}})",
       "/sdk/client/batchmax: found \"batchmax\", expected a known key (one of profile, flush_at, "
       "flush_interval, interval_from, first_alone, immediate, batch_max, batch_bytes, "
       "event_bytes, "
       "requests_max, queue_max, overflow, rate_limit, rate_burst, success, success_by, ...) (did "
       "you mean batch_max?)"},
      {R"({"sdk": {"client": {"timeout": "soon"}}})",
       "/sdk/client/timeout: found \"soon\", expected a duration such as \"1m30s\" 1ms .. 1h or "
       "\"never\""},
      {R"({"sdk": {"client": {"retry_on": ["400..200"]}}})",
       "/sdk/client/retry_on/0: found \"400..200\", expected a whole number 100 .. 599 or a range "
       "such as \"500..599\""},
      {R"({"sdk": {"client": {"immediate": ["bought"]}}})",
       "/sdk/client/immediate/0: found \"bought\", expected an action of the tracking plan (one of "
       "look, buy)"},
      {R"({"sdk": {"client": {"backoff": "10s", "backoff_max": "1s"}}})",
       "/sdk/client/backoff_max: found \"1s\", expected a backoff_max of at least backoff, 10s"},
      {R"({"population": {"currency": "euro"}})",
       "/population/currency: found \"euro\", expected an ISO 4217 code such as \"EUR\""},
      {R"({"population": {"currency": {"by": "country", "US": "USD"}}})",
       "/population/currency: found nothing for DE, expected \"DE\" or \"else\""},
      {R"({"population": {"currency": {"by": "contry", "else": "USD"}}})",
       "/population/currency/by: found \"contry\", expected a trait of the population (one of "
       "country, campaign) (did you mean country?)"},
      {R"({"population": {"currency": {"by": "country", "USA": "USD", "else": "EUR"}}})",
       "/population/currency/USA: found \"USA\", expected a value of country (one of US, DE) (did "
       "you "
       "mean US?)"},
  });
}

TEST_CASE("a fault is known, selects one way and names itself once", "[scenario][errors]") {
  check_errors({
      {R"({"faults": [{"fault": "dorp"}]})",
       "/faults/0/fault: found \"dorp\", expected a known kind (one of ad_block, clock_skew, "
       "double_fire, drop, answer_lost, delay, rename, spoil) (did you mean drop?)"},
      {R"({"faults": [{"rate": 0.1}]})",
       "/faults/0: found no \"fault\", expected an object with \"fault\": one of ad_block, "
       "clock_skew, double_fire, drop, answer_lost, delay, rename, spoil"},
      {R"({"faults": [{"fault": "drop", "rate": 0.1, "nth": 3}]})",
       "/faults/0/nth: found \"nth\" beside \"rate\", expected one of rate, burst, nth and ids"},
      {R"({"faults": [{"fault": "drop", "burst": {"rate": 0.1}}]})",
       "/faults/0/burst: found no \"length\", expected \"length\": Mean length of a burst."},
      {R"({"faults": [{"fault": "drop", "when": "4d..2d"}]})",
       "/faults/0/when: found \"4d..2d\", expected a span such as \"2d..4d\", \"2d..\" or "
       "\"..4d\""},
      {R"({"faults": [{"fault": "double_fire", "id": "fresh"}]})",
       "/faults/0/id: found \"fresh\", expected one of same, new"},
      {R"({"faults": [{"fault": "clock_skew", "drift_ppm": "fast"}]})",
       "/faults/0/drift_ppm: found \"fast\", expected a whole number"},
      {R"({"faults": [{"fault": "delay", "by": {"normal": ["1s"]}}]})",
       "/faults/0/by/normal: found a list of 1, expected a list of a duration such as \"1m30s\""},
      {R"({"faults": [{"fault": "drop"}, {"fault": "delay", "name": "drop"}]})",
       "/faults/1/name: found \"drop\" again, expected a name that no other fault has"},
      {R"({"faults": [{"fault": "drop", "where": "country = FR"}]})",
       "/faults/0/where: found \"country = FR\", expected a condition: at character 11: found "
       "\"FR\", expected a value of country (one of US, DE)"},
      {R"({"population": {"ad_blocker": {"share": 0.1, "where": "campaign = spring"}}})",
       "/population/ad_blocker/where: found \"campaign = spring\", expected a condition over user "
       "traits and user alone"},
  });
}

TEST_CASE("each kind of assertion says what it cannot do", "[scenario][errors]") {
  check_errors({
      {R"({"assert": [{"that": "count", "by": "counry"}]})",
       "/assert/0/by: found \"counry\", expected something to tell numbers apart by (one of hour, "
       "day, action, page, consent, currency, country, "
       "campaign) (did you mean country?)"},
      {R"({"assert": [{"that": "distinct", "of": "buy"}]})",
       "/assert/0: found a distinct of neither one kind nor the other, expected \"of\": "
       "ACTION.FIELD, or \"id\""},
      {R"({"assert": [{"that": "latency", "to": "client_ts", "at_most": {"p50": "1s"}}]})",
       "/assert/0/to: found \"client_ts\", expected a clock other than \"from\""},
      {R"({"assert": [{"that": "latency", "at_most": {"median": "1s"}}]})",
       "/assert/0/at_most/median: found median, expected a percentile such as p50 or p99.9"},
      {R"({"assert": [{"that": "drift", "of": "buy", "against": "baseline"}]})",
       "/assert/0: found a drift of neither one kind nor the other, expected \"against\": "
       "\"sides\", or \"baseline\" with the span of it"},
      {R"({"assert": [{"that": "ratio", "of": "buy", "client_per_server": [0.9, 1.1],
          "baseline": "0d..1d"}]})",
       "/assert/0/baseline: found a baseline of client_per_server, expected \"per\" with "
       "\"between\""},
  });
}

TEST_CASE("an assertion is of something that is there", "[scenario][errors]") {
  check_errors({
      {R"({"assert": [{"that": "exactly_one"}]})",
       "/assert/0/that: found \"exactly_one\", expected a known kind (one of exactly_once, fields, "
       "count, sum, distinct, ratio, order, consent, identity, person, sampling, contract, "
       "schema_version, latency, drift, freshness, ...) (did you mean exactly_once?)"},
      {R"({"assert": [{"that": "count", "of": "bye"}]})",
       "/assert/0/of: found \"bye\", expected an action of the tracking plan (one of look, buy) "
       "(did "
       "you mean buy?)"},
      {R"({"assert": [{"that": "sum", "of": "buy"}]})",
       "/assert/0/of: found \"buy\", expected ACTION.FIELD, such as purchase.revenue"},
      {R"({"assert": [{"that": "sum", "of": "buy.revenu"}]})",
       "/assert/0/of: found \"buy.revenu\", expected a field of an action that can be added up "
       "(the "
       "only one is buy.revenue) (did you mean buy.revenue?)"},
      {R"({"assert": [{"that": "ratio", "of": "buy"}]})",
       "/assert/0: found a ratio of neither one kind nor the other, expected \"client_per_server\" "
       "alone, or \"per\" with \"between\""},
      {R"({"assert": [{"that": "ratio", "of": "look", "client_per_server": [0.9, 1.1]}]})",
       "/assert/0/of: found \"look\", expected an action that both client and server emit"},
      {R"({"assert": [{"that": "ratio", "of": "buy", "client_per_server": [1.1, 0.9]}]})",
       "/assert/0/client_per_server: found [1.1, 0.9], expected the lower end first"},
      {R"({"assert": [{"that": "count", "where": "source = client"}]})",
       "/assert/0/where: found \"source = client\", expected a condition: at character 1: found "
       "\"source\", expected a name of actions: an action has no source"},
      {R"({"assert": [{"that": "count", "name": "x"}, {"that": "fields", "name": "x"}]})",
       "/assert/1/name: found \"x\" again, expected a name that no other assertion has"},
      {R"({"assert": [{"that": "exactly_once", "expect": {"verdict": "fail", "with": ["lots"]}}]})",
       "/assert/0/expect/with/0: found \"lots\", expected one of ok, recovered, excused, lost, "
       "duplicated, collapsed, distorted, misattributed, mistimed, late, leaked, unevaluated, "
       "phantom, retransmit, not_merged, double_fire, ... (did you mean lost?)"},
  });
}

TEST_CASE("the nearest name is close, and far words have none", "[scenario][errors]") {
  const std::vector<std::string_view> known{"purchase", "page_view", "login"};
  CHECK(nearest_name("purchse", known) == "purchase");
  CHECK(nearest_name("Page_View", known) == "page_view");
  CHECK(nearest_name("lgoin", known) == "login");
  CHECK(nearest_name("refund", known).empty());
  CHECK(nearest_name("", known).empty());
}
