// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/load_connection.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <system_error>
#include <utility>

namespace parallax {
namespace {

std::string message_of(int code) {
  if (code == ECONNREFUSED) return "connection refused";
  return std::generic_category().message(code);
}

}  // namespace

void LoadConnection::FreeTls::operator()(ssl_st* stream) const { SSL_free(stream); }

LoadConnection::LoadConnection(LoadConnection&& other) noexcept
    : endpoint_(other.endpoint_),
      handle_(std::exchange(other.handle_, -1)),
      state_(std::exchange(other.state_, State::closed)),
      strike_(other.strike_),
      cutting_(other.cutting_),
      receipt_(other.receipt_),
      head_(other.head_),
      body_(other.body_),
      bytes_in_(other.bytes_in_),
      tls_(std::move(other.tls_)),
      joined_(std::move(other.joined_)),
      answer_(std::move(other.answer_)),
      error_(std::move(other.error_)) {}

LoadConnection::~LoadConnection() { close(); }

void LoadConnection::close() {
  if (handle_ >= 0) {
    const linger at_once{1, 0};
    ::setsockopt(handle_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(handle_);
  }
  tls_.reset();
  handle_ = -1;
  state_ = State::closed;
  cutting_ = false;
}

LoadConnection::Event LoadConnection::fail(Receipt receipt, std::string error) {
  close();
  receipt_ = receipt;
  error_ = std::move(error);
  return Event::failed;
}

LoadConnection::Event LoadConnection::open(int poll, std::uint64_t key) {
  assert(state_ == State::closed);
  const auto cannot = [&](int code) {
    return fail(Receipt::rejected, "cannot connect: " + message_of(code));
  };
  const int family = endpoint_->address_.ss_family;
  handle_ = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle_ < 0) return cannot(errno);
  const int on = 1;
  ::setsockopt(handle_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  state_ = State::connecting;
  const auto* const address = reinterpret_cast<const sockaddr*>(&endpoint_->address_);
  if (::connect(handle_, address, endpoint_->address_size_) != 0 && errno != EINPROGRESS)
    return cannot(errno);
  epoll_event wish{};
  wish.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  wish.data.u64 = key;
  if (::epoll_ctl(poll, EPOLL_CTL_ADD, handle_, &wish) != 0) return cannot(errno);
  return Event::none;
}

LoadConnection::Event LoadConnection::connected() {
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(handle_, SOL_SOCKET, SO_ERROR, &code, &size);
  if (code != 0) return fail(Receipt::rejected, message_of(code));
  sockaddr_storage other{};
  socklen_t other_size = sizeof other;
  if (::getpeername(handle_, reinterpret_cast<sockaddr*>(&other), &other_size) != 0)
    return Event::none;  // Woken early.
  if (!endpoint_->tls_) {
    state_ = State::idle;
    return Event::opened;
  }
  tls_.reset(SSL_new(endpoint_->tls_.get()));
  const std::string& host = endpoint_->url_.host;
  if (!tls_ || SSL_set_fd(tls_.get(), handle_) != 1)
    return fail(Receipt::rejected, "tls cannot be set up");
  // A name is what the server is asked for and must prove; an address it can only prove.
  const bool address = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), host.c_str()) == 1;
  if (!address && (SSL_set1_host(tls_.get(), host.c_str()) != 1 ||
                   SSL_set_tlsext_host_name(tls_.get(), host.c_str()) != 1))
    return fail(Receipt::rejected, "tls cannot be set up");
  SSL_set_mode(tls_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_connect_state(tls_.get());
  state_ = State::shaking_hands;
  return shake_hands();
}

std::ptrdiff_t LoadConnection::tls_outcome(int returned) {
  if (returned > 0) return returned;
  switch (SSL_get_error(tls_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return again;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      return broken;
  }
}

LoadConnection::Event LoadConnection::shake_hands() {
  ERR_clear_error();
  const std::ptrdiff_t outcome = tls_outcome(SSL_do_handshake(tls_.get()));
  if (outcome == again) return Event::none;
  if (outcome <= 0) {
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    return fail(Receipt::rejected,
                std::string("tls handshake failed: ") + (reason != nullptr ? reason : "cut"));
  }
  state_ = State::idle;
  return Event::opened;
}

LoadConnection::Event LoadConnection::send(std::string_view head, std::string_view body,
                                           Strike strike) {
  assert(state_ == State::idle);
  state_ = State::busy;
  strike_ = strike;
  answer_.reset();
  bytes_in_ = 0;
  head_ = head;
  body_ = strike == Strike::during_body ? body.substr(0, body.size() / 2) : body;
  if (tls_) {
    joined_.assign(head_).append(body_);
    head_ = joined_;
    body_ = {};
  }
  return write_rest();
}

std::ptrdiff_t LoadConnection::write_some() {
  if (tls_) {
    ERR_clear_error();
    return tls_outcome(SSL_write(tls_.get(), head_.data(), static_cast<int>(head_.size())));
  }
  std::array<iovec, 2> parts{{{const_cast<char*>(head_.data()), head_.size()},
                              {const_cast<char*>(body_.data()), body_.size()}}};
  msghdr message{};
  message.msg_iov = parts.data() + (head_.empty() ? 1 : 0);
  message.msg_iovlen = head_.empty() ? 1 : 2;
  const ssize_t sent = ::sendmsg(handle_, &message, MSG_NOSIGNAL);
  if (sent >= 0) return sent;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? again : broken;
}

LoadConnection::Event LoadConnection::write_rest() {
  while (!head_.empty() || !body_.empty()) {
    const std::ptrdiff_t moved = write_some();
    if (moved == again) return Event::none;
    // A failed write ends nothing: an answer (413) may have come before the other side closed, and
    // if none has, the read fails too.
    if (moved <= 0) {
      head_ = body_ = {};
      break;
    }
    const auto from_head = std::min(static_cast<std::size_t>(moved), head_.size());
    head_.remove_prefix(from_head);
    body_.remove_prefix(static_cast<std::size_t>(moved) - from_head);
  }
  if (strike_ != Strike::during_body) return Event::none;
  cutting_ = true;
  return cut_when_drained();
}

/// A reset throws away what the kernel has not sent yet, which must not be part of the half.
LoadConnection::Event LoadConnection::cut_when_drained() {
  int unsent = 0;
  if (::ioctl(handle_, SIOCOUTQNSD, &unsent) == 0 && unsent > 0) return Event::none;
  return fail(Receipt::unknown, "connection cut in the middle of the body (fault)");
}

std::ptrdiff_t LoadConnection::read_some(std::span<char> room) {
  if (tls_) {
    ERR_clear_error();
    return tls_outcome(SSL_read(tls_.get(), room.data(), static_cast<int>(room.size())));
  }
  const ssize_t got = ::recv(handle_, room.data(), room.size(), 0);
  if (got >= 0) return got;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? again : broken;
}

LoadConnection::Event LoadConnection::read_answer(std::span<char> room) {
  using Scan = AnswerScan::State;
  while (true) {
    const std::ptrdiff_t got = read_some(room);
    if (got == again) return Event::none;
    if (got == broken) return fail(Receipt::unknown, "connection broken");
    if (strike_ == Strike::after_commit && got > 0)
      return fail(Receipt::unknown, "connection cut before the answer was read (fault)");
    bytes_in_ += static_cast<std::uint64_t>(got);
    const Scan state =
        got == 0 ? answer_.end() : answer_.feed({room.data(), static_cast<std::size_t>(got)});
    if (state == Scan::more) continue;
    if (state == Scan::broken) return fail(Receipt::unknown, answer_.error());
    receipt_ = receipt_of_status(answer_.status());
    const bool whole = head_.empty() && body_.empty();
    if (got > 0 && whole && answer_.keeps_alive()) {
      state_ = State::idle;
    } else {
      close();
    }
    return Event::answered;
  }
}

LoadConnection::Event LoadConnection::look_at_idle(std::span<char> room) {
  if (read_some(room) == again) return Event::none;  // TLS tickets come so.
  close();
  return Event::lost;
}

LoadConnection::Event LoadConnection::on_ready(std::span<char> room) {
  switch (state_) {
    case State::closed:
      return Event::none;
    case State::connecting:
      return connected();
    case State::shaking_hands:
      return shake_hands();
    case State::idle:
      return look_at_idle(room);
    case State::busy:
      break;
  }
  if (cutting_) return cut_when_drained();
  if (!head_.empty() || !body_.empty()) {
    const Event event = write_rest();
    if (event != Event::none || cutting_) return event;
  }
  return read_answer(room);
}

LoadConnection::Event LoadConnection::expire(Micros limit) {
  const bool left = state_ == State::busy;
  return fail(
      left ? Receipt::unknown : Receipt::rejected,
      (left ? "no complete answer within " : "no connection within ") + format_duration(limit));
}

}  // namespace parallax
