// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/target.h"

#include <cstdlib>

#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

LoadedTarget load(std::string_view json) { return load_target_text(json, "t.json"); }
std::string problems(std::string_view json) { return texts_of(load(json).problems); }

}  // namespace

TEST_CASE("an empty target is the embedded pipeline, told the simulated time",
          "[scenario][target]") {
  const LoadedTarget loaded = load("{}");
  CHECK(texts_of(loaded.problems) == "");
  CHECK(loaded.target.send.kind == "embedded");
  CHECK(loaded.target.read.kind == "embedded");
  CHECK(loaded.target.send.simulated_clock);
}

TEST_CASE("every key of a target is read", "[scenario][target]") {
  const LoadedTarget loaded = load(R"({ // a staging pipeline
    "about": "staging",
    "send": {"kind": "http", "url": "https://s.example/e", "format": "shared",
             "headers": {"X-Team": "web"}, "gzip": true, "connections": 4, "timeout": "3s",
             "clock": "simulated"},
    "read": {"kind": "duckdb", "path": "w.db", "query": "select 1", "columns": {"user_id": "uid"},
             "timeout": "5s"},
    "settle": {"quiet": "1s", "limit": "9s", "late": "2s"}})");
  CHECK(texts_of(loaded.problems) == "");
  const TargetPlan& target = loaded.target;
  CHECK(target.send.url == "https://s.example/e");
  CHECK(target.send.headers[0].second == "web");
  CHECK(target.send.gzip);
  CHECK(target.send.connections == 4);
  CHECK(target.send.timeout == 3 * second);
  CHECK(target.send.simulated_clock);
  CHECK(target.read.query == "select 1");
  CHECK(target.read.path == "w.db");
  CHECK(target.read.columns[0].first == "user_id");
  CHECK(target.read.timeout == 5 * second);
  CHECK(target.settle.quiet == second);
  CHECK(target.settle.limit == 9 * second);
  CHECK(target.settle.late == 2 * second);
}

TEST_CASE("secrets are expanded after parsing and never shown", "[scenario][target]") {
  ::setenv("PARALLAX_TEST_TOKEN", "s3c\"ret", 1);
  const LoadedTarget loaded = load(R"({
    "send": {"kind": "http", "url": "http://h/${env:PARALLAX_TEST_TOKEN}/x",
             "headers": {"Authorization": "Bearer ${env:PARALLAX_TEST_TOKEN}"},
             "timeout": "${env:PARALLAX_TEST_TOKEN}"},
    "read": {"kind": "file", "path": "rows.csv"}})");
  CHECK(loaded.target.send.url == "http://h/s3c\"ret/x");
  CHECK(loaded.target.send.headers[0].second == "Bearer s3c\"ret");
  CHECK(loaded.target.masked_json.find("s3c") == std::string::npos);
  CHECK(loaded.target.masked_json.find("http://h/***/x") != std::string::npos);
  CHECK(loaded.target.secrets.front() == "s3c\"ret");
  CHECK(texts_of(loaded.problems) ==
        "t.json: /send/timeout: found \"***\", expected a duration such as \"1m30s\" 1ms .. 10m");
}

TEST_CASE("an unset variable and another kind of expansion are errors", "[scenario][target]") {
  ::unsetenv("PARALLAX_TEST_UNSET");
  CHECK(problems(R"({"send": {"kind": "file", "path": "${env:PARALLAX_TEST_UNSET}"},
                     "read": {"kind": "file", "path": "x.csv"}})") ==
        "t.json: /send/path: found ${env:PARALLAX_TEST_UNSET}, expected the environment variable "
        "PARALLAX_TEST_UNSET to be set");
  CHECK(problems(R"({"about": "${file:x}"})") ==
        "t.json: /about: found \"${file:x}\", expected ${env:NAME}");
  CHECK(problems(R"({"about": "${env:x"})") ==
        "t.json: /about: found \"${env:x\", expected ${env:NAME}");
}

