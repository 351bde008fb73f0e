// SPDX-License-Identifier: Apache-2.0
// Answers 200 with an empty JSON object to every request and keeps nothing: what a load generator
// can do shows only against a server that does next to nothing.
//
//   sink_server PORT [--threads N] [--stop MILLISECONDS --every MILLISECONDS]
//
// With --stop, each thread stands still for so long, once in every so long: latencies that a load
// generator reports have to show it. One epoll loop a thread; the kernel deals out connections.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int port = 0;
  int threads = 1;
  int stop_ms = 0, every_ms = 0;
};

/// What is left to read of the request on a connection.
struct Request {
  std::size_t body_left = 0;
  std::string head;  ///< Of a head that came in pieces.
};

/// HTTP/1.0 clients, ab for one, keep a connection only when they are told so.
constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
    "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

std::size_t length_in(std::string_view head) {
  // Without the first letters: clients write them in either case.
  constexpr std::string_view name = "ength: ";
  const std::size_t at = head.find(name);
  std::size_t length = 0;
  if (at != std::string_view::npos)
    std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  return length;
}

/// Takes in bytes; how many requests they complete.
int take(Request& request, std::string_view bytes) {
  int complete = 0;
  while (!bytes.empty()) {
    if (request.body_left > 0) {
      const std::size_t taken = std::min(request.body_left, bytes.size());
      request.body_left -= taken;
      bytes.remove_prefix(taken);
      complete += request.body_left == 0 ? 1 : 0;
      continue;
    }
    const std::size_t held = request.head.size();
    request.head.append(bytes);
    const std::size_t end = request.head.find("\r\n\r\n");
    if (end == std::string::npos) return complete;
    bytes.remove_prefix(end + 4 - held);
    request.body_left = length_in(std::string_view(request.head).substr(0, end + 2));
    complete += request.body_left == 0 ? 1 : 0;
    request.head.clear();
  }
  return complete;
}

int listen_on(int port) {
  const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(handle, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(handle, 4096) != 0) {
    std::perror("sink_server");
    std::_Exit(1);
  }
  return handle;
}

void watch(int poll, int handle) {
  epoll_event wish{};
  wish.events = EPOLLIN;
  wish.data.fd = handle;
  ::epoll_ctl(poll, EPOLL_CTL_ADD, handle, &wish);
}

class Loop {
 public:
  explicit Loop(const Options& options)
      : options_(options), poll_(::epoll_create1(0)), listener_(listen_on(options.port)) {
    watch(poll_, listener_);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    Clock::time_point stops = Clock::now() + std::chrono::milliseconds(options_.every_ms);
    while (true) {
      const int count = ::epoll_wait(poll_, events.data(), events.size(), 100);
      if (options_.stop_ms > 0 && Clock::now() >= stops) {
        ::poll(nullptr, 0, options_.stop_ms);
        stops += std::chrono::milliseconds(options_.every_ms);
      }
      for (int i = 0; i < count; ++i) {
        const int handle = events[static_cast<std::size_t>(i)].data.fd;
        handle == listener_ ? accept_all() : serve(handle);
      }
    }
  }

 private:
  void accept_all() {
    while (true) {
      const int handle = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (handle < 0) return;
      const int on = 1;
      ::setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (requests_.size() <= static_cast<std::size_t>(handle))
        requests_.resize(static_cast<std::size_t>(handle) + 1);
      requests_[static_cast<std::size_t>(handle)] = {};
      watch(poll_, handle);
    }
  }

  void serve(int handle) {
    const ssize_t got = ::recv(handle, room_.data(), room_.size(), 0);
    if (got <= 0) {
      ::close(handle);
      return;
    }
    Request& request = requests_[static_cast<std::size_t>(handle)];
    int complete = take(request, {room_.data(), static_cast<std::size_t>(got)});
    for (; complete > 0; --complete) {
      if (::send(handle, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
    }
  }

  Options options_;
  int poll_, listener_;
  std::vector<Request> requests_;  ///< By handle.
  std::array<char, 262'144> room_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (argc > 1) options.port = std::atoi(argv[1]);
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const int value = std::atoi(argv[i + 1]);
    if (name == "--threads") options.threads = value;
    if (name == "--stop") options.stop_ms = value;
    if (name == "--every") options.every_ms = value;
  }
  if (options.port == 0 || (options.stop_ms > 0 && options.every_ms == 0)) {
    std::fputs("sink_server PORT [--threads N] [--stop MS --every MS]\n", stderr);
    return 4;
  }
  std::vector<std::thread> threads;
  for (int i = 1; i < options.threads; ++i)
    threads.emplace_back([&options] { std::make_unique<Loop>(options)->run(); });
  std::make_unique<Loop>(options)->run();
}
