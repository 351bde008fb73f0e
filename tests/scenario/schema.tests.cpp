// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <set>

#include "sim/scenario/login_plan.h"
#include "sim/scenario/sdk_keys.h"
#include "sim/scenario/sdk_profiles.h"
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;
using nlohmann::json;

namespace {

/// Every key of the format once, with a value that is not its default. Names that the writer makes
/// up are in `made_up` below.
constexpr std::string_view everything = R"({
  "$schema": "x", "name": "all", "about": "a", "seed": 3,
  "time": {"start": "2026-01-01", "length": "2d", "pace": "60x"},
  "population": {
    "users": 5, "sessions": {"per_user_day": 1.5, "curve": "office-week"},
    "traits": {"T": {"pick": {"V": 2, "W": 1}}}, "context": {"C": {"pick": {"V": 1, "W": 1},
      "then": {"at": "1d", "pick": {"W": 3}}}},
    "devices": {"2": 1}, "ad_blocker": {"share": 0.5, "where": "T = V"},
    "consent": {"denied": 0.1, "withdrawn_later": 0.2}, "sampling": 0.9,
    "currency": {"by": "T", "V": "EUR", "else": "JPY"}},
  "actions": {"A": {"about": "a", "emits": ["client", "server"], "succeeds": 0.5, "result": "B",
    "confirmed_by": "server", "server_after": "1s", "schema_version": 2,
    "fields": {
      "F1": {"type": "money", "owner": "client", "required": true, "on": "both", "value": 1},
      "F2": {"pick": {"V": 1}}, "F3": {"type": "integer", "uniform": [1, 2]},
      "F4": {"type": "number", "log_normal": [1, 0.5]}, "F5": {"zipf": 9, "theta": 1.2},
      "F6": {"unique": "k-"}, "F7": {"type": "money", "percent_of": "F1", "rate": 0.5},
      "F8": {"type": "money", "sum": ["F1", "-F7"]}}}, "B": {"emits": ["server"]}},
  "identity": {"event_id": "derived:F6", "login": "A", "logout": "B", "by": "cookie",
    "reset": false, "alias": false, "persistence": "memory", "bootstrap": true, "shared_devices": 0.25},
  "sdk": {"client": {"profile": "browser", "flush_at": 2, "flush_interval": "4s",
    "interval_from": "start", "first_alone": true, "immediate": ["$a"], "batch_max": 3,
    "batch_bytes": 4000, "event_bytes": 1000, "requests_max": "unlimited", "queue_max": 5,
    "overflow": "drop_new", "rate_limit": 20, "rate_burst": 30,
    "success": [200, "204..206"], "success_by": "body", "retry_on": ["500..599"],
    "too_large": "halve", "redirects": "followed", "unreachable": "drop", "per_event": true,
    "timeout": "9s", "retries_max": 6, "retries_unanswered": 4, "backoff_kind": "linear",
    "backoff": "7s", "backoff_factor": 1.5, "backoff_max": "8s", "backoff_jitter": 0.1,
    "jitter": "on_top", "first_retry": ["1s", "2s"], "retry_grid": "3s", "throttled_wait": "40s",
    "retry_after": "floor", "retry_after_max": "50s", "retry_after_uncounted": 20,
    "retry_blocks": false, "exhausted": "keep_unanswered", "keeps_sent_at": true,
    "moves_time": true, "retry_marker": "X-Retry", "retry_marker_first": 2,
    "unload": "lose", "unload_in_flight": true, "beacon_bytes": 2000, "beacon_keeps": true,
    "shutdown_timeout": "6s", "resend": "next_event", "resend_after": "11s", "resend_age": "12s",
    "visits_again": false, "opt_out": "drops"},
    "server": "segment-node@3.1"},
  "network": {"round_trip_client": "1s", "round_trip_server": "2s"},
  "journeys": {"J": {"weight": 2, "start": "S", "steps_max": 9,
    "states": {"S": {"does": "A", "page": "P", "think": "3s", "next": {"leave": 1}}}},
    "K": {"follows": "A", "states": {"S": {"wait": "30d", "next": {"U": 1}}, "U": {"does": "B"}}}},
  "faults": [
    {"fault": "drop", "name": "n", "about": "a", "per": "user", "where": "T = V", "side": "server",
     "when": "1d..", "rate": 0.5, "may_miss": true},
    {"fault": "drop", "burst": {"rate": 0.1, "length": 4, "inside": 0.9, "outside": 0.01}}, {"fault": "drop", "at": "queue", "nth": 3},
    {"fault": "drop", "ids": ["u-2", "u-1"]},
    {"fault": "clock_skew", "offset": {"uniform": ["1s", "9s"]}, "drift_ppm": -5},
    {"fault": "double_fire", "id": "new", "after": "2s", "share": "5%", "field": "f"},
    {"fault": "delay", "by": {"exponential": "30s"}},
    {"fault": "delay", "by": {"normal": ["1s", "2s"]}},
    {"fault": "rename", "what": "A", "to": "Z"}, {"fault": "spoil", "field": "F6", "length": 9}],
  "assert": [
    {"that": "exactly_once", "of": "A", "name": "n", "about": "a", "where": "T = V",
     "expect": {"verdict": "fail", "with": ["duplicated"]},
     "allow": [{"verdict": "lost", "cause": "last_batch", "share": 0.01}]},
    {"that": "count", "of": "A", "by": "hour", "within": "1%", "expect": "unknown"},
    {"that": "ratio", "of": "A", "client_per_server": [0.5, 1.5]},
    {"that": "ratio", "of": "B", "per": "A", "between": [0, 1], "baseline": "0d..1d"},
    {"that": "count", "by": "T"}, {"that": "distinct", "of": "A.F2", "by": "consent"},
    {"that": "distinct", "id": "device"},
    {"that": "latency", "from": "server_ts", "to": "ingestion_ts",
     "at_most": {"p99.9": "2m", "p50": "1s"}},
    {"that": "order", "within": "1%"}, {"that": "consent", "each_side": true},
    {"that": "identity", "id": "session"}, {"that": "person"}, {"that": "sampling", "rate": "25%"},
    {"that": "contract"}, {"that": "schema_version", "versions": [3, 4]},
    {"that": "drift", "of": "A", "against": "baseline", "baseline": "..2d"},
    {"that": "slo", "at_least": "99.9%"},
    {"that": "freshness", "seen_within": "5s", "reads": 3},
    {"that": "metamorphic"}, {"that": "rollup", "of": "A", "within": "1%"}, {"that": "fields", "against": "truth", "within": "5s"}],
  "deploys": [{"at": "1d12h", "label": "shop 2"}, {"at": "1d", "label": "shop 1"}],
  "sent_at": "omitted",
  "target": {"$schema": "x", "about": "a",
    "send": {"kind": "postgres", "url": "http://h", "headers": {}, "gzip": true,
             "format": {"template": 1, "body": 2, "content_type": "c", "file": "f"},
             "key": "k", "connections": 2, "timeout": "1s", "path": "p", "bugs": [], "policy": "p",
             "clock": "simulated",
             "command": "c", "dsn": "host=h", "table": "t", "column": "c", "pipeline": "reference",
             "brokers": "h:1", "topic": "t", "message_key": "k", "acks": "all", "idempotence": true,
             "compression": "none", "settings": {}},
    "read": {"kind": "http", "url": "http://h", "headers": {}, "path": "p", "query": "q",
             "columns": {}, "timeout": "1s", "dsn": "host=h", "refresh": "r", "command": "c",
             "user": "u", "password": "", "brokers": "h:1", "topic": "t", "settings": {},
             "rollup": "q", "rejected": "q"},
    "settle": {"quiet": "1s", "limit": "2s", "late": "3s", "url": "http://h", "command": "c",
               "rows": 1, "watermark": true},
    "clean": "d"}})";