TEST_CASE("a kind without what it needs is an error", "[scenario][target][errors]") {
  CHECK(problems(R"({"send": {"kind": "http"}, "read": {"kind": "http"}})") ==
        "t.json: /send: found no \"url\", expected \"url\" for kind http\n"
        "t.json: /read: found no \"url\", expected \"url\" for kind http");
  CHECK(problems(R"({"send": {"kind": "file"}, "read": {"kind": "duckdb"}})") ==
        "t.json: /send: found no \"path\", expected \"path\" for kind file\n"
        "t.json: /read: found no \"path\", expected \"path\" for kind duckdb\n"
        "t.json: /read: found no \"query\", expected \"query\" for kind duckdb");
  CHECK(
      problems(R"({"send": {"kind": "http", "url": "ftp://x"},
                     "read": {"kind": "file", "path": "x.csv"}})") ==
      "t.json: /send/url: found \"ftp://x\", expected a URL that starts with http:// or https://");
  CHECK(problems(R"({"send": {"kind": "http", "url": "http://x"}})") ==
        "t.json: found rows of the embedded pipeline, which gets no events, expected \"read\" with "
        "the kind of the target");
  CHECK(problems(R"({"send": {"kind": "file", "path": "x", "bugs": ["no_dedupe"]},
                     "read": {"kind": "file", "path": "x.csv"}})") ==
        "t.json: /send/bugs: found bugs of a file target, expected \"kind\": \"embedded\", or "
        "\"pipeline\": \"reference\" beside");
  CHECK(problems(R"({"send": {"kind": "file", "path": "x", "policy": "segment"},
                     "read": {"kind": "file", "path": "x.csv"}})") ==
        "t.json: /send/policy: found a policy of a file target, expected \"kind\": \"embedded\" "
        "beside");
  CHECK(problems(R"({"settle": {"quiet": "5m"}})") ==
        "t.json: /settle/quiet: found \"5m\", expected a quiet of at most the limit, 2m");
  CHECK(problems(R"({"sned": {}})") ==
        "t.json: /sned: found \"sned\", expected a known key (one of $schema, about, send, read, "
        "settle, clean) (did you mean send?)");
}

TEST_CASE("a URL stands for a Parallax pipeline at that address", "[scenario][target]") {
  const LoadedTarget loaded = load_target("http://127.0.0.1:8100/");
  CHECK(texts_of(loaded.problems) == "");
  CHECK(loaded.target.send.url == "http://127.0.0.1:8100/v1/events");
  CHECK(loaded.target.read.url == "http://127.0.0.1:8100/v1/clean_events?run_id={run_id}");
  CHECK(loaded.target.send.simulated_clock);
}

TEST_CASE("a target file is read, and a missing one named", "[scenario][target]") {
  const TemporaryFolder folder;
  const auto file = folder.write("t.json", R"({"send": {"bugs": ["no_dedupe:0.1"]}})");
  CHECK(load_target(file.string()).target.send.bugs.at(0) == "no_dedupe:0.1");
  const auto twin = folder.write("twin.json", R"({"send": {"policy": "segment"}})");
  CHECK(load_target(twin.string()).target.send.policy == "segment");
  CHECK(texts_of(load_target("none.json").problems) ==
        "none.json: found a file that cannot be read, expected a target file or an http:// URL (No "
        "such file or directory)");
}

TEST_CASE("a target on PostgreSQL or of commands is read", "[scenario][target]") {
  ::setenv("PARALLAX_TEST_PASSWORD", "s3cret", 1);
  const LoadedTarget loaded = load(R"({
    "send": {"kind": "postgres", "dsn": "postgresql://u:${env:PARALLAX_TEST_PASSWORD}@h/d",
             "table": "raw.events", "column": "payload"},
    "read": {"kind": "command", "command": "rows"},
    "settle": {"url": "http://h/done", "command": "done", "rows": 7, "watermark": true},
    "clean": "remove"})");
  CHECK(texts_of(loaded.problems) == "");
  const TargetPlan& target = loaded.target;
  CHECK(target.send.dsn == "postgresql://u:s3cret@h/d");
  CHECK(target.send.table == "raw.events");
  CHECK(target.send.column == "payload");
  CHECK_FALSE(target.send.simulated_clock);
  CHECK(target.read.command == "rows");
  CHECK(target.settle.url == "http://h/done");
  CHECK(target.settle.command == "done");
  CHECK(target.settle.rows == 7);
  CHECK(target.settle.watermark);
  CHECK(target.clean == "remove");
  CHECK(target.masked_json.find("s3cret") == std::string::npos);
  const LoadedTarget ours =
      load(R"({"send": {"kind": "postgres", "dsn": "host=h", "pipeline": "reference"}})");
  CHECK(texts_of(ours.problems) == "");
  CHECK(ours.target.send.reference);
  CHECK(ours.target.send.simulated_clock);
}

