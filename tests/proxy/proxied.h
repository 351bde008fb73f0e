// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sim/core/ledger.h"
#include "sim/proxy/proxy.h"
#include "tests/run/process.h"

/// A proxy in this process, and a client that sees every byte and every reset.
namespace parallax::proxy_tests {

/// A small plan: page_view (client), purchase (both; order_id, revenue), one trait, one journey.
/// `faults`: the JSON list of them.
std::string scenario_text(const std::string& faults = "[]");

/// One event of that plan in the shared format. `n` tells it from others.
std::string event_text(int n, const std::string& name = "page_view", const std::string& more = "");
/// {"batch":[...]}
std::string batch_of(const std::vector<std::string>& events);
/// A POST of JSON.
std::string post(const std::string& body, const std::string& path = "/v1/events",
                 const std::string& lines = "");

/// An answer as a client saw it.
struct Seen {
  int status = 0;  ///< 0: none.
  std::string head, body;
  bool reset = false;   ///< The connection was reset.
  bool closed = false;  ///< It was closed in order instead of an answer.
};

/// A blocking client on one connection. Waits at most 10 s.
class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes);
  Seen answer(bool to_head = false);  ///< The next one; `to_head`: of a HEAD request.
  /// `send`, then `answer`.
  Seen ask(std::string_view bytes);

 private:
  bool more(Seen& seen);
  int handle_ = -1;
  std::string unread_;
};

class Proxied {
 public:
  using Change = void (*)(proxy::ProxyOptions&);
  /// `upstream`: "http://127.0.0.1:8100". `change`: other options.
  explicit Proxied(const std::string& upstream, const std::string& faults = "[]",
                   Change change = nullptr, std::uint64_t seed = 1);
  ~Proxied();

  std::uint16_t port() const { return proxy_->port(); }
  proxy::Proxy& proxy() { return *proxy_; }
  /// Stops it in order.
  void stop();
  proxy::ProxyCounts counts() { return proxy_->counts(); }
  Ledger ledger();  ///< What is on the disk by now.
  std::filesystem::path folder() const { return folder_.path(); }
  const Scenario& scenario() const { return scenario_; }

 private:
  test::TempFolder folder_;
  Scenario scenario_;
  std::unique_ptr<proxy::Proxy> proxy_;
  std::atomic<int> interrupted_{0};
  std::thread thread_;
};

/// A scenario as the proxy gets it: loaded, wire faults alone, opened.
Scenario opened_scenario(const std::string& text);
/// The URL of a raw server without its path.
std::string base_of(const std::string& url);

}  // namespace parallax::proxy_tests
