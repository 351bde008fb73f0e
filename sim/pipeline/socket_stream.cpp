// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/socket_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace parallax::pipeline {
namespace {

constexpr std::size_t in_room = 64U << 10;
constexpr std::size_t out_max = 64U << 10;

}  // namespace

SocketStream::SocketStream(int socket) : socket_(socket), in_(in_room) {}

bool SocketStream::wait() {
  if (in_begin_ < in_end_) return true;
  if (!flush()) return false;
  ssize_t got = 0;
  do {
    got = ::recv(socket_, in_.data(), in_.size(), 0);
  } while (got < 0 && errno == EINTR);
  in_begin_ = 0;
  in_end_ = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  return got > 0;
}

bool SocketStream::flush() {
  std::string_view rest = out_;
  while (!rest.empty() && !broken_) {
    const ssize_t sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
    broken_ = sent <= 0 && errno != EINTR;
  }
  out_.clear();
  return !broken_;
}

bool SocketStream::is_readable() const {
  if (in_begin_ < in_end_) return true;
  pollfd asked{socket_, POLLIN, 0};
  return ::poll(&asked, 1, 0) > 0;
}

ssize_t SocketStream::read(char* to, std::size_t size) {
  if (!wait()) return -1;
  const std::size_t count = std::min(size, in_end_ - in_begin_);
  std::memcpy(to, in_.data() + in_begin_, count);
  in_begin_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t SocketStream::write(const char* from, std::size_t size) {
  out_.append(from, size);
  if (out_.size() >= out_max && !flush()) return -1;
  return broken_ ? -1 : static_cast<ssize_t>(size);
}

}  // namespace parallax::pipeline