const std::set<std::string> made_up{"T",  "C",     "V",  "W",  "A",   "B",    "F1", "F2",
                                    "F3", "F4",    "F5", "F6", "F7",  "F8",   "J",  "S",
                                    "2",  "leave", "K",  "U",  "p50", "p99.9"};

void collect_properties(const json& schema, std::set<std::string>& out) {
  if (schema.is_object() && schema.contains("properties"))
    for (const auto& [name, _] : schema["properties"].items()) out.insert(name);
  for (const auto& [key, value] : schema.items())
    if (value.is_structured()) collect_properties(value, out);
}

void collect_keys(const json& value, std::set<std::string>& out) {
  for (const auto& [key, inner] : value.items()) {
    if (value.is_object() && !made_up.contains(key)) out.insert(key);
    if (inner.is_structured()) collect_keys(inner, out);
  }
}

}  // namespace

TEST_CASE("every key of the schema loads, and every key that loads is in the schema",
          "[scenario][schema]") {
  const Loaded loaded = load_text(everything);
  CHECK(texts_of(loaded.problems) == "");
  std::set<std::string> in_schema, in_example;
  collect_properties(json::parse(scenario_schema(fault_table())), in_schema);
  collect_keys(json::parse(everything), in_example);
  in_schema.erase("extends");  // Its own tests; it needs a second file.
  CHECK(in_schema == in_example);
}

