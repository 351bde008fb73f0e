// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sim/proxy/gateway.h"

namespace parallax::proxy {

/// One connection to the pipeline, plain or TLS. Handlers may come after `close`: whoever gives
/// them checks whether it still waits. Nothing is ever sent twice.
class Upstream : public std::enable_shared_from_this<Upstream> {
 public:
  using ErrorCode = boost::system::error_code;
  /// Empty where the connection stands; otherwise why not.
  using Connected = std::function<void(const std::string& problem)>;

  Upstream(boost::asio::io_context& io, const UpstreamAddress& address);

  void connect(Connected done);
  /// `bytes` must outlive the writing. `done(error)`, perhaps from inside.
  template <class Done>
  void write(std::string_view bytes, Done done) {
    if (!tls_) {
      // Nearly always the socket takes it all at once, and no handler need be queued.
      ErrorCode failed;
      const std::size_t sent = socket_.write_some(boost::asio::buffer(bytes), failed);
      if (!failed && sent == bytes.size()) return done(failed);
      if (failed && failed != boost::asio::error::would_block) return done(failed);
      bytes.remove_prefix(sent);
    }
    auto then = [self = shared_from_this(), done = std::move(done)](
                    const ErrorCode& failed, std::size_t) mutable { done(failed); };
    if (tls_) {
      boost::asio::async_write(*tls_, boost::asio::buffer(bytes), std::move(then));
    } else {
      boost::asio::async_write(socket_, boost::asio::buffer(bytes), std::move(then));
    }
  }
  /// `done(error, bytes)`, never from inside.
  template <class Done>
  void read(std::span<char> room, Done done) {
    const auto buffer = boost::asio::buffer(room.data(), room.size());
    auto then = [self = shared_from_this(), done = std::move(done)](
                    const ErrorCode& failed, std::size_t bytes) mutable { done(failed, bytes); };
    if (tls_) {
      tls_->async_read_some(buffer, std::move(then));
    } else {
      socket_.async_read_some(buffer, std::move(then));
    }
  }
  /// Bytes that have not left this machine yet.
  int unsent();
  void close();
  /// Closes so that the pipeline learns at once that nobody listens any more.
  void reset();

 private:
  void on_connected(const ErrorCode& failed);

  const UpstreamAddress& address_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::ip::tcp::resolver resolver_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  Connected done_;
};

}  // namespace parallax::proxy
