// SPDX-License-Identifier: Apache-2.0
// parallax check, init and clean as people use them; and no secret in anything they print or leave.
#include <httplib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sim/pipeline/pipeline.h"
#include "sim/run/starter.h"
#include "sim/scenario/target.h"
#include "tests/connect/postgres_server.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

namespace fs = std::filesystem;

bool says(const Output& output, const std::string& text) {
  return (output.out + output.err).find(text) != std::string::npos;
}

std::string postgres_target(const std::string& dsn, const std::string& more = "") {
  return R"({"send": {"kind": "postgres", "dsn": ")" + dsn +
         R"("}, "read": {"kind": "postgres", "dsn": ")" + dsn +
         R"(", "query": "select event ->> 'event_id' as event_id, event ->> 'run_id' as run_id, )"
         R"(event ->> 'event_name' as event_name, event ->> 'user_id' as user_id, )"
         R"(event ->> 'server_ts' as server_ts, at as ingestion_ts from raw_events"},
         "settle": {"quiet": "50ms", "limit": "2s"})" +
         more + "}";
}

void make_raw_table(const std::string& dsn) {
  sql(dsn, "create table raw_events (at timestamptz default now(), event jsonb)");
}

/// A collector whose answers the test chooses, on a free port of 127.0.0.1.
class Collector {
 public:
  explicit Collector(const std::function<void(httplib::Server&)>& routes) {
    routes(server_);
    port_ = server_.bind_to_any_port("127.0.0.1");
    REQUIRE(port_ > 0);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Collector() {
    server_.stop();
    thread_.join();
  }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

/// Files below `folder` whose bytes hold `text`.
std::vector<std::string> files_with(const fs::path& folder, const std::string& text) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && read_file(entry.path()).find(text) != std::string::npos)
      found.push_back(entry.path().string());
  return found;
}

/// What the starters take from the environment.
void set_secrets() {
  for (const char* const name : {"INGEST_TOKEN", "WAREHOUSE_PASSWORD", "POSTHOG_KEY",
                                 "SEGMENT_WRITE_KEY", "CLICKHOUSE_PASSWORD"})
    ::setenv(name, "secret1", 1);
}

}  // namespace

TEST_CASE("check finds that a right target works", "[connect][check]") {
  const TempFolder folder;
  const std::string dsn = PostgresServer::instance().new_database();
  make_raw_table(dsn);
  write_file(folder / "t.json", postgres_target(dsn));
  const Output checked = parallax({"check", (folder / "t.json").string()});
  INFO(checked.out << checked.err);
  CHECK(checked.code == 0);
  CHECK(says(checked, "the event came back after"));
  CHECK(says(checked, "without device_id, session_id, sequence_id"));
  CHECK(says(checked, "The target works."));
  CHECK(select(dsn, "select event ->> 'event_name' from raw_events") ==
        std::vector<std::string>{"parallax_check"});
  const Output again = parallax({"check", (folder / "t.json").string()});
  CHECK(says(again, "1 rows of other runs came along"));
}

TEST_CASE("check needs nothing for the built-in pipeline", "[connect][check]") {
  const TempFolder folder;
  write_file(folder / "t.json", "{}");
  const Output checked = parallax({"check", (folder / "t.json").string()});
  INFO(checked.out << checked.err);
  CHECK(checked.code == 0);
}

