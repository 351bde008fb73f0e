// SPDX-License-Identifier: Apache-2.0
#include "tests/proxy/proxied.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "sim/drive/url.h"
#include "sim/proxy/http_head.h"
#include "sim/run/proxy_scenario.h"
#include "sim/run/wall_clock.h"
#include "tests/support/catch.h"

namespace parallax::proxy_tests {

std::string scenario_text(const std::string& faults) {
  return R"({"name":"proxied","about":"Two actions behind a proxy.","seed":1,
  "time":{"start":"2026-03-02T00:00:00Z","length":"1d"},
  "population":{"users":10,"traits":{"platform":{"pick":{"web":1,"ios":1}}}},
  "actions":{
    "page_view":{"emits":["client"]},
    "purchase":{"emits":["client","server"],"fields":{
      "order_id":{"type":"string","unique":"ord-","required":true},
      "revenue":{"type":"money","required":true}}}},
  "journeys":{"buy":{"start":"home","states":{
    "home":{"does":"page_view","next":{"pay":1,"leave":1}},
    "pay":{"does":"purchase","next":{"leave":1}}}}},
  "faults":)" +
         faults + R"(,"assert":[{"that":"exactly_once"},{"that":"fields"}]})";
}

std::string event_text(int n, const std::string& name, const std::string& more) {
  return fmt::format(
      R"({{"event_name":"{}","event_id":"00000000-0000-4000-8000-{:012x}","user_id":"u-{}",)"
      R"("device_id":"d-{:016x}","session_id":"s-{:016x}","sequence_id":{},)"
      R"("client_ts":"2026-03-02T10:00:00.{:03d}Z","source":"client","schema_version":1,)"
      R"("consent_state":"granted","retry_count":0,"delivery_status":"queued",)"
      R"("run_id":"r-1","context":{{"page":"home","platform":"web"}},{}"properties":{{}}}})",
      name, n, n % 100, n, n, n, n % 1000, more);
}

std::string batch_of(const std::vector<std::string>& events) {
  return fmt::format(R"({{"batch":[{}]}})", fmt::join(events, ","));
}

std::string post(const std::string& body, const std::string& path, const std::string& lines) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: example\r\nContent-Type: application/json\r\n{}"
      "Content-Length: {}\r\n\r\n{}",
      path, lines, body.size(), body);
}

Client::Client(std::uint16_t port) : handle_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{10, 0};
  ::setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(handle_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}
Client::~Client() { ::close(handle_); }

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // Its end shows where the answer is read.
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Client::more(Seen& seen) {
  std::array<char, 65'536> buffer;
  const auto got = ::recv(handle_, buffer.data(), buffer.size(), 0);
  if (got > 0) {
    unread_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }
  seen.closed = got == 0;
  seen.reset = got < 0 && errno == ECONNRESET;
  return false;
}

Seen Client::answer(bool to_head) {
  Seen seen;
  while (!proxy::head_length(unread_))
    if (!more(seen)) return seen;
  const std::size_t length = *proxy::head_length(unread_);
  seen.head = unread_.substr(0, length);
  unread_.erase(0, length);
  const auto head = proxy::read_answer_head(seen.head, to_head ? "HEAD" : "POST");
  REQUIRE(head);
  seen.status = head->status;
  proxy::BodyScan scan(head->framing);
  while (true) {
    const std::size_t taken = scan.feed(unread_, &seen.body);
    unread_.erase(0, taken);
    if (scan.done() || !more(seen)) return seen;
  }
}

Seen Client::ask(std::string_view bytes) {
  send(bytes);
  return answer();
}

Scenario opened_scenario(const std::string& text) {
  Loaded loaded = load_proxied(nlohmann::ordered_json::parse(text), "test");
  for (const Problem& problem : loaded.problems) UNSCOPED_INFO(problem.text());
  REQUIRE(loaded.ok());
  proxy::open_plan(loaded.scenario);
  return std::move(loaded.scenario);
}

Proxied::Proxied(const std::string& upstream, const std::string& faults, Change change,
                 std::uint64_t seed)
    : scenario_(opened_scenario(scenario_text(faults))) {
  scenario_.seed = seed;
  std::filesystem::create_directories(folder_ / "ledger");
  proxy::ProxyOptions options;
  options.upstream = *parse_url(upstream);
  options.folder = folder_.path();
  options.wall_clock = wall_now;
  if (change != nullptr) change(options);
  auto started = proxy::Proxy::start(scenario_, options);
  if (!started) INFO(started.error().text());
  REQUIRE(started);
  proxy_ = std::move(*started);
  thread_ = std::thread([this] { (void)proxy_->run(interrupted_); });
}

void Proxied::stop() {
  interrupted_ = 1;
  if (thread_.joinable()) thread_.join();
}
Proxied::~Proxied() { stop(); }

Ledger Proxied::ledger() {
  const std::vector<std::filesystem::path> files{folder_ / "ledger/journal-0.plx"};
  Result<Ledger> ledger = read_ledger(files);
  REQUIRE(ledger);
  return std::move(*ledger);
}

std::string base_of(const std::string& url) { return url.substr(0, url.find('/', 8)); }

}  // namespace parallax::proxy_tests
