// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace parallax::drive_tests {

/// What a raw server saw on one connection, byte for byte.
struct Heard {
  std::string bytes;
  std::size_t requests = 0;  ///< Complete ones.
};

/// The server's end of one connection. Used by the script's thread only.
class Peer {
 public:
  Peer(int handle, std::function<void(std::string_view)> heard)
      : handle_(handle), heard_(std::move(heard)) {}
  /// Waits for a whole request (head and Content-Length bytes); false when the other side is gone.
  bool read_request();
  void read_to_end();                ///< Until the other side closes or resets.
  bool send(std::string_view text);  ///< False when the other side is gone.
  void close();
  void reset();  ///< Closes with a TCP reset.
  const std::string& head() const { return head_; }
  const std::string& body() const { return body_; }

 private:
  bool read_more();
  int handle_;
  std::function<void(std::string_view)> heard_;
  std::string unread_, head_, body_;
};

/// A server on a free loopback port that does to each connection what a script says, one thread
/// each. Ends all connections when destroyed.
class RawServer {
 public:
  using Script = std::function<void(Peer&)>;
  explicit RawServer(Script script);
  ~RawServer();

  std::string url(std::string_view target = "/v1/events") const;
  /// What each connection has said, in the order of arrival, once so many of them have ended.
  /// Bounded: gives up after 10 s and returns what there is.
  std::vector<Heard> heard(std::size_t ended = 0);
  std::size_t requests();  ///< Complete ones, over all connections.

 private:
  struct Entry {
    Heard heard;
    int handle = -1;
    std::thread thread;
  };
  void accept_all();
  void serve(Entry& entry);

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Entry> entries_;
  std::size_t ended_ = 0;
  std::thread acceptor_;
};

/// "HTTP/1.1 200 OK" with this body.
std::string ok_answer(std::string_view body = "{}");
std::string answer(int status, std::string_view body = "");

/// Answers everything with `text`, as long as the other side stays.
RawServer::Script always(std::string text);

/// A URL on loopback where nobody listens.
std::string refusing_url();

}  // namespace parallax::drive_tests
