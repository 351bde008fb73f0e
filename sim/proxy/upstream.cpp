// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/upstream.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

namespace parallax::proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

}  // namespace

Upstream::Upstream(asio::io_context& io, const UpstreamAddress& address)
    : address_(address), socket_(io), resolver_(io) {}

void Upstream::connect(Connected done) {
  done_ = std::move(done);
  auto connected = [self = shared_from_this()](const ErrorCode& failed) {
    self->on_connected(failed);
  };
  if (address_.literal) return socket_.async_connect(*address_.literal, std::move(connected));
  resolver_.async_resolve(
      address_.url.host, std::to_string(address_.url.port), tcp::resolver::numeric_service,
      [self = shared_from_this(), connected](const ErrorCode& failed,
                                             const tcp::resolver::results_type& found) {
        if (failed) return self->done_("cannot resolve the host: " + failed.message());
        asio::async_connect(
            self->socket_, found,
            [connected](const ErrorCode& error, const tcp::endpoint&) { connected(error); });
      });
}

void Upstream::on_connected(const ErrorCode& failed) {
  if (failed == asio::error::connection_refused) return done_("connection refused");
  if (failed) return done_("cannot connect: " + failed.message());
  ErrorCode ignored;  // Slower without, still right.
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (!address_.tls) return done_({});
  const std::string& host = address_.url.host;
  tls_.emplace(socket_, *address_.tls);
  tls_->set_verify_mode(address_.verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  if (address_.verify) tls_->set_verify_callback(asio::ssl::host_name_verification(host));
  SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
  tls_->async_handshake(asio::ssl::stream_base::client,
                        [self = shared_from_this()](const ErrorCode& broken) {
                          self->done_(broken ? "tls handshake failed: " + broken.message() : "");
                        });
}

int Upstream::unsent() {
  int bytes = 0;
  return ::ioctl(socket_.native_handle(), SIOCOUTQNSD, &bytes) == 0 ? bytes : 0;
}

void Upstream::close() {
  ErrorCode ignored;
  resolver_.cancel();
  socket_.close(ignored);
}

void Upstream::reset() {
  ErrorCode ignored;
  socket_.set_option(tcp::socket::linger(true, 0), ignored);
  close();
}

}  // namespace parallax::proxy
