// SPDX-License-Identifier: Apache-2.0
// The reference pipeline on PostgreSQL: right by itself, and each of its bugs is found and named.
#include "sim/pipeline/postgres_pipeline.h"

#include <algorithm>

#include "tests/connect/postgres_server.h"
#include "tests/run/play.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using Rows = std::vector<std::string>;

std::string target_of(const std::string& dsn) {
  return R"({"send": {"kind": "postgres", "dsn": ")" + dsn + R"(", "pipeline": "reference"}})";
}

struct Kill {
  const char* bug;
  const char* scenario;
  ActionVerdict verdict = ActionVerdict::ok;
  std::vector<Cause> causes;   ///< Each of the findings has one of these.
  std::string assertion = "";  ///< Kind of the one that finds what no row shows.
};

const std::vector<Kill>& kills() {
  static const std::vector<Kill> table{
      {"no_dedupe",
       "scenarios/fault/both-cameras.json",
       ActionVerdict::duplicated,
       {Cause::not_merged}},
      {"null_id_partition",
       "scenarios/fault/ids-missing.json",
       ActionVerdict::collapsed,
       {Cause::null_id}},
      {"client_wins",
       "scenarios/fault/both-cameras.json",
       ActionVerdict::distorted,
       {Cause::wrong_side, Cause::flag_wrong}},
      {"keeps_first",
       "scenarios/fault/both-cameras.json",
       ActionVerdict::distorted,
       {Cause::after_acknowledgement}},
      {"minute_bucket_key",
       "scenarios/fault/ids-missing.json",
       ActionVerdict::duplicated,
       {Cause::id_missing}},
      {"consent_ignored_server",
       "scenarios/smoke/consent_drift.json",
       ActionVerdict::leaked,
       {Cause::consent_ignored}},
      {"totals_local_day", "scenarios/fault/daily-totals.json", {}, {}, "rollup"},
  };
  return table;
}

/// An empty reference pipeline in a database of its own.
std::string installed(const std::vector<BugSwitch>& bugs = {}) {
  PostgresPipelineOptions options;
  options.dsn = PostgresServer::instance().new_database();
  options.bugs = bugs;
  const Result<void> done = install_postgres_pipeline(options);
  if (!done) FAIL(done.error().text());
  return options.dsn;
}

void add_event(const std::string& dsn, const std::string& json) {
  sql(dsn, "insert into parallax.raw_events (event) values ('" + json + "')");
}
void refresh(const std::string& dsn) { sql(dsn, std::string(postgres_pipeline_refresh)); }

}  // namespace

TEST_CASE("a shop's week with fifteen faults passes on PostgreSQL", "[connect][postgres]") {
  const std::string dsn = PostgresServer::instance().new_database();
  // A fifth of its users, for whom a ratio of each day would be too little evidence.
  const RunReport report = play_on(
      target_of(dsn), "scenarios/examples/shop.json", {},
      {{"/population/users", "2000"},
       {"/assert/4", R"({"that": "ratio", "of": "purchase", "client_per_server": [0.70, 1.05]})"}});
  INFO(failures(report));
  CHECK(report.verdict == Verdict::pass);
  CHECK(report.target.find("reference pipeline on postgres test_") == 0);
}

TEST_CASE("each bug of the pipeline on PostgreSQL is found, named and alone",
          "[connect][postgres][bugs]") {
  for (const Kill& kill : kills()) {
    const std::string dsn = PostgresServer::instance().new_database();
    const RunReport report = play_on(target_of(dsn), kill.scenario, {kill.bug});
    INFO(kill.bug << " under " << kill.scenario << ": " << failures(report));
    CHECK(report.verdict == Verdict::fail);
    CHECK(report.causes.empty() == kill.causes.empty());
    for (const AssertionReport& found : report.assertions) {
      INFO(found.name);
      if (!kill.assertion.empty())
        CHECK((found.verdict == Verdict::fail) == (found.kind == kill.assertion));
    }
    for (const CauseCount& cause : report.causes) {
      CHECK(cause.verdict == kill.verdict);
      CHECK(std::find(kill.causes.begin(), kill.causes.end(), cause.cause) != kill.causes.end());
    }
    const RunReport clean = play_on(target_of(dsn), kill.scenario);
    INFO("without the bug: " << failures(clean));
    CHECK(clean.verdict == Verdict::pass);
  }
  CHECK(kills().size() == postgres_bug_kinds().size());
}

