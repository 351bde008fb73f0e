// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/answer_scan.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "sim/drive/ascii.h"

namespace parallax {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::size_t head_max = 16'384;
constexpr std::uint64_t body_max = 1'048'576;  ///< As AnswerReader's.

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

void AnswerScan::reset() {
  status_ = 0;
  keeps_alive_ = true;
  started_ = in_body_ = reader_in_use_ = false;
  body_left_ = 0;
  head_.clear();
}

const std::string& AnswerScan::error() const {
  static const std::string none;
  return reader_in_use_ ? reader_->error() : none;
}

AnswerScan::State AnswerScan::feed(std::string_view bytes) {
  started_ |= !bytes.empty();
  if (reader_in_use_) return feed_reader(bytes);
  if (!in_body_) return feed_head(bytes);
  const std::uint64_t taken = std::min<std::uint64_t>(body_left_, bytes.size());
  body_left_ -= taken;
  if (taken < bytes.size()) keeps_alive_ = false;
  return body_left_ == 0 ? State::complete : State::more;
}

AnswerScan::State AnswerScan::feed_head(std::string_view bytes) {
  std::string_view seen = bytes;
  if (!head_.empty()) {
    head_.append(bytes);
    seen = head_;
  }
  const std::size_t end = seen.find(head_end);
  const bool plain = end != std::string_view::npos && read_head(seen.substr(0, end + 2));
  if (plain) {
    in_body_ = true;
    const std::string_view body = seen.substr(end + head_end.size());
    if (body.empty() && body_left_ == 0) return State::complete;
    return feed(body);
  }
  if (end == std::string_view::npos && seen.size() < head_max) {
    if (head_.empty()) head_ = bytes;
    return State::more;
  }
  if (!reader_) reader_ = std::make_unique<AnswerReader>();
  reader_->reset();
  reader_in_use_ = true;
  return feed_reader(seen);
}

AnswerScan::State AnswerScan::feed_reader(std::string_view bytes) {
  State state = State::more;
  while (!bytes.empty() && state == State::more) {
    const std::span<char> room = reader_->room();
    const std::size_t size = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), size);
    bytes.remove_prefix(size);
    state = reader_->commit(size);
  }
  return state;
}

AnswerScan::State AnswerScan::end() {
  if (!reader_in_use_) {  // Cut short, or nothing came: the reader has the words for it.
    if (!reader_) reader_ = std::make_unique<AnswerReader>();
    reader_->reset();
    reader_in_use_ = true;
    constexpr std::string_view body_missing = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
    const State state = feed_reader(in_body_ ? body_missing : std::string_view(head_));
    if (state != State::more) return state;
  }
  return reader_->end();
}

/// `head`: status line and header lines, each with its line end. False: not a plain answer.
bool AnswerScan::read_head(std::string_view head) {
  constexpr std::size_t status_at = 9;  // Behind "HTTP/1.1 ".
  if (!head.starts_with("HTTP/1.1 ") || head.size() < status_at + 5) return false;
  const auto status = number_of<std::uint16_t>(head.substr(status_at, 3));
  if (!status || *status < 200 || *status > 999 || *status == 204 || *status == 304) return false;
  std::optional<std::uint64_t> length;
  keeps_alive_ = true;
  std::size_t at = head.find('\n') + 1;
  while (at < head.size()) {
    const std::size_t end = head.find('\n', at);
    const std::string_view line = head.substr(at, end - at - 1);
    at = end + 1;
    if (line.empty()) return false;
    const char first = static_cast<char>(line.front() | 0x20);
    if (first != 'c' && first != 't') continue;  // No other header matters.
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view name = line.substr(0, colon);
    if (equals_ignoring_case(name, "Content-Length")) {
      if (length) return false;
      length = number_of<std::uint64_t>(trimmed(line.substr(colon + 1)));
      if (!length || *length > body_max) return false;
    } else if (equals_ignoring_case(name, "Connection")) {
      const std::string_view value = trimmed(line.substr(colon + 1));
      if (!equals_ignoring_case(value, "keep-alive")) keeps_alive_ = false;
    } else if (equals_ignoring_case(name, "Transfer-Encoding")) {
      return false;
    }
  }
  if (!length) return false;
  status_ = *status;
  body_left_ = *length;
  return true;
}

}  // namespace parallax
