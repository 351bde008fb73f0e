// SPDX-License-Identifier: Apache-2.0
#include "tests/drive/raw_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace parallax::drive_tests {
namespace {

int listen_on_loopback(std::uint16_t& port) {
  const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(handle, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
  if (::getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size) != 0) std::abort();
  port = ntohs(address.sin_port);
  return handle;
}

std::size_t content_length(const std::string& head) {
  constexpr std::string_view key = "Content-Length: ";
  const std::size_t at = head.find(key);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + key.size()));
}

}  // namespace

bool Peer::read_more() {
  std::array<char, 65'536> buffer;
  if (handle_ < 0) return false;
  const auto got = ::recv(handle_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
  heard_(bytes);
  unread_ += bytes;
  return true;
}

bool Peer::read_request() {
  constexpr std::string_view blank = "\r\n\r\n";
  while (unread_.find(blank) == std::string::npos) {
    if (!read_more()) return false;
  }
  const std::size_t size = unread_.find(blank) + blank.size();
  head_ = unread_.substr(0, size);
  const std::size_t length = content_length(head_);
  while (unread_.size() < size + length) {
    if (!read_more()) return false;
  }
  body_ = unread_.substr(size, length);
  unread_.erase(0, size + length);
  heard_({});
  return true;
}

void Peer::read_to_end() {
  while (read_more()) unread_.clear();
}

bool Peer::send(std::string_view text) {
  while (!text.empty() && handle_ >= 0) {
    const auto sent = ::send(handle_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return handle_ >= 0;
}

void Peer::close() {
  // The handle stays reserved until the script has ended, so that no other connection gets it.
  if (handle_ >= 0) ::shutdown(handle_, SHUT_RDWR);
  handle_ = -1;
}

void Peer::reset() {
  const linger at_once{1, 0};
  if (handle_ < 0) return;
  ::setsockopt(handle_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  handle_ = -1;  // the server closes it after the script
}

RawServer::RawServer(Script script) : script_(std::move(script)) {
  listener_ = listen_on_loopback(port_);
  if (::listen(listener_, 128) != 0) std::abort();
  acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  for (Entry& entry : entries_) {
    {
      const std::lock_guard lock(mutex_);
      if (entry.handle >= 0) ::shutdown(entry.handle, SHUT_RDWR);
    }
    entry.thread.join();
  }
}

void RawServer::accept_all() {
  while (true) {
    const int handle = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (handle < 0) return;
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_.emplace_back();
    entry.handle = handle;
    entry.thread = std::thread([this, &entry] { serve(entry); });
  }
}

void RawServer::serve(Entry& entry) {
  Peer peer(entry.handle, [&](std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    entry.heard.bytes += bytes;
    if (bytes.empty()) ++entry.heard.requests;
  });
  script_(peer);
  const std::lock_guard lock(mutex_);
  ::close(entry.handle);
  entry.handle = -1;
  ++ended_;
  changed_.notify_all();
}

std::string RawServer::url(std::string_view target) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
}

std::vector<Heard> RawServer::heard(std::size_t ended) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(10), [&] { return ended_ >= ended; });
  std::vector<Heard> all;
  for (const Entry& entry : entries_) all.push_back(entry.heard);
  return all;
}

std::size_t RawServer::requests() {
  std::size_t sum = 0;
  for (const Heard& connection : heard()) sum += connection.requests;
  return sum;
}

std::string answer(int status, std::string_view body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Word\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string ok_answer(std::string_view body) { return answer(200, body); }

RawServer::Script always(std::string text) {
  return [text = std::move(text)](Peer& peer) {
    while (peer.read_request()) peer.send(text);
  };
}

std::string refusing_url() {
  std::uint16_t port = 0;
  const int bound_but_deaf = listen_on_loopback(port);
  ::close(bound_but_deaf);
  return "http://127.0.0.1:" + std::to_string(port) + "/";
}

}  // namespace parallax::drive_tests
