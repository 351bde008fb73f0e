// SPDX-License-Identifier: Apache-2.0
#include "sim/run/page_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

namespace parallax {
namespace {

struct Served {
  const char* path;
  const char* file;
  const char* type;
};
constexpr std::array served{
    Served{"/", "report.html", "text/html; charset=utf-8"},
    Served{"/report.html", "report.html", "text/html; charset=utf-8"},
    Served{"/report.json", "report.json", "application/json"},
    Served{"/summary.md", "summary.md", "text/markdown; charset=utf-8"},
    Served{"/junit.xml", "junit.xml", "application/xml"},
};

void answer(const std::filesystem::path& file, const char* type, httplib::Response& response) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    response.status = 404;
    return;
  }
  response.set_content(std::string(std::istreambuf_iterator<char>(in), {}), type);
  response.set_header("Cache-Control", "no-store");
}

}  // namespace

struct PageServer::State {
  httplib::Server server;
  std::thread thread;
  int port = 0;
  std::atomic<bool> ended{false};  ///< The listening thread has returned.
};

PageServer::PageServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

PageServer::~PageServer() {
  // Stopping a server that does not listen yet would not stop it.
  while (!state_->server.is_running() && !state_->ended) std::this_thread::yield();
  state_->server.stop();
  state_->thread.join();
}

Result<std::unique_ptr<PageServer>> PageServer::start(const std::filesystem::path& folder,
                                                      std::uint16_t port) {
  constexpr const char* host = "127.0.0.1";
  auto state = std::make_unique<State>();
  for (const Served& one : served)
    state->server.Get(one.path, [file = folder / one.file, type = one.type](
                                    const httplib::Request&, httplib::Response& response) {
      answer(file, type, response);
    });
  // Not httplib's SO_REUSEPORT, with which two servers would silently share the port.
  state->server.set_socket_options([](int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  if (port == 0) {
    state->port = state->server.bind_to_any_port(host);
  } else {
    state->port = state->server.bind_to_port(host, port) ? port : -1;
  }
  if (state->port <= 0)
    return Error{Error::Kind::io, "the port cannot be listened on",
                 fmt::format("{}:{}", host, port)};
  state->thread = std::thread([self = state.get()] {
    self->server.listen_after_bind();
    self->ended = true;
  });
  return std::unique_ptr<PageServer>(new PageServer(std::move(state)));
}

std::string PageServer::url() const { return fmt::format("http://127.0.0.1:{}/", state_->port); }

}  // namespace parallax