TEST_CASE("what a target on PostgreSQL or of commands cannot be is said",
          "[scenario][target][errors]") {
  CHECK(problems(R"({"send": {"kind": "postgres"}, "read": {"kind": "postgres"}})") ==
        "t.json: /send: found no \"dsn\", expected \"dsn\" for kind postgres\n"
        "t.json: /read: found no \"query\", expected \"query\" for kind postgres\n"
        "t.json: /read: found no \"dsn\", expected \"dsn\" for kind postgres");
  CHECK(problems(R"({"send": {"kind": "postgres", "dsn": "host=h", "table": "a; drop b"},
                     "read": {"kind": "file", "path": "x.csv"}})") ==
        "t.json: /send/table: found \"a; drop b\", expected a name such as raw_events or "
        "analytics.raw_events");
  CHECK(problems(R"({"send": {"kind": "command", "command": "c"},
                     "read": {"kind": "command", "command": "c"},
                     "settle": {"watermark": true}})") ==
        "t.json: /settle/watermark: found an event after the command has ended, expected another "
        "sign, such as \"rows\"");
  CHECK(problems(R"({"send": {"pipeline": "reference"}})") ==
        "t.json: /send/pipeline: found \"reference\", expected \"kind\": \"postgres\" or "
        "\"kafka\" beside");
}

TEST_CASE("a target of a topic, ClickHouse or DuckDB is read", "[scenario][target]") {
  ::setenv("PARALLAX_TEST_PASSWORD", "s3cret", 1);
  const LoadedTarget loaded = load(R"({
    "send": {"kind": "kafka", "brokers": "a:9092, b:9093", "topic": "raw", "message_key": "event_id",
             "acks": "1", "compression": "zstd", "headers": {"team": "shop"},
             "settings": {"sasl.username": "u", "sasl.password": "${env:PARALLAX_TEST_PASSWORD}"}},
    "read": {"kind": "clickhouse", "url": "http://h:8123", "query": "select 1", "user": "u",
             "password": "${env:PARALLAX_TEST_PASSWORD}"}})");
  CHECK(texts_of(loaded.problems) == "");
  const TargetPlan& target = loaded.target;
  CHECK(target.send.brokers == "a:9092, b:9093");
  CHECK(target.send.message_key == "event_id");
  CHECK(target.send.acks == "1");
  CHECK_FALSE(target.send.idempotence);
  CHECK(target.send.settings.at(1).second == "s3cret");
  CHECK(target.read.password == "s3cret");
  CHECK(target.masked_json.find("s3cret") == std::string::npos);
  const LoadedTarget rows = load(R"({"send": {"kind": "duckdb", "path": "w.duckdb"},
    "read": {"kind": "kafka", "brokers": "[::1]:9092", "topic": "clean"}})");
  CHECK(texts_of(rows.problems) == "");
  CHECK(rows.target.read.topic == "clean");
}

TEST_CASE("what a target of a topic, ClickHouse or DuckDB cannot be is said",
          "[scenario][target][errors]") {
  CHECK(problems(R"({"send": {"kind": "kafka"}, "read": {"kind": "clickhouse"}})") ==
        "t.json: /send: found no \"brokers\", expected \"brokers\" for kind kafka\n"
        "t.json: /send: found no \"topic\", expected \"topic\" for kind kafka\n"
        "t.json: /read: found no \"query\", expected \"query\" for kind clickhouse\n"
        "t.json: /read: found no \"url\", expected \"url\" for kind clickhouse");
  const auto sent = [](const std::string& more) {
    return problems(R"({"send": {"kind": "kafka", "topic": "t", "brokers": "h:1", )" + more +
                    R"(}, "read": {"kind": "file", "path": "x.csv"}})");
  };
  CHECK(sent(R"("idempotence": true, "acks": "1")") ==
        "t.json: /send/idempotence: found true, expected false beside \"acks\": \"1\"");
  CHECK(sent(R"("format": "segment")") ==
        "t.json: /send/format: found \"segment\", expected shared for kind kafka");
  CHECK(sent(R"("settings": {"sasl.password": "hunter2"})") ==
        "t.json: /send/settings/sasl.password: found a secret, expected ${env:NAME} in its place");
  for (const char* const name : {"bootstrap.servers", "plugin.library.paths", "group.id", "acks",
                                 "enable.ssl.certificate.verification", "sasl.kerberos.kinit.cmd",
                                 "sasl.oauthbearer.token.endpoint.url", "ssl.engine.location"})
    CHECK(sent(R"("settings": {")" + std::string(name) + R"(": "x"})")
              .find("found the property " + std::string(name) + ", expected one of security") !=
          std::string::npos);
  CHECK(problems(R"({"send": {"kind": "kafka", "topic": "t", "brokers": "h"},
                     "read": {"kind": "file", "path": "x.csv"}})") ==
        "t.json: /send/brokers: found \"h\", expected host:port of every broker, such as "
        "127.0.0.1:9092,127.0.0.1:9093");
  CHECK(problems(R"({"read": {"kind": "clickhouse", "url": "http://h", "query": "select 1",
                              "password": "hunter2"}})") ==
        "t.json: /read/password: found a secret, expected ${env:NAME} in its place");
}

