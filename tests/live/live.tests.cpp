// SPDX-License-Identifier: Apache-2.0
#include "sim/run/live.h"

#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

int port_of(const Live& live) {
  const std::string url = live.url();
  return std::stoi(url.substr(url.rfind(':') + 1));
}

/// The events of a stream, until it ends or `enough` says so.
std::vector<std::pair<std::string, Json>> events(
    int port, const std::function<bool(const std::string&, const Json&)>& enough) {
  std::vector<std::pair<std::string, Json>> all;
  httplib::Client client("127.0.0.1", port);
  client.set_read_timeout(60, 0);
  std::string text;
  client.Get("/events", [&](const char* data, std::size_t size) {
    text.append(data, size);
    for (std::size_t end = 0; (end = text.find("\n\n")) != std::string::npos;
         text.erase(0, end + 2)) {
      const std::size_t middle = text.find('\n');
      all.emplace_back(text.substr(7, middle - 7),
                       Json::parse(text.substr(middle + 7, end - middle - 7)));
      if (enough(all.back().first, all.back().second)) return false;
    }
    return true;
  });
  return all;
}

/// A connection that asks for the events and never reads one.
class DeafClient {
 public:
  explicit DeafClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int small = 1'024;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const std::string request = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    REQUIRE(::send(socket_, request.data(), request.size(), 0) ==
            static_cast<ssize_t>(request.size()));
  }
  ~DeafClient() { ::close(socket_); }
  DeafClient(const DeafClient&) = delete;
  DeafClient& operator=(const DeafClient&) = delete;

 private:
  int socket_;
};

}  // namespace

TEST_CASE("the page and its parts are served, and nothing else", "[live][server]") {
  const auto live = Live::start(0);
  REQUIRE(live);
  httplib::Client client("127.0.0.1", port_of(**live));
  for (const char* path : {"/", "/live.js", "/live.css"}) {
    const auto answer = client.Get(path);
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body.size() > 500);
    CHECK(answer->get_header_value("Content-Security-Policy").starts_with("default-src 'self'"));
  }
  CHECK(client.Get("/live.cpp")->status == 404);
  CHECK(client.Get("/../CMakeLists.txt")->status >= 400);
}

TEST_CASE("a taken port is an error", "[live][server]") {
  const auto first = Live::start(0);
  REQUIRE(first);
  const auto second = Live::start(static_cast<std::uint16_t>(port_of(**first)));
  REQUIRE_FALSE(second);
  CHECK(second.error().text().find("cannot be listened on") != std::string::npos);
}

TEST_CASE("what a run says reaches the page, and its end too", "[live][server]") {
  auto live = Live::start(0);
  REQUIRE(live);
  const int port = port_of(**live);
  Scenario scenario;
  scenario.name = "shop";
  (*live)->begin(scenario, "embedded", "/nonexistent");
  (*live)->phase("traffic");
  (*live)->progress(0.25, "12 attempts");
  (*live)->load({1'000, 990, 3, 0, 0, 4'000});
  const auto first = events(port, [](const auto&, const Json&) { return true; });
  REQUIRE(first.size() == 1);
  CHECK(first[0].first == "state");
  const Json& state = first[0].second;
  CHECK(state.at("scenario") == "shop");
  CHECK(state.at("phase") == "traffic");
  CHECK(state.at("share") == 0.25);
  CHECK(state.at("text") == "12 attempts");
  CHECK(state.at("load").at("latency_p99_us") == 4'000);
  CHECK(state.at("end").is_null());

  auto rest = std::async(std::launch::async, [port] {
    return events(port, [](const auto&, const Json&) { return false; });
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  RunReport report;
  report.verdict = Verdict::fail;
  report.because = "\x1b[31m\xff";
  (*live)->end(report);
  live->reset();
  const auto seen = rest.get();
  REQUIRE(!seen.empty());
  CHECK(seen.back().first == "over");
  CHECK(seen.back().second.at("end").at("verdict") == "fail");
}

TEST_CASE("who never reads holds up neither the others nor the end", "[live][server]") {
  auto live = Live::start(0);
  REQUIRE(live);
  const int port = port_of(**live);
  Scenario scenario;
  scenario.about.assign(400'000, 'x');  // More than the buffers between us hold.
  (*live)->begin(scenario, "embedded", "/nonexistent");
  const DeafClient deaf(port), also_deaf(port);
  const auto seen = events(port, [](const auto&, const Json&) { return true; });
  CHECK(seen.size() == 1);
  const auto begin = Clock::now();
  (*live)->progress(0.5, "on it goes");
  CHECK(Clock::now() - begin < std::chrono::milliseconds(500));
  live->reset();
  CHECK(Clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("watchers are bounded, and a place becomes free again", "[live][server]") {
  const auto live = Live::start(0);
  REQUIRE(live);
  const int port = port_of(**live);
  const auto status = [&] {
    httplib::Client client("127.0.0.1", port);
    int code = 0;
    client.Get(
        "/events",
        [&](const httplib::Response& response) {
          code = response.status;
          return false;
        },
        [](const char*, std::size_t) { return false; });
    return code;
  };
  {
    std::vector<std::unique_ptr<DeafClient>> watchers;
    for (int i = 0; i < 4; ++i) watchers.push_back(std::make_unique<DeafClient>(port));
    bool refused = false;
    for (int i = 0; i < 100 && !refused; ++i) {
      refused = status() == 503;
      if (!refused) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    CHECK(refused);
  }
  bool served = false;
  for (int i = 0; i < 200 && !served; ++i) {
    served = status() == 200;
    if (!served) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  CHECK(served);
}

TEST_CASE("a run that is watched counts up, ends with its verdict, and plays the same",
          "[live][run]") {
  const TempFolder folder;
  const std::string scenario = source("scenarios/fault/mixed.json").string();
  const auto play = [&](const std::string& more) {
    return "\"$PARALLAX\" run '" + scenario + "' " + more + " >/dev/null 2>log";
  };
  auto run = std::async(std::launch::async,
                        [&] { return shell(play("--out watched --live"), folder.path()); });
  int port = 0;
  for (int i = 0; i < 600 && port == 0; ++i) {
    const std::string log = read_file(folder / "log");
    const std::size_t at = log.find("live at http://127.0.0.1:");
    if (at != std::string::npos && log.find("/\n", at) != std::string::npos)
      port = std::stoi(log.substr(at + 25));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  REQUIRE(port > 0);
  const DeafClient deaf(port);
  const auto seen =
      events(port, [](const std::string& name, const Json&) { return name == "over"; });
  CHECK(run.get().code == 0);
  REQUIRE(seen.size() > 1);
  CHECK(seen.back().first == "over");
  CHECK(seen.back().second.at("end").at("verdict") == "pass");
  const Json report = Json::parse(read_file(folder / "watched/report.json"));
  CHECK(seen.back().second.at("counts").at("actions") == report.at("actions").at("total"));
  CHECK(seen.back().second.at("counts").at("in_flight") == 0);
  REQUIRE(shell(play("--out alone"), folder.path()).code == 0);
  for (const char* file : {"ledger/actions.parquet", "ledger/verdicts.parquet"})
    CHECK(read_file(folder / "watched" / file) == read_file(folder / "alone" / file));
}

}  // namespace parallax::test