TEST_CASE("check says at which step a target fails", "[connect][check]") {
  const TempFolder folder;
  const auto check = [&](const std::string& target) {
    write_file(folder / "t.json", target);
    return parallax({"check", (folder / "t.json").string()});
  };
  const Output gone = check(R"({"send": {"kind": "http", "url": "http://127.0.0.1:1/e"},
                                "read": {"kind": "http", "url": "http://127.0.0.1:1/r"}})");
  CHECK(gone.code == 2);
  CHECK(says(gone, "FAIL  reach"));
  const std::string dsn = PostgresServer::instance().new_database();
  const Output no_table = check(postgres_target(dsn));
  CHECK(no_table.code == 2);
  CHECK(says(no_table, "relation \"raw_events\" does not exist"));
  sql(dsn,
      "create table raw_events (at timestamptz default now(), event jsonb); create function "
      "eat() returns trigger language plpgsql as 'begin return null; end'; create trigger eat "
      "before insert on raw_events for each row execute function eat()");
  const Output lost = check(postgres_target(dsn));
  INFO(lost.out << lost.err);
  CHECK(lost.code == 2);
  CHECK(says(lost, "did not come back within 2s"));
  const Collector closed([](httplib::Server& http) {
    http.Post("/e",
              [](const httplib::Request&, httplib::Response& answer) { answer.status = 401; });
  });
  const Output refused = check(R"({"send": {"kind": "http", "url": ")" + closed.url() +
                               R"(/e"}, "read": {"kind": "http", "url": "http://127.0.0.1:1/r"}})");
  CHECK(refused.code == 2);
  CHECK(says(refused, "FAIL  credentials"));
  CHECK(check(R"({"send": {"kind": "postgres", "dsn": "host=db.example"},
                  "read": {"kind": "file", "path": "x.csv"}})")
            .code == 4);
}

TEST_CASE("starters for what the built-in pipeline can be pass against it too", "[connect][init]") {
  set_secrets();
  const TempFolder folder;
  PipelineOptions options;
  options.data = folder / "data";
  const auto pipeline = Pipeline::start(options);
  REQUIRE(pipeline);
  const std::string host = (*pipeline)->url().substr(std::string("http://").size());
  for (const std::string kind : {"http", "posthog", "segment", "snowplow"}) {
    const Output run =
        shell("\"$PARALLAX\" init --target " + kind + " first-" + kind + " && cd first-" + kind +
                  " && sed -i 's/127.0.0.1:8100/" + host +
                  "/' target.json && \"$PARALLAX\" run scenario.json --target target.json",
              folder.path());
    INFO(run.out << run.err);
    CHECK(run.code == 0);
    CHECK(says(run, "against http http://" + host));
  }
}

TEST_CASE("every starter passes at once, and its target file can be loaded", "[connect][init]") {
  set_secrets();
  for (const std::string_view kind : starter_targets) {
    const TempFolder folder;
    const Output made = parallax({"init", "--target", std::string(kind), "first"}, folder.path());
    INFO(kind << "\n" << made.out << made.err);
    CHECK(made.code == 0);
    CHECK(says(made, "first/target.json:"));
    const Output run = parallax({"run", "first/scenario.json"}, folder.path());
    INFO(run.out << run.err);
    CHECK(run.code == 0);
    const LoadedTarget loaded = load_target((folder / "first/target.json").string());
    for (const Problem& problem : loaded.problems) FAIL(problem.text());
    for (const char* const file : {"ci/github-workflow.yml", "ci/gitlab-ci.yml"}) {
      const std::string text = read_file(folder / "first" / file);
      CHECK(text.find("first/scenario.json") != std::string::npos);
      CHECK(text.find('@' + std::string("DIR@")) == std::string::npos);
      CHECK(text.find("@SECRET@") == std::string::npos);
    }
    const Output twice = parallax({"init", "first"}, folder.path());
    CHECK(twice.code == 4);
    CHECK(says(twice, "scenario.json: is there already"));
  }
  const Output unknown = parallax({"init", "--target", "postgrs", "x"});
  CHECK(unknown.code == 4);
  CHECK(says(unknown, "did you mean postgres?"));
}