TEST_CASE("every key has an effect on the scenario", "[scenario][schema]") {
  const Scenario all = load_text(everything).scenario;
  CHECK(all.time.pace == 60);
  CHECK(all.population.sessions.curve == Curve::office_week);
  CHECK(all.population.traits[1].per_session);
  CHECK(all.population.traits[1].then_at == day);
  REQUIRE(all.population.traits[1].then_pick.size() == 1);
  CHECK(all.population.traits[1].then_pick[0].index == 1);
  CHECK(all.population.traits[1].then_pick[0].weight == 3);
  REQUIRE(all.deploys.size() == 2);
  CHECK(all.deploys[0].label == "shop 1");
  CHECK(all.deploys[1].at == 36 * hour);
  CHECK(all.population.devices[0].index == 1);
  CHECK(all.population.sampling.parts == 900'000'000);
  CHECK(all.population.currency_trait == 0);
  CHECK(all.population.currency_by_value == std::vector<std::uint8_t>{0, 1});
  CHECK(all.plan.currencies[1].exponent == 0);
  CHECK(all.actions[0].result == 1);
  CHECK(all.actions[0].server_after == second);
  CHECK(all.plan.actions[0].confirmed_by == Source::server);
  CHECK(all.plan.actions[0].schema_version == 2);
  CHECK(all.plan.identity.derived_from == "F6");
  const LoginPlan logins = login_plan(all);
  CHECK(logins.login == 0);
  CHECK(logins.logout == 1);
  CHECK(logins.by == LoginPlan::By::cookie);
  CHECK_FALSE(logins.resets);
  CHECK_FALSE(logins.links);
  CHECK_FALSE(logins.persists);
  CHECK(logins.bootstraps);
  CHECK(logins.shared_devices == Ratio{Ratio::one / 4});
  CHECK(all.network.round_trip_client == second);
  CHECK(all.network.round_trip_server == 2 * second);
  CHECK(all.journeys[0].weight == 2);
  CHECK(all.journeys[0].steps_max == 9);
  CHECK_FALSE(all.journeys[0].follows);
  CHECK(all.journeys[1].follows == 0);
  CHECK(all.journeys[1].states[0].wait == 30 * day);
  CHECK(all.plan.pages == std::vector<std::string>{"P", "S", "U"});
  CHECK(all.sent_at == Scenario::SentAt::omitted);
  CHECK(all.target_json.find("http://h") != std::string::npos);
}

