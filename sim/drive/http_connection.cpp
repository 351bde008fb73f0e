// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/http_connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cassert>
#include <cerrno>
#include <optional>

namespace parallax {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

/// How often a connection that is to be cut looks whether its bytes have left the machine.
constexpr std::chrono::milliseconds drain_poll{1};

Micros since(WallTime start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

class Connection final : public HttpConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(const HttpEndpoint& endpoint, Done done)
      : endpoint_(endpoint),
        done_(std::move(done)),
        socket_(*endpoint.io),
        resolver_(*endpoint.io),
        drain_timer_(*endpoint.io),
        answer_(endpoint.whole_answers ? AnswerReader::body_max : AnswerReader::kept_usually) {}

  void begin(SendRequest request) override {
    assert(!closed_);
    request_ = std::move(request);
    started_ = Clock::now();
    leaving_ = written_ = false;
    answer_.reset();
    if (connected_) {
      exchange();
    } else {
      connect();
    }
  }

  void expire() override {
    const std::string limit = format_duration(endpoint_.timeout);
    if (leaving_) {
      fail(Receipt::unknown, "no complete answer within " + limit);
    } else {
      fail(Receipt::rejected, "no connection within " + limit);
    }
  }

  bool usable() const override {
    if (closed_ || !connected_) return false;
    char byte = 0;
    // The handle of a const socket is not const in Asio's interface, although asking moves nothing.
    const int handle = const_cast<tcp::socket&>(socket_).native_handle();
    const auto got = ::recv(handle, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  WallTime started() const override { return started_; }

 private:
  /// A handler that keeps this connection alive and is mute after `close`.
  template <class... Args>
  auto on(void (Connection::*then)(Args...)) {
    return [self = shared_from_this(), then](auto&&... args) {
      if (!self->closed_) (self.get()->*then)(std::forward<decltype(args)>(args)...);
    };
  }

  template <class Use>
  void with_stream(Use use) {
    if (tls_) {
      use(*tls_);
    } else {
      use(socket_);
    }
  }

  void connect() {
    error_code not_literal;
    const auto address = asio::ip::make_address(endpoint_.url.host, not_literal);
    if (!not_literal) {
      socket_.async_connect({address, endpoint_.url.port}, on(&Connection::on_connected));
      return;
    }
    resolver_.async_resolve(endpoint_.url.host, std::to_string(endpoint_.url.port),
                            tcp::resolver::numeric_service, on(&Connection::on_resolved));
  }

  void on_resolved(const error_code& failed, const tcp::resolver::results_type& found) {
    if (failed) return fail(Receipt::rejected, "cannot resolve the host: " + failed.message());
    asio::async_connect(socket_, found,
                        [then = on(&Connection::on_connected)](
                            const error_code& error, const tcp::endpoint&) { then(error); });
  }

  void on_connected(const error_code& failed) {
    if (failed == asio::error::connection_refused) {
      return fail(Receipt::rejected, "connection refused");
    }
    if (failed) return fail(Receipt::rejected, "cannot connect: " + failed.message());
    error_code ignored;  // slower without, still right
    socket_.set_option(tcp::no_delay(true), ignored);
    if (endpoint_.tls == nullptr) return on_ready({});
    tls_.emplace(socket_, *endpoint_.tls);
    const std::string& host = endpoint_.url.host;
    tls_->set_verify_mode(asio::ssl::verify_peer);
    tls_->set_verify_callback(asio::ssl::host_name_verification(host));
    SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
    tls_->async_handshake(asio::ssl::stream_base::client, on(&Connection::on_ready));
  }

  void on_ready(const error_code& failed) {
    if (failed) return fail(Receipt::rejected, "tls handshake failed: " + failed.message());
    connected_ = true;
    exchange();
  }

  /// Writes and reads at once: a target may answer (413) and close before it has taken everything.
  void exchange() {
    leaving_ = true;
    const bool cut = request_.strike == Strike::during_body;
    endpoint_.head.write(request_.body.size(), request_.arrives, request_.headers, head_);
    const std::size_t size = cut ? request_.body.size() / 2 : request_.body.size();
    const std::array<asio::const_buffer, 2> parts{asio::buffer(head_),
                                                  asio::buffer(request_.body.data(), size)};
    with_stream(
        [&](auto& stream) { asio::async_write(stream, parts, on(&Connection::on_written)); });
    if (!cut) read();
  }

  void on_written(const error_code& failed, std::size_t) {
    if (request_.strike == Strike::during_body) {
      if (failed) return fail(Receipt::unknown, "cannot send: " + failed.message());
      return cut_when_drained({});
    }
    // A failed write ends nothing: an answer may have arrived before the other side closed, and if
    // none has, the read in flight fails too.
    written_ = !failed;
  }

  /// A reset throws away what the kernel has not sent yet, which must not be part of the half.
  void cut_when_drained(const error_code&) {
    int unsent = 0;
    if (::ioctl(socket_.native_handle(), SIOCOUTQNSD, &unsent) == 0 && unsent > 0) {
      drain_timer_.expires_after(drain_poll);
      drain_timer_.async_wait(on(&Connection::cut_when_drained));
      return;
    }
    fail(Receipt::unknown, "connection cut in the middle of the body (fault)");
  }

  void read() {
    const std::span<char> room = answer_.room();
    with_stream([&](auto& stream) {
      stream.async_read_some(asio::buffer(room.data(), room.size()), on(&Connection::on_read));
    });
  }

  void on_read(const error_code& failed, std::size_t bytes) {
    using State = AnswerReader::State;
    if (request_.strike == Strike::after_commit && bytes > 0) {
      return fail(Receipt::unknown, "connection cut before the answer was read (fault)");
    }
    if (failed && failed != asio::error::eof) {
      return fail(Receipt::unknown, "connection broken: " + failed.message());
    }
    const State state = failed ? answer_.end() : answer_.commit(bytes);
    if (state == State::more) return read();
    if (state == State::broken) return fail(Receipt::unknown, answer_.error());
    answered(!failed && written_ && answer_.keeps_alive());
  }

  void answered(bool keep) {
    SendResult result;
    result.status = answer_.status();
    result.retry_after = answer_.retry_after();
    result.receipt = receipt_of_status(result.status);
    if (result.status / 100 == 3) result.error = "redirected: give the final URL";
    if (endpoint_.whole_answers || result.receipt != Receipt::accepted)
      result.body = answer_.body();
    if (!keep) close();
    finish(std::move(result));
  }

  /// Resets instead of closing: the other side learns that this one is gone, answer or not.
  void fail(Receipt receipt, std::string error) {
    error_code ignored;  // the socket is thrown away
    socket_.set_option(tcp::socket::linger(true, 0), ignored);
    close();
    SendResult result;
    result.receipt = receipt;
    result.error = std::move(error);
    finish(std::move(result));
  }

  void finish(SendResult result) {
    result.ticket = request_.ticket;
    result.took = since(started_);
    done_(*this, std::move(result));
  }

  void close() {
    closed_ = true;
    error_code ignored;
    drain_timer_.cancel(ignored);
    resolver_.cancel();
    socket_.close(ignored);
  }

  const HttpEndpoint& endpoint_;
  const Done done_;
  tcp::socket socket_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  tcp::resolver resolver_;
  asio::steady_timer drain_timer_;
  SendRequest request_;
  std::string head_;
  AnswerReader answer_;
  WallTime started_;
  bool connected_ = false;
  bool closed_ = false;
  bool leaving_ = false;  ///< The request has begun to leave: the target may have got it.
  bool written_ = false;  ///< All of it was handed to the kernel.
};

}  // namespace

std::shared_ptr<HttpConnection> make_http_connection(const HttpEndpoint& endpoint,
                                                     HttpConnection::Done done) {
  return std::make_shared<Connection>(endpoint, std::move(done));
}

}  // namespace parallax
