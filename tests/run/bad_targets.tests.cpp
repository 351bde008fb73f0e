// SPDX-License-Identifier: Apache-2.0
// Targets that fail as targets do: a run against them is bounded, and never a pass.
#include <httplib.h>

#include <atomic>
#include <thread>

#include "sim/pipeline/pipeline.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

/// A server on a free loopback port whose answers the test chooses.
class Server {
 public:
  Server() {
    port_ = server_.bind_to_any_port("127.0.0.1");
    REQUIRE(port_ > 0);
  }
  ~Server() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  httplib::Server& http() { return server_; }
  void start() {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

const std::string plain = source("scenarios/smoke/plain.json").string();

Output run_against(const std::string& target_json, const std::vector<std::string>& more = {}) {
  const TempFolder folder;
  write_file(folder / "t.json", target_json);
  std::vector<std::string> words{"run",      plain,
                                 "--target", (folder / "t.json").string(),
                                 "--out",    (folder / "r").string(),
                                 "--set",    "/population/users=40"};
  words.insert(words.end(), more.begin(), more.end());
  return parallax(words);
}

std::string target(const std::string& send, const std::string& read, const std::string& settle) {
  return R"({"send": {"kind": "http", "url": ")" + send +
         R"(/v1/events"}, "read": {"kind": "http", "url": ")" + read +
         R"(/rows?run_id={run_id}"}, "settle": )" + settle + "}";
}

void accept_all(httplib::Server& http) {
  http.Post("/v1/events", [](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("{}", "application/json");
  });
}

const std::string quick_settle = R"({"quiet": "50ms", "limit": "500ms"})";

}  // namespace

TEST_CASE("a target that answers 500 for ever is inconclusive and bounded", "[run][targets]") {
  Server server;
  server.http().Post("/v1/events", [](const httplib::Request&, httplib::Response& answer) {
    answer.status = 500;
  });
  server.http().Get("/rows", [](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("", "application/x-ndjson");
  });
  server.start();
  const Output run = run_against(target(server.url(), server.url(), quick_settle));
  INFO(run.out << run.err);
  CHECK(run.code == 2);
  CHECK(run.out.find("HTTP 500") != std::string::npos);
}

TEST_CASE("a target that refuses valid events has lost them", "[run][targets]") {
  Server server;
  server.http().Post("/v1/events", [](const httplib::Request&, httplib::Response& answer) {
    answer.status = 400;
  });
  server.http().Get("/rows", [](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("", "application/x-ndjson");
  });
  server.start();
  const Output run = run_against(target(server.url(), server.url(), quick_settle));
  INFO(run.out << run.err);
  CHECK(run.code == 1);
  CHECK(run.out.find("refused_by_target") != std::string::npos);
}

TEST_CASE("a target that takes everything and keeps nothing has lost it", "[run][targets]") {
  Server server;
  accept_all(server.http());
  server.http().Get("/rows", [](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("", "application/x-ndjson");
  });
  server.start();
  const Output run = run_against(target(server.url(), server.url(), quick_settle));
  INFO(run.out << run.err);
  CHECK(run.code == 1);
  CHECK(run.out.find("after_acknowledgement") != std::string::npos);
}

TEST_CASE("a target that never settles is inconclusive", "[run][targets]") {
  Server server;
  accept_all(server.http());
  std::atomic<int> rows{0};
  server.http().Get("/rows", [&](const httplib::Request&, httplib::Response& answer) {
    std::string text;
    for (int i = 0; i <= rows; ++i)
      text += R"({"event_name": "page_view", "run_id": "elsewhere", "user_id": "u)" +
              std::to_string(i) + "\"}\n";
    ++rows;
    answer.set_content(text, "application/x-ndjson");
  });
  server.start();
  const Output run = run_against(target(server.url(), server.url(), quick_settle));
  INFO(run.out << run.err);
  CHECK(run.code == 2);
  CHECK(run.out.find("did not settle within 500ms") != std::string::npos);
}

TEST_CASE("a read that ends in the middle proves no absence", "[run][targets]") {
  Server server;
  accept_all(server.http());
  server.http().Get("/rows", [](const httplib::Request&, httplib::Response& answer) {
    answer.set_content_provider(
        100'000, "application/x-ndjson", [](std::size_t, std::size_t, httplib::DataSink& sink) {
          const std::string line = "{\"event_name\": \"page_view\", \"run_id\": \"x\"}\n";
          sink.write(line.data(), line.size());
          return false;  // Closes long before the promised length.
        });
  });
  server.start();
  const Output run = run_against(target(server.url(), server.url(), quick_settle));
  INFO(run.out << run.err);
  CHECK(run.code == 2);
  CHECK(run.out.find("lost=0") != std::string::npos);
}

TEST_CASE("a target whose rows cannot be read is inconclusive", "[run][targets]") {
  Server server;
  accept_all(server.http());
  server.start();
  const Output run = run_against(target(server.url(), server.url(), quick_settle));
  INFO(run.out << run.err);
  CHECK(run.code == 2);
  CHECK(run.out.find("404") != std::string::npos);
}

TEST_CASE("a pipeline of its own process is a target by its URL", "[run][targets]") {
  const TempFolder folder;
  const auto judged = [&](const std::string& words, const std::string& name) {
    return shell(
        "\"$PARALLAX\" pipeline --listen 127.0.0.1:0 --data " + (folder / ("p" + name)).string() +
        " " + words + " > " + (folder / ("log" + name)).string() +
        " & pid=$!; for i in $(seq 100); do grep -q listening " +
        (folder / ("log" + name)).string() +
        " && break; sleep 0.05; done; url=$(grep -o 'http://[0-9.:]*' " +
        (folder / ("log" + name)).string() + "); \"$PARALLAX\" run " + plain +
        " --set /population/users=100 --target $url --out " + (folder / ("r" + name)).string() +
        "; code=$?; kill -TERM $pid; wait $pid; " + "exit $code");
  };
  const Output clean = judged("", "clean");
  INFO(clean.out << clean.err);
  CHECK(clean.code == 0);
  const Output bug = judged("--bug no_dedupe", "bug");
  INFO(bug.out << bug.err);
  CHECK(bug.code == 1);
  CHECK(bug.out.find("duplicated") != std::string::npos);
}

}  // namespace parallax::test
