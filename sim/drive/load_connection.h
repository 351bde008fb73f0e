// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/drive/answer_scan.h"
#include "sim/drive/url.h"

struct ssl_st;
struct ssl_ctx_st;

namespace parallax {

/// Where a load goes: resolved once, shared by all connections of a load, which it outlives.
class LoadEndpoint {
 public:
  /// Resolves the host and connects once, bounded by `timeout`. Errors: invalid_input for a URL
  /// that is none; io where no address answers ("connection refused") or no TLS can be set up.
  static Result<LoadEndpoint> reach(const std::string& url, Micros timeout);
  LoadEndpoint(LoadEndpoint&&) noexcept;
  LoadEndpoint& operator=(LoadEndpoint&&) noexcept;
  ~LoadEndpoint();

  const Url& url() const { return url_; }

 private:
  friend class LoadConnection;
  LoadEndpoint() = default;
  Result<void> use_tls();

  struct FreeTls {
    void operator()(ssl_ctx_st* context) const;
  };
  Url url_;
  sockaddr_storage address_{};
  socklen_t address_size_ = 0;
  std::unique_ptr<ssl_ctx_st, FreeTls> tls_;
};

/// One keep-alive connection of a load, one request on it at a time: a state machine over a
/// non-blocking socket that the engine watches edge-triggered. Never sends anything twice.
/// Strikes are real, as in http_connection.h.
class LoadConnection {
 public:
  /// What a call has led to.
  enum class Event : std::uint8_t {
    none,
    opened,    ///< The next request can be sent.
    answered,  ///< `status()` holds; when `is_open()`, the next request can be sent.
    failed,    ///< The request, or the attempt to connect: `receipt()` and `error()` hold. Closed.
    lost,      ///< The other side closed it between two requests. Closed.
  };

  explicit LoadConnection(const LoadEndpoint& endpoint) : endpoint_(&endpoint) {}
  LoadConnection(LoadConnection&&) noexcept;
  ~LoadConnection();

  /// Begins to connect and puts the socket into `poll` (an epoll handle) under `key`. The outcome
  /// comes from `on_ready`; `failed` where it is known at once. Precondition: closed.
  Event open(int poll, std::uint64_t key);
  /// Sends a request, or as much as the socket takes at once; the rest leaves in `on_ready`. Both
  /// texts must live until its outcome. Precondition: `is_idle()`; strike none, during_body or
  /// after_commit.
  Event send(std::string_view head, std::string_view body, Strike strike);
  /// The socket has something to say. `room` is scratch for reading. May be called without cause.
  Event on_ready(std::span<char> room);
  /// Ends the request in flight, or the attempt to connect, as timed out after `limit`.
  Event expire(Micros limit);
  /// Resets the connection: the other side learns that this one is gone.
  void close();

  bool is_open() const { return state_ != State::closed; }
  bool is_idle() const { return state_ == State::idle; }
  bool is_busy() const { return state_ == State::busy; }
  bool is_connecting() const {
    return state_ == State::connecting || state_ == State::shaking_hands;
  }
  /// A struck body has to leave the machine before the connection is cut: call `on_ready` again.
  bool is_cutting() const { return state_ == State::busy && cutting_; }

  std::uint16_t status() const { return answer_.status(); }
  Receipt receipt() const { return receipt_; }
  const std::string& error() const { return error_; }
  /// Bytes of the answers to the request sent last.
  std::uint64_t bytes_in() const { return bytes_in_; }

 private:
  enum class State : std::uint8_t { closed, connecting, shaking_hands, idle, busy };
  /// Outcome of one system call or TLS call: bytes moved, or one of the two below.
  static constexpr std::ptrdiff_t again = -1, broken = -2;

  Event connected();
  Event shake_hands();
  Event write_rest();
  Event read_answer(std::span<char> room);
  Event cut_when_drained();
  Event look_at_idle(std::span<char> room);
  Event fail(Receipt receipt, std::string error);
  std::ptrdiff_t write_some();
  std::ptrdiff_t read_some(std::span<char> room);
  std::ptrdiff_t tls_outcome(int returned);

  struct FreeTls {
    void operator()(ssl_st* stream) const;
  };
  const LoadEndpoint* endpoint_;
  int handle_ = -1;
  State state_ = State::closed;
  Strike strike_ = Strike::none;
  bool cutting_ = false;
  Receipt receipt_ = Receipt::unknown;
  std::string_view head_, body_;  ///< What has not left yet.
  std::uint64_t bytes_in_ = 0;
  std::unique_ptr<ssl_st, FreeTls> tls_;
  std::string joined_;  ///< TLS: head and body in one piece, so that they share records.
  AnswerScan answer_;
  std::string error_;
};

}  // namespace parallax