TEST_CASE("every SDK number can be written out", "[scenario][schema][sdk]") {
  const SdkPlan sdk = load_text(everything).scenario.client_sdk;
  CHECK(sdk.profile == "browser");
  CHECK(sdk.flush_at == 2);
  CHECK(sdk.batch_max == 3);
  CHECK(sdk.flush_interval == 4 * second);
  CHECK(sdk.queue_max == 5);
  CHECK(sdk.retries_max == 6);
  CHECK(sdk.backoff == 7 * second);
  CHECK(sdk.backoff_factor == 150);
  CHECK(sdk.backoff_max == 8 * second);
  CHECK(sdk.backoff_jitter.parts == 100'000'000);
  CHECK(sdk.timeout == 9 * second);
  CHECK(sdk.keeps_sent_at);
  CHECK(sdk.unload == SdkPlan::Unload::lose);
  CHECK(sdk.is_immediate(0));
  CHECK_FALSE(sdk.is_immediate(1));
  CHECK(sdk.batch_limit() == 3);
  CHECK(sdk.beacon_limit() == 2);
}

TEST_CASE("each SDK key changes the plan, and is shown as it was written", "[scenario][sdk]") {
  const Loaded loaded = load_text(everything);
  const json written = json::parse(everything)["sdk"]["client"];
  const SdkPlan& set = loaded.scenario.client_sdk;
  const SdkPlan defaults;
  for (const SdkSection& section : sdk_sections())
    for (const SdkKey& key : section.keys) {
      CAPTURE(key.name);
      CHECK(key.show(key, set) != key.show(key, defaults));
      const json& value = written.at(std::string(key.name));
      if (value.is_string()) CHECK(key.show(key, set) == value.get<std::string>());
      if (value.is_number_integer()) CHECK(key.show(key, set) == value.dump());
    }
  CHECK(set.success.text() == "200 204..206");
}

TEST_CASE("every selector and parameter reaches its fault", "[scenario][schema]") {
  const auto faults = load_text(everything).scenario.faults;
  REQUIRE(faults.size() == 10);
  CHECK(faults[0].name == "n");
  CHECK(faults[0].may_miss);
  CHECK(faults[0].selector.scope == SelectorPlan::Scope::user);
  CHECK(faults[0].selector.side == Source::server);
  CHECK(faults[0].selector.from == day);
  CHECK(faults[0].selector.until == end_of_time.since_epoch);
  CHECK(faults[1].name == "drop-2");
  CHECK(faults[1].selector.choice == SelectorPlan::Choice::burst);
  CHECK(faults[1].selector.rate.parts == 100'000'000);
  CHECK(faults[1].selector.burst_length == 4);
  CHECK(faults[1].selector.inside.parts == 900'000'000);
  CHECK(faults[1].selector.outside.parts == 10'000'000);
  CHECK(faults[2].selector.nth == 3);
  CHECK(faults[3].name == "drop-4");
  CHECK(faults[3].selector.ids == std::vector<std::string>{"u-1", "u-2"});
  CHECK(faults[4].param("offset")->distribution == "uniform");
  CHECK(faults[4].param("drift_ppm")->number == -5);
  CHECK(faults[5].param("after")->number == 2 * second);
  CHECK(faults[5].param("share")->number == 50'000'000);
  CHECK(faults[5].param("field")->text == "f");
  CHECK(faults[6].param("by")->numbers == std::vector<std::int64_t>{30 * second});
  CHECK(faults[7].param("by")->numbers == std::vector<std::int64_t>{second, 2 * second});
}

