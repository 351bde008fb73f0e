// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/http_head.h"

#include <algorithm>
#include <charconv>

#include "sim/drive/ascii.h"
#include "sim/drive/target.h"

namespace parallax::proxy {
namespace {

/// Chunk marks and trailers longer than this are an attack.
constexpr std::size_t line_max = std::size_t{8} * 1024;

Error not_http(std::string what) { return {Error::Kind::protocol, std::move(what), {}}; }

/// The line at `at` without its end; moves `at` behind it.
std::string_view next_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Whether a list such as "keep-alive, Upgrade" holds the word.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equals_ignoring_case(trimmed(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

/// What both kinds of head say of their body and connection.
struct Common {
  std::optional<std::uint64_t> length;
  bool chunked = false;
  bool closes = false, stays = false;

  Result<void> see(std::string_view name, std::string_view value) {
    if (equals_ignoring_case(name, "content-length")) {
      std::uint64_t stated = 0;
      const char* const end = value.data() + value.size();
      const auto [stop, error] = std::from_chars(value.data(), end, stated);
      if (error != std::errc{} || stop != end) return not_http("Content-Length is no number");
      if (length && *length != stated) return not_http("Content-Length is stated twice");
      length = stated;
    } else if (equals_ignoring_case(name, "transfer-encoding")) {
      if (!equals_ignoring_case(value, "chunked"))
        return not_http("a Transfer-Encoding other than chunked");
      chunked = true;
    } else if (equals_ignoring_case(name, "connection")) {
      closes = closes || lists(value, "close");
      stays = stays || lists(value, "keep-alive");
    }
    if (length && chunked) return not_http("Content-Length beside Transfer-Encoding");
    return {};
  }
  Framing framing(Framing::Kind otherwise) const {
    if (chunked) return {Framing::Kind::chunked, 0};
    if (length) return {*length == 0 ? Framing::Kind::none : Framing::Kind::length, *length};
    return {otherwise, 0};
  }
  bool keeps_alive(std::string_view version) const {
    return !closes && (stays || version == "HTTP/1.1");
  }
};

template <class Take>
Result<void> each_field(std::string_view head, std::size_t at, Take take) {
  while (at < head.size()) {
    const std::string_view line = next_line(head, at);
    if (line.empty()) return {};
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos || line.front() == ' ' ||
        line.front() == '\t' || line[colon - 1] == ' ')
      return not_http("a header line that is none");
    const Result<void> taken = take(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    if (!taken) return taken;
  }
  return {};
}

bool is_version(std::string_view text) { return text == "HTTP/1.1" || text == "HTTP/1.0"; }

std::string_view reason_of(std::uint16_t status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

}  // namespace

std::optional<std::size_t> head_length(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  return end + 4;
}

Result<RequestHead> read_request_head(std::string_view head) {
  RequestHead out;
  std::size_t at = 0;
  const std::string_view line = next_line(head, at);
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first + 1 || !is_version(line.substr(last + 1)))
    return not_http("no request of HTTP/1.1");
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, last - first - 1);
  if (out.target.find(' ') != std::string_view::npos) return not_http("a target with a blank");
  const std::size_t mark = std::min(out.target.find('?'), out.target.size());
  out.path = out.target.substr(0, mark);
  out.query = out.target.substr(std::min(mark + 1, out.target.size()));
  Common common;
  const auto take = [&](std::string_view name, std::string_view value) -> Result<void> {
    if (equals_ignoring_case(name, "authorization")) out.authorization = value;
    if (equals_ignoring_case(name, "content-encoding")) out.content_encoding = value;
    if (equals_ignoring_case(name, sim_time_header)) out.sim_time = value;
    if (equals_ignoring_case(name, "origin")) out.origin = value;
    if (equals_ignoring_case(name, "upgrade")) out.upgrades = true;
    if (equals_ignoring_case(name, "expect") && equals_ignoring_case(value, "100-continue"))
      out.expects_continue = true;
    return common.see(name, value);
  };
  const Result<void> read = each_field(head, at, take);
  if (!read) return read.error();
  out.framing = common.framing(Framing::Kind::none);
  out.keeps_alive = common.keeps_alive(line.substr(last + 1));
  return out;
}

Result<AnswerHead> read_answer_head(std::string_view head, std::string_view method) {
  AnswerHead out;
  std::size_t at = 0;
  const std::string_view line = next_line(head, at);
  constexpr std::size_t status_at = 9;
  const char* const digits = line.data() + std::min(status_at, line.size());
  const auto [stop, error] = std::from_chars(digits, line.data() + line.size(), out.status);
  if (!is_version(line.substr(0, 8)) || error != std::errc{} || stop != digits + 3 ||
      out.status < 100)
    return not_http("no answer of HTTP/1.1");
  Common common;
  const Result<void> read = each_field(
      head, at,
      [&](std::string_view name, std::string_view value) { return common.see(name, value); });
  if (!read) return read.error();
  const bool bare = method == "HEAD" || out.status < 200 || out.status == 204 || out.status == 304;
  out.framing = bare ? Framing{} : common.framing(Framing::Kind::until_close);
  out.keeps_alive =
      common.keeps_alive(line.substr(0, 8)) && out.framing.kind != Framing::Kind::until_close;
  return out;
}

BodyScan::BodyScan(Framing framing) {
  switch (framing.kind) {
    case Framing::Kind::none:
      break;
    case Framing::Kind::length:
      state_ = State::length;
      left_ = framing.length;
      break;
    case Framing::Kind::chunked:
      state_ = State::size;
      break;
    case Framing::Kind::until_close:
      state_ = State::open;
      break;
  }
}

std::size_t BodyScan::feed(std::string_view bytes, std::string* plain) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::done && state_ != State::broken) {
    if (state_ == State::length || state_ == State::data || state_ == State::open) {
      const std::size_t room = bytes.size() - at;
      const std::size_t size = state_ == State::open
                                   ? room
                                   : static_cast<std::size_t>(std::min<std::uint64_t>(left_, room));
      if (plain != nullptr) plain->append(bytes.substr(at, size));
      at += size;
      if (state_ == State::open) continue;
      left_ -= size;
      if (left_ == 0) state_ = state_ == State::length ? State::done : State::mark;
    } else if (read_line(bytes, at)) {
      take_line();
      line_.clear();
    }
  }
  return at;
}

