// SPDX-License-Identifier: Apache-2.0
#include "sim/run/loopback_server.h"

#include <fmt/format.h>
#include <sys/socket.h>

namespace parallax {
LoopbackServer::~LoopbackServer() {
  if (!thread_.joinable()) return;
  // Stopping a server that does not listen yet would not stop it.
  while (!server_.is_running() && !ended_) std::this_thread::yield();
  server_.stop();
  thread_.join();
}

Result<void> LoopbackServer::start(std::uint16_t port, const std::string& host) {
  host_ = host;
  // Not httplib's SO_REUSEPORT, with which two servers would silently share the port.
  server_.set_socket_options([](int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  if (port == 0) {
    port_ = server_.bind_to_any_port(host.c_str());
  } else {
    port_ = server_.bind_to_port(host.c_str(), port) ? port : -1;
  }
  if (port_ <= 0)
    return Error{Error::Kind::io, "the port cannot be listened on",
                 fmt::format("{}:{}", host, port)};
  thread_ = std::thread([this] {
    server_.listen_after_bind();
    ended_ = true;
  });
  return {};
}

std::string LoopbackServer::url() const {
  return fmt::format("http://{}:{}/", host_.find(':') == host_.npos ? host_ : "[" + host_ + "]",
                     port_);
}

}  // namespace parallax
