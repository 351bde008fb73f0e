// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/http_server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <optional>
#include <thread>

#include "sim/pipeline/sdk_routes.h"
#include "sim/wire/unpack.h"
#ifdef PARALLAX_HTTPLIB_STREAM
#include "sim/pipeline/socket_stream.h"
#endif

namespace parallax::pipeline {
namespace {

constexpr std::size_t connections_max = 80;
constexpr std::size_t body_max = 32U << 20;
constexpr int backlog = 512;

/// httplib's server, with access to its sockets.
class Listener : public httplib::Server {
 public:
  /// httplib asks for a backlog of 5, too few for a load client that opens 64 connections at once.
  void widen_backlog() { ::listen(svr_sock_, backlog); }

#ifdef PARALLAX_HTTPLIB_STREAM
 private:
  /// One connection to its end. As httplib does it, but for the stream.
  bool process_and_close_socket(socket_t socket) override {
    SocketStream stream(socket);
    bool served = true, closed = false;
    while (served && !closed && svr_sock_ != INVALID_SOCKET && stream.wait()) {
      served = process_request(stream, false, closed, nullptr);
      served = stream.flush() && served;
    }
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
    return served;
  }
#endif
};

/// The pipeline's "now": what a harness that plays faster than real time says, else the clock.
std::optional<SimTime> arrival_of(const httplib::Request& request) {
  const std::string name(clock_header);
  if (!request.has_header(name.c_str())) return wall_clock();
  return parse_rfc3339(request.get_header_value(name.c_str()));
}

void give(const Answer& answer, httplib::Response& response) {
  response.status = answer.status;
  if (answer.status == 503) response.set_header("Retry-After", "1");
  response.set_content(answer.body, answer.type);
}

/// Browsers must be told that the page's origin may send here, with cookies and any header; a star
/// in its place would keep Snowplow's SDK from sending at all.
void mirror_origin(const httplib::Request& request, httplib::Response& response) {
  if (!request.has_header("Origin")) return;
  response.set_header("Access-Control-Allow-Origin", request.get_header_value("Origin"));
  response.set_header("Access-Control-Allow-Credentials", "true");
  response.set_header("Access-Control-Expose-Headers", "Retry-After");
  response.set_header("Vary", "Origin");
  if (request.method != "OPTIONS") return;
  response.set_header("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
  response.set_header("Access-Control-Allow-Headers",
                      request.get_header_value("Access-Control-Request-Headers"));
  response.set_header("Access-Control-Max-Age", "3600");
}

/// Reads the body, unpacked where a header says that it is packed. Otherwise what to answer.
std::optional<Answer> read_body(const httplib::Request& request, const httplib::Response& response,
                                const httplib::ContentReader& read, std::string& body) {
  bool too_long = false;
  body.reserve(
      std::min<std::size_t>(request.get_header_value<std::uint64_t>("Content-Length"), body_max) +
      64);
  const bool whole = read([&](const char* data, std::size_t length) {
    too_long = body.size() + length > body_max;
    if (!too_long) body.append(data, length);
    return !too_long;
  });
  if (too_long || response.status == 413)
    return error_answer(413, "the body is longer than 32 MiB");
  if (!whole) return error_answer(400, "the body cannot be read");
  return std::nullopt;
}

void post_events(Backend& backend, const httplib::Request& request, httplib::Response& response,
                 const httplib::ContentReader& read) {
  std::string body;
  if (const auto failed = read_body(request, response, read, body)) return give(*failed, response);
  const auto arrival = arrival_of(request);
  if (!arrival) return give(error_answer(400, "Parallax-Sim-Time is no RFC 3339 time"), response);
  give(backend.post(body, *arrival), response);
}

std::string_view query_of(const httplib::Request& request) {
  const std::size_t mark = request.target.find('?');
  return mark == std::string::npos ? std::string_view()
                                   : std::string_view(request.target).substr(mark + 1);
}

/// What the collector of the SDK's vendor does with a request.
Answer answer_sdk(Backend& backend, const httplib::Request& request, std::string& body) {
  if (const auto settings = sdk_settings(request.path)) return *settings;
  const auto dialect = find_dialect(request.path, body);
  if (!dialect) return error_answer(404, "nothing is served here");
  const std::string authorization = request.get_header_value("Authorization");
  SdkRequest asked{request.path, query_of(request), authorization, &body, {}, {}};
  asked.header = [&](std::string_view name) {
    return request.get_header_value(std::string(name).c_str());
  };
  const auto arrival = arrival_of(request);
  if (!arrival) return dialect->refused(asked, {400, "Parallax-Sim-Time is no RFC 3339 time", {}});
  asked.arrival = *arrival;
  return backend.post_sdk(*dialect, asked);
}

void post_sdk(Backend& backend, const httplib::Request& request, httplib::Response& response,
              const httplib::ContentReader& read) {
  std::string body;
  mirror_origin(request, response);
  if (const auto failed = read_body(request, response, read, body)) return give(*failed, response);
  if (looks_packed(body))
    if (const auto plain = unpack(body, body_max); !plain)
      return give(error_answer(plain.error().kind == Error::Kind::invalid_input ? 413 : 400,
                               plain.error().what),
                  response);
  give(answer_sdk(backend, request, body), response);
}

void get_sdk(Backend& backend, const httplib::Request& request, httplib::Response& response) {
  std::string body;
  mirror_origin(request, response);
  give(answer_sdk(backend, request, body), response);
}

/// Sends the snapshot page by page: memory is bounded by a page, whatever the table's length.
void get_table(Backend& backend, Table table, const httplib::Request& request,
               httplib::Response& response) {
  auto snapshot = backend.read(table, request.get_param_value("run_id"));
  if (!snapshot) return give(error_answer(500, snapshot.error().text()), response);
  const auto shared = std::make_shared<Snapshot>(std::move(*snapshot));
  response.set_chunked_content_provider("application/x-ndjson",
                                        [shared](std::size_t, httplib::DataSink& sink) {
                                          std::string page;
                                          // Without an end of the chunks the reader sees that the
                                          // answer was cut.
                                          if (!shared->next_page(page)) return false;
                                          if (page.empty())
                                            sink.done();
                                          else
                                            return sink.write(page.data(), page.size());
                                          return true;
                                        });
}

void set_limits(Listener& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(connections_max); };
  server.set_keep_alive_max_count(std::numeric_limits<std::size_t>::max());
  server.set_keep_alive_timeout(30);
  server.set_read_timeout(30);
  server.set_write_timeout(30);
  server.set_payload_max_length(body_max);
  server.set_tcp_nodelay(true);
  // Not httplib's SO_REUSEPORT, with which a second pipeline would silently share the port.
  server.set_socket_options([](int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
}

/// Any path that is not ours: the paths of vendors are a table of sdk_routes.
void set_sdk_routes(Listener& server, Backend& backend) {
  server.Post(".*", [&backend](const httplib::Request& request, httplib::Response& response,
                               const httplib::ContentReader& read) {
    post_sdk(backend, request, response, read);
  });
  server.Get(".*", [&backend](const httplib::Request& request, httplib::Response& response) {
    get_sdk(backend, request, response);
  });
  server.Options(".*", [](const httplib::Request& request, httplib::Response& response) {
    mirror_origin(request, response);
    response.status = 204;
  });
}

void set_routes(Listener& server, Backend& backend) {
  server.Post("/v1/events", [&backend](const httplib::Request& request, httplib::Response& response,
                                       const httplib::ContentReader& read) {
    post_events(backend, request, response, read);
  });
  const auto serve = [&](const char* path, Table table) {
    server.Get(path,
               [&backend, table](const httplib::Request& request, httplib::Response& response) {
                 get_table(backend, table, request, response);
               });
  };
  serve("/v1/clean_events", Table::clean_events);
  serve("/v1/daily_totals", Table::daily_totals);
  serve("/v1/raw_events", Table::raw_events);
  serve("/v1/dead_letters", Table::dead_letters);
  server.Get("/v1/stats", [&backend](const httplib::Request&, httplib::Response& response) {
    give(backend.stats(), response);
  });
  server.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
    give({200, "{\"status\":\"ok\"}\n"}, response);
  });
  set_sdk_routes(server, backend);
}

std::uint16_t local_port(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET)
    return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  return 0;
}

/// Wakes the threads that wait for another request on an idle connection: they would sit out the
/// keep-alive time. Answers at hand can still be sent. httplib selects, so sockets are below 1024.
void end_reading(std::uint16_t port) {
  for (int socket = 0; socket < FD_SETSIZE; ++socket)
    if (local_port(socket) == port) ::shutdown(socket, SHUT_RD);
}

}  // namespace

SimTime wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return SimTime{std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

struct HttpServer::State {
  Listener server;
  std::thread thread;
  std::uint16_t port = 0;
  std::atomic<bool> ended{false};  ///< The listening thread has returned.
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() { stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& host, std::uint16_t port,
                                                      Backend& backend) {
  auto state = std::make_unique<State>();
  set_limits(state->server);
  set_routes(state->server, backend);
  int bound = port;
  if (port == 0)
    bound = state->server.bind_to_any_port(host);
  else if (!state->server.bind_to_port(host, port))
    bound = -1;
  if (bound <= 0)
    return Error{Error::Kind::io, "the address cannot be listened on",
                 host + ":" + std::to_string(port)};
  state->port = static_cast<std::uint16_t>(bound);
  state->server.widen_backlog();
  state->thread = std::thread([self = state.get()] {
    self->server.listen_after_bind();
    self->ended = true;
  });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

std::uint16_t HttpServer::port() const { return state_->port; }

void HttpServer::stop() {
  if (!state_->thread.joinable()) return;
  while (!state_->server.is_running() && !state_->ended) std::this_thread::yield();
  state_->server.stop();
  end_reading(state_->port);
  state_->thread.join();
}

}  // namespace parallax::pipeline