/// Adds to `line_` up to the line's end; true when that has come.
bool BodyScan::read_line(std::string_view bytes, std::size_t& at) {
  const std::size_t end = bytes.find('\n', at);
  const std::size_t stop = std::min(end, bytes.size());
  if (line_.size() + (stop - at) > line_max) {
    state_ = State::broken;
    return false;
  }
  line_.append(bytes.substr(at, stop - at));
  at = end == std::string_view::npos ? bytes.size() : end + 1;
  return end != std::string_view::npos;
}

void BodyScan::take_line() {
  if (line_.ends_with('\r')) line_.pop_back();
  if (state_ == State::mark) {
    state_ = line_.empty() ? State::size : State::broken;
  } else if (state_ == State::trailer) {
    if (line_.empty()) state_ = State::done;
  } else {
    const std::string_view size = trimmed(std::string_view(line_).substr(0, line_.find(';')));
    const char* const end = size.data() + size.size();
    const auto [stop, error] = std::from_chars(size.data(), end, left_, 16);
    if (error != std::errc{} || stop != end) {
      state_ = State::broken;
    } else {
      state_ = left_ == 0 ? State::trailer : State::data;
    }
  }
}

std::string with_lines(std::string_view head, std::initializer_list<std::string_view> drop,
                       std::string_view add) {
  std::string out;
  out.reserve(head.size() + add.size());
  std::size_t at = 0;
  while (at < head.size()) {
    const std::size_t from = at;
    const std::string_view line = next_line(head, at);
    if (line.empty()) break;
    const std::string_view name = line.substr(0, line.find(':'));
    const bool dropped = from > 0 && std::any_of(drop.begin(), drop.end(), [&](auto other) {
                           return equals_ignoring_case(name, other);
                         });
    if (!dropped) out.append(head.substr(from, at - from));
  }
  return out.append(add).append("\r\n");
}

std::string with_status(std::string_view head, std::uint16_t status,
                        std::initializer_list<std::string_view> drop, std::string_view add) {
  std::size_t at = 0;
  next_line(head, at);
  std::string out = "HTTP/1.1 " + std::to_string(status) + ' ' + std::string(reason_of(status));
  out.append("\r\n").append(head.substr(at));
  return with_lines(out, drop, add);
}

std::string own_answer(std::uint16_t status, std::string_view text, std::string_view lines) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + ' ' + std::string(reason_of(status));
  out.append("\r\nContent-Type: text/plain\r\nContent-Length: ")
      .append(std::to_string(text.size()));
  return out.append("\r\n").append(lines).append("\r\n").append(text);
}

}  // namespace parallax::proxy