TEST_CASE("a format of one's own is read with its placeholders", "[scenario][target]") {
  ::setenv("PARALLAX_TEST_TOKEN", "s3cret", 1);
  const LoadedTarget loaded = load(R"({
    "send": {"kind": "http", "url": "http://h/x", "format": {
      "template": {"id": "${event_id}", "at": "${time:unix_ms}", "what": "shop.${event_name}"},
      "body": {"token": "${env:PARALLAX_TEST_TOKEN}", "events": "${events}", "sent": "${sent_at}"},
      "content_type": "application/vnd.shop+json"}},
    "read": {"kind": "file", "path": "rows.csv"}})");
  CHECK(texts_of(loaded.problems) == "");
  const TargetPlan::Send& send = loaded.target.send;
  CHECK(send.format == "template");
  CHECK(send.pattern.batches);
  CHECK(send.pattern.before == R"({"token":"s3cret","events":[)");
  CHECK(send.pattern.content_type == "application/vnd.shop+json");
  CHECK(loaded.target.masked_json.find("s3cret") == std::string::npos);
  CHECK(loaded.target.masked_json.find("shop.${event_name}") != std::string::npos);
}

TEST_CASE("what is wrong with a format of one's own says where, and the nearest name",
          "[scenario][target]") {
  const auto [format, expected] = GENERATE(table<std::string, std::string>(
      {{R"({"template": {"id": "${evnt_id}"}})", "event_id"},
       {R"({"template": {"id": "${event_id}", "at": "${client_ts:unixms}"}})", "unix_ms"},
       {R"({"template": {"id": "${event_id}", "n": "${sequence_id:unix_ms}"}})", "text"},
       {R"({"template": {"id": "${event_id}", "a": "${user_id.first}"}})", "${properties.sku}"},
       {R"({"template": {"id": "${event_id"}})", "without its"},
       {R"({"template": {"id": "${event_id}", "${user_id}": 1}})", "a placeholder in a name"},
       {R"({"template": {"id": "${event_id}", "p": "all: ${properties}"}})", "inside a text"},
       {R"({"template": {"id": "${event_id}"}, "body": {"a": 1}})", "one \"${events}\""},
       {R"({"template": {"id": "${event_id}"}, "body": ["${sent_at}", "${events}"]})",
        "known last"},
       {R"({"body": {"events": "${events}"}})", "no \"template\""},
       {R"({"template": {"a": "b"}})", "no ${event_id}"},
       {R"("posthgo")", "posthog"},
       {R"({"file": "none.json"})", "none.json"}}));
  const std::string found =
      problems(R"({"send": {"kind": "http", "url": "http://h/x", "format": )" + format +
               R"(}, "read": {"kind": "file", "path": "rows.csv"}})");
  CAPTURE(format, found);
  CHECK(found.find("t.json: /send/format") != std::string::npos);
  CHECK(found.find(expected) != std::string::npos);
}

TEST_CASE("a template may stand in a file of its own, with pointers of that file",
          "[scenario][target]") {
  const TemporaryFolder folder;
  folder.write("mine.json", R"({"template": {"id": "${event_id}", "who": "${user}"}})");
  const auto file = folder.write("t.json", R"({"send": {"kind": "http", "url": "http://h/x",
    "format": {"file": "mine.json"}}, "read": {"kind": "file", "path": "rows.csv"}})");
  const std::string found = texts_of(load_target(file.string()).problems);
  CAPTURE(found);
  CHECK(found.find("mine.json: /template/who") != std::string::npos);
  CHECK(found.find("user_id") != std::string::npos);
}

TEST_CASE("a template is for HTTP alone, and GA4's URL has its keys", "[scenario][target]") {
  CHECK(problems(R"({"send": {"format": {"template": {"id": "${event_id}"}}}})")
            .find("\"kind\": \"http\"") != std::string::npos);
  CHECK(problems(R"({"send": {"kind": "http", "url": "http://h/mp/collect", "format": "ga4"},
                     "read": {"kind": "file", "path": "rows.csv"}})")
            .find("api_secret") != std::string::npos);
}