TEST_CASE("every option reaches its assertion", "[scenario][schema]") {
  const auto assertions = load_text(everything).scenario.assertions;
  REQUIRE(assertions.size() == 21);
  CHECK(assertions[0].of == 0);
  CHECK(assertions[0].where.text() == "T = V");
  CHECK(assertions[0].expect_verdict == "fail");
  CHECK(assertions[0].expect_with == std::vector<std::string>{"duplicated"});
  REQUIRE(assertions[0].allow.size() == 1);
  CHECK(assertions[0].allow[0].cause == "last_batch");
  CHECK(assertions[0].allow[0].share.parts == 10'000'000);
  CHECK(assertions[1].by == hour);
  CHECK(assertions[1].expect_verdict == "unknown");
  CHECK(assertions[2].name == "ratio A");
  CHECK(assertions[3].per == 0);
  CHECK(assertions[3].between_millionths->second == 1'000'000);
  CHECK(assertions[3].baseline == std::pair<Micros, Micros>{0, day});
}

TEST_CASE("every option of the other kinds reaches its assertion", "[scenario][schema]") {
  const Scenario all = load_text(everything).scenario;
  const auto& assertions = all.assertions;
  REQUIRE(assertions.size() == 21);
  REQUIRE(assertions[4].by_attribute);
  CHECK(assertions[4].by_attribute->text(all.plan, {}, 1) == "W");
  REQUIRE(assertions[5].by_attribute);
  CHECK(assertions[5].field == 1);
  CHECK(assertions[5].by_attribute->text(all.plan, {}, 1) == "denied");
  CHECK(assertions[6].id == OwnerId::device);
  const AssertionPlan& latency = assertions[7];
  CHECK(latency.from == RowClock::server);
  CHECK(latency.to == RowClock::ingestion);
  REQUIRE(latency.at_most.size() == 2);
  CHECK(latency.at_most[0] == std::pair{*parse_ratio("50%"), Micros{second}});
  CHECK(latency.at_most[1] == std::pair{*parse_ratio("99.9%"), Micros{2 * minute}});
  CHECK(assertions[8].within.parts == 10'000'000);
  CHECK(assertions[9].each_side);
  CHECK(assertions[10].id == OwnerId::session);
  CHECK(assertions[12].rate == parse_ratio("25%"));
  CHECK(assertions[14].versions == std::vector<std::uint16_t>{3, 4});
  CHECK(assertions[15].against == AssertionPlan::Against::baseline);
  CHECK(assertions[15].baseline->second == 2 * day);
  CHECK(assertions[16].objective.parts == 999'000'000);
  CHECK(assertions[17].seen_within == 5 * second);
  CHECK(assertions[17].reads == 3);
  CHECK(assertions[20].against_truth);
  CHECK(assertions[20].within_time == 5 * second);
}

TEST_CASE("the schema is JSON Schema 2020-12 whose references all lead somewhere",
          "[scenario][schema]") {
  const std::string text = scenario_schema(fault_table());
  const json schema = json::parse(text);
  CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  std::size_t at = 0, references = 0;
  while ((at = text.find("#/$defs/", at)) != std::string::npos) {
    at += 8;
    CHECK(schema["$defs"].contains(text.substr(at, text.find('"', at) - at)));
    ++references;
  }
  CHECK(references > 0);
  CHECK(text == scenario_schema(fault_table()));
}

TEST_CASE("profiles are found by version prefix, and other versions are not", "[scenario][sdk]") {
  REQUIRE(find_sdk_profile("posthog-js@1.449.12") != nullptr);
  CHECK(find_sdk_profile("posthog-js@1.449.12")->name == "posthog-js@1.449");
  CHECK(find_sdk_profile("posthog-js@1.4490") == nullptr);
  CHECK(find_sdk_profile("posthog-js") == nullptr);
  CHECK(find_sdk_profile("node.js") == nullptr);
  for (const SdkProfile& profile : sdk_profiles()) {
    CHECK(profile.plan.profile == profile.name);
    CHECK(profile.plan.backoff_max >= profile.plan.backoff);
    if (profile.plan.flush_at != SdkPlan::unlimited)
      CHECK(profile.plan.queue_max >= profile.plan.flush_at);
  }
}