TEST_CASE("a share strikes that share of the cases, the same ones every time",
          "[connect][postgres][bugs]") {
  const auto hits = [] {
    const std::string dsn = installed({*parse_postgres_bug("no_dedupe:20%")});
    return select(dsn,
                  "select count(*) from generate_series(1, 10000) as n "
                  "where parallax.no_dedupe_hits(n::text)");
  };
  const Rows first = hits();
  CHECK(std::stoi(first.front()) > 1'800);  // Binomial(10'000, 0.2): 2'000 +- 5 deviations.
  CHECK(std::stoi(first.front()) < 2'200);
  CHECK(hits() == first);
}

TEST_CASE("refreshing after each event gives what one refresh at the end gives",
          "[connect][postgres]") {
  const std::vector<std::string> events{
      R"({"event_name":"a","user_id":"u","session_id":"s","sequence_id":1,"source":"client","run_id":"r","client_ts":"2026-03-02T00:00:00Z","properties":{"x":1}})",
      R"({"event_name":"a","event_id":"f5719686-db44-4e19-b156-52798153ebb8","user_id":"u","session_id":"s","sequence_id":1,"source":"server","run_id":"r","server_ts":"2026-03-02T00:00:09Z","properties":{"y":1.50}})",
      R"({"event_name":"b","user_id":"u","source":"client","run_id":"r","client_ts":"2026-03-02T00:00:59Z"})",
      R"({"event_name":"b","user_id":"u","source":"server","run_id":"r","server_ts":"2026-03-02T00:02:30Z"})",
      R"({"event_name":"b","user_id":"u","source":"client","run_id":"r","client_ts":"2026-03-02T00:01:45Z"})",
      R"({"event_name":"a","event_id":"F5719686-DB44-4E19-B156-52798153EBB8","user_id":"u","session_id":"s","sequence_id":1,"source":"server","run_id":"r","server_ts":"2026-03-02T00:00:10Z"})"};
  const std::string at_once = installed(), bit_by_bit = installed();
  for (const std::string& event : events) {
    add_event(at_once, event);
    add_event(bit_by_bit, event);
    refresh(bit_by_bit);
  }
  refresh(at_once);
  const std::string rows =
      "select event_name, event_id, event_ts, source, is_server_authoritative, properties, "
      "client_rows, server_rows from parallax.clean_events order by event_ts";
  const Rows whole = select(at_once, rows);
  CHECK(whole == select(bit_by_bit, rows));
  // Of b the third event is near both others: 46 and 45 seconds.
  REQUIRE(whole.size() == 2);
  CHECK(whole[0] ==
        "a|f5719686-db44-4e19-b156-52798153ebb8|2026-03-02 00:00:09+00|server|t|"
        "{\"x\": 1, \"y\": 1.50}|1|2");
  CHECK(whole[1].ends_with("|1") == true);
  CHECK(select(at_once, "select count(*) from parallax.clean_events where event_name = 'b'") ==
        Rows{"1"});
}

TEST_CASE("an event that makes no sense stops nobody", "[connect][postgres]") {
  const std::string dsn = installed();
  add_event(
      dsn,
      R"({"event_name":"a","event_id":"no id","client_ts":"tomorrow","sequence_id":"x","session_id":7,"properties":[1]})");
  add_event(dsn, R"({"no":"event"})");
  add_event(dsn, R"([1, 2])");
  add_event(dsn, R"({"event_name":"ok","event_id":"f5719686-db44-4e19-b156-52798153ebb8"})");
  refresh(dsn);
  CHECK(select(dsn, "select event_name from parallax.clean_events order by 1") == Rows{"a", "ok"});
}

TEST_CASE("rows of a transaction that ends late are not skipped", "[connect][postgres]") {
  const std::string dsn = installed();
  Result<postgres::Connection> slow = postgres::Connection::open(dsn, 30 * second);
  REQUIRE(slow);
  REQUIRE(
      slow->run("begin; insert into parallax.raw_events (event) values "
                "('{\"event_name\":\"slow\"}'); "));
  add_event(dsn, R"({"event_name":"fast"})");
  refresh(dsn);
  REQUIRE(slow->run("commit"));
  refresh(dsn);
  CHECK(select(dsn, "select event_name from parallax.clean_events order by 1") ==
        Rows{"fast", "slow"});
}

TEST_CASE("what is asked of the pipeline on PostgreSQL is checked", "[connect][postgres][bugs]") {
  const auto unknown = parse_postgres_bug("loses_tail");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().text().find("unknown bug") != std::string::npos);
  PostgresPipelineOptions options;
  options.dsn = PostgresServer::instance().new_database();
  options.bugs = {*parse_postgres_bug("no_dedupe"), *parse_postgres_bug("null_id_partition")};
  const Result<void> twice = install_postgres_pipeline(options);
  REQUIRE_FALSE(twice);
  CHECK(twice.error().text() ==
        "bug no_dedupe and bug null_id_partition replace the same step, keyed");
}

TEST_CASE("two runs in one database do not see each other's rows", "[connect][postgres]") {
  const std::string dsn = PostgresServer::instance().new_database();
  for (int i = 0; i < 2; ++i) {
    const RunReport report =
        play_on(target_of(dsn), "scenarios/smoke/plain.json", {}, {{"/population/users", "30"}});
    INFO(failures(report));
    CHECK(report.verdict == Verdict::pass);
  }
  CHECK(select(dsn, "select count(distinct run_id) from parallax.clean_events") == Rows{"2"});
}

}  // namespace parallax::test