TEST_CASE("clean prints what removes a run's rows, and with --run removes them",
          "[connect][clean]") {
  const TempFolder folder;
  const std::string dsn = PostgresServer::instance().new_database();
  make_raw_table(dsn);
  const std::string target = (folder / "t.json").string();
  write_file(
      target,
      postgres_target(dsn, R"(, "clean": "delete from raw_events where event ->> 'run_id' = $1")"));
  const std::string plain = source("scenarios/smoke/plain.json").string();
  const auto run = [&](const std::string& name) {
    parallax({"run", plain, "--target", target, "--out", (folder / name).string(), "--run-id", name,
              "--set", "/population/users=5", "-q"});
  };
  run("a'b");
  run("other");
  const auto left = [&] {
    return select(dsn, "select distinct event ->> 'run_id' from raw_events order by 1");
  };
  CHECK(left() == std::vector<std::string>{"a'b", "other"});
  const std::string run_folder = (folder / "a'b").string();
  const Output printed = parallax({"clean", run_folder});
  INFO(printed.out << printed.err);
  CHECK(printed.code == 0);
  CHECK(printed.out == "delete from raw_events where event ->> 'run_id' = 'a''b'\n");
  CHECK(left().size() == 2);
  CHECK(parallax({"clean", run_folder, "--run"}).code == 0);
  CHECK(left() == std::vector<std::string>{"other"});
  write_file(folder / "none.json", postgres_target(dsn));
  const Output none = parallax({"clean", run_folder, "--target", (folder / "none.json").string()});
  CHECK(none.code == 4);
  CHECK(says(none, "has no \"clean\""));
  CHECK(parallax({"clean", folder.path().string()}).code == 4);
}

TEST_CASE("no secret of a target file is in anything that is printed or left behind",
          "[connect][secrets]") {
  const std::string secret = "5w0rdf1sh-token";
  const Collector echo([&](httplib::Server& http) {
    http.Post(".*", [](const httplib::Request& request, httplib::Response& answer) {
      answer.status = 400;
      answer.set_content("no " + request.path + request.get_header_value("Authorization"),
                         "text/plain");
    });
    http.Get(".*", [](const httplib::Request& request, httplib::Response& answer) {
      answer.status = 403;
      answer.set_content("no " + request.path, "text/plain");
    });
  });
  const std::string plain = source("scenarios/smoke/plain.json").string();
  const auto grepped = [&](const std::string& target) {
    const TempFolder folder;
    write_file(folder / "t.json", target);
    const Output output = shell(
        "export TOKEN=" + secret + "; \"$PARALLAX\" check t.json; \"$PARALLAX\" run " + plain +
            " --set /population/users=5 --target t.json --out run; \"$PARALLAX\" judge run "
            "--target "
            "t.json; \"$PARALLAX\" clean run --target t.json --run; \"$PARALLAX\" replay run; true",
        folder.path());
    INFO(output.out << output.err);
    CHECK_FALSE(says(output, secret));
    CHECK(files_with(folder.path(), secret).empty());
    CHECK(fs::exists(folder / "run/report.json"));
  };
  const std::string settle = R"(, "settle": {"quiet": "10ms", "limit": "200ms"})";
  grepped(R"({"send": {"kind": "http", "url": ")" + echo.url() + R"(/${env:TOKEN}/e",
      "headers": {"Authorization": "${env:TOKEN}"}}, "read": {"kind": "http", "url": ")" +
          echo.url() + R"(/${env:TOKEN}/rows"}, "clean": "echo ${env:TOKEN} >&2; exit 1")" +
          settle + "}");
  grepped(R"({"send": {"kind": "postgres", "dsn": "postgresql://u:${env:TOKEN}@127.0.0.1:1/x"},
      "read": {"kind": "command", "command": "echo ${env:TOKEN} >&2; exit 1"},
      "clean": "echo ${env:TOKEN}; false")" +
          settle + "}");
  grepped(R"({"send": {"kind": "command", "command": "echo ${env:TOKEN} >&2; exit 1"},
      "read": {"kind": "postgres", "dsn": "postgresql://u:${env:TOKEN}@127.0.0.1:1/x",
               "query": "select 1 as sequence_id"}, "clean": "select '${env:TOKEN}'")" +
          settle + "}");
}

TEST_CASE("a password that is written into a target file is refused, and not repeated",
          "[connect][secrets]") {
  const TempFolder folder;
  for (const char* const dsn :
       {"postgresql://u:hunter2@127.0.0.1/x", "host=/tmp password=hunter2"}) {
    write_file(folder / "t.json", postgres_target(dsn));
    const Output checked = parallax({"check", (folder / "t.json").string()});
    INFO(checked.out << checked.err);
    CHECK(checked.code == 4);
    CHECK(says(checked, "expected ${env:NAME} in its place"));
    CHECK_FALSE(says(checked, "hunter2"));
  }
}

}  // namespace parallax::test
