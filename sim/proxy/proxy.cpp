// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/proxy.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <future>
#include <list>
#include <optional>
#include <utility>

#include "sim/proxy/gateway.h"
#include "sim/proxy/repeats.h"
#include "sim/proxy/session.h"

namespace parallax::proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

/// How often it looks for waits that are over and for an interrupt.
constexpr std::chrono::milliseconds look_every{50};

}  // namespace

struct Proxy::State {
  State(std::unique_ptr<Gateway> made, std::size_t most)
      : gateway(std::move(made)), repeats(io, *gateway), connections_max(most) {}

  Result<void> listen(const std::string& host, std::uint16_t port);
  void accept();
  void look(const std::atomic<int>& interrupted);
  void begin_drain();
  bool end_drain();
  template <class Use>
  auto in_turn(Use use);

  asio::io_context io{1};
  std::unique_ptr<Gateway> gateway;
  Repeats repeats;
  std::size_t connections_max;
  tcp::acceptor acceptor{io};
  asio::steady_timer timer{io};
  std::list<std::shared_ptr<Session>> sessions;
  std::atomic<bool> serving{false};
  bool accepting = false;
  Clock::time_point drain_ends;
};

Result<void> Proxy::State::listen(const std::string& host, std::uint16_t port) {
  const auto taken = [&](const std::string& why) {
    return Error{Error::Kind::io, "the address cannot be listened on: " + why,
                 host + ":" + std::to_string(port)};
  };
  error_code failed;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(host, std::to_string(port), failed);
  if (failed || found.empty()) return taken(failed.message());
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return taken(failed.message());
  return {};
}

void Proxy::State::accept() {
  if (accepting || gateway->draining || sessions.size() >= connections_max) return;
  accepting = true;
  acceptor.async_accept([this](const error_code& failed, tcp::socket client) {
    accepting = false;
    if (failed == asio::error::operation_aborted) return;
    if (failed) {
      gateway->tell("a connection could not be accepted: " + failed.message());
      return;  // Too many files are open, say: `look` tries again.
    }
    ++gateway->counts().connections;
    const auto ended = [this](Session& session) {
      sessions.erase(session.place);
      accept();
    };
    sessions.push_front(std::make_shared<Session>(std::move(client), *gateway, repeats, io, ended));
    const std::shared_ptr<Session> session = sessions.front();
    session->place = sessions.begin();
    session->start();
    accept();
  });
}

void Proxy::State::begin_drain() {
  gateway->draining = true;
  error_code ignored;
  acceptor.close(ignored);
  drain_ends = Clock::now() + std::chrono::microseconds(gateway->options().limits.drain);
  for (const auto& session : std::list(sessions)) session->drain();
  repeats.send_at_once();
}

/// True when nothing is under way any more.
bool Proxy::State::end_drain() {
  if (Clock::now() >= drain_ends) {
    for (const auto& session : std::list(sessions)) session->abort();
    repeats.give_up();
  }
  return sessions.empty() && repeats.idle();
}

void Proxy::State::look(const std::atomic<int>& interrupted) {
  if (interrupted != 0 && !gateway->draining) begin_drain();
  if (gateway->draining && end_drain()) return io.stop();
  for (const auto& session : std::list(sessions)) session->expire(Clock::now());
  accept();
  timer.expires_after(look_every);
  timer.async_wait([this, &interrupted](const error_code&) { look(interrupted); });
}

/// Runs `use` between two handlers of the serving thread, or at once where nobody serves. Nothing
/// where its turn did not come: the serving ended meanwhile.
template <class Use>
auto Proxy::State::in_turn(Use use) {
  using Out = decltype(use());
  if (!serving) return std::optional<Out>(use());
  const auto promise = std::make_shared<std::promise<Out>>();
  std::future<Out> future = promise->get_future();
  asio::post(io, [promise, use = std::move(use)]() mutable { promise->set_value(use()); });
  while (serving && future.wait_for(look_every) != std::future_status::ready) continue;
  const bool ready = future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  return ready ? std::optional<Out>(future.get()) : std::nullopt;
}

Proxy::Proxy(std::unique_ptr<State> state) : state_(std::move(state)) {}
Proxy::~Proxy() = default;

Result<std::unique_ptr<Proxy>> Proxy::start(Scenario scenario, ProxyOptions options) {
  const std::string host = options.host;
  const std::uint16_t port = options.port;
  const std::size_t connections_max = options.limits.connections;
  Result<std::unique_ptr<Gateway>> gateway = Gateway::make(std::move(scenario), options);
  if (!gateway) return gateway.error();
  auto state = std::make_unique<State>(std::move(*gateway), connections_max);
  if (const Result<void> bound = state->listen(host, port); !bound) return bound.error();
  return std::unique_ptr<Proxy>(new Proxy(std::move(state)));
}

std::uint16_t Proxy::port() const {
  error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

Result<void> Proxy::run(const std::atomic<int>& interrupted) {
  state_->serving = true;
  state_->accept();
  state_->look(interrupted);
  state_->io.run();
  state_->serving = false;
  return state_->gateway->close();
}

Result<void> Proxy::change_faults(Scenario scenario, std::vector<bool> lifted) {
  const auto change = [this, scenario = std::move(scenario), lifted = std::move(lifted)]() mutable {
    return state_->gateway->change_faults(std::move(scenario), std::move(lifted));
  };
  const std::optional<Result<void>> done = state_->in_turn(change);
  return done ? *done : Error{Error::Kind::unsupported, "the proxy has ended", {}};
}

ProxyCounts Proxy::counts() const {
  return state_->in_turn([this] { return state_->gateway->all_counts(); }).value_or(ProxyCounts());
}

}  // namespace parallax::proxy
