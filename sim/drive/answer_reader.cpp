// SPDX-License-Identifier: Apache-2.0

// Beast 1.81 asserts that the end of a chunked body arrives in one piece; a target whose bytes
// trickle would end this program. Without its asserts the same code waits for the rest.
#define BOOST_DISABLE_ASSERTS

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cassert>
#include <charconv>
#include <cstring>
#include <optional>
#include <vector>

#include "sim/drive/http_message.h"

namespace parallax {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::uint32_t head_max = 16'384;
constexpr std::uint64_t body_max = AnswerReader::body_max;
/// All bytes of an answer: interim answers and the framing of chunks end somewhere too.
constexpr std::uint64_t answer_max = 2 * body_max;
constexpr std::size_t buffer_size = 32'768;

/// "120" as a delay. A date would be of the wall clock, which means nothing to simulated senders.
Micros delay_of(std::string_view text) {
  std::uint32_t seconds = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = failed == std::errc() && rest == text.data() + text.size();
  return whole ? std::min<Micros>(day, seconds * second) : 0;
}

/// Keeps the status, Retry-After and the start of the body; no other header interests anybody.
class StatusParser final : public http::basic_parser<false> {
 public:
  StatusParser(std::string& kept, std::size_t kept_max) : kept_(kept), kept_max_(kept_max) {
    eager(true);
    header_limit(head_max);
    body_limit(body_max);
  }
  std::uint16_t status = 0;
  Micros retry_after = 0;

 private:
  void keep(string_view part) {
    kept_.append(part.data(), std::min(part.size(), kept_max_ - kept_.size()));
  }

  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code& failed) override {
    if (code < 100) failed = http::error::bad_status;  // "003" is three digits too
    status = static_cast<std::uint16_t>(code);
  }
  void on_field_impl(http::field name, string_view, string_view value, error_code&) override {
    if (name == http::field::retry_after) retry_after = delay_of({value.data(), value.size()});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view part, error_code&) override {
    keep(part);
    return part.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view part, error_code&) override {
    keep(part);
    return part.size();
  }
  void on_finish_impl(error_code&) override {}

  std::string& kept_;
  std::size_t kept_max_;
};

}  // namespace

struct AnswerReader::Parser {
  std::size_t body_kept = 0;
  std::vector<char> buffer = std::vector<char>(buffer_size);
  std::size_t begin = 0;  ///< Bytes begin..end are read but not parsed.
  std::size_t end = 0;
  std::uint64_t total = 0;  ///< Bytes read since `reset`.
  std::string kept;
  std::string error;
  std::optional<StatusParser> http;

  void restart() {
    kept.clear();
    http.emplace(kept, body_kept);
  }
  State broken(const error_code& why) {
    error = "the answer is not usable: " + why.message();
    return State::broken;
  }
  State parse();
};

AnswerReader::State AnswerReader::Parser::parse() {
  while (begin < end) {
    error_code failed;
    begin += http->put(boost::asio::buffer(buffer.data() + begin, end - begin), failed);
    if (failed && failed != http::error::need_more) return broken(failed);
    if (http->is_done()) {
      if (http->status >= 200) return State::complete;
      restart();  // an interim answer: the final one follows
    } else if (failed) {
      break;
    }
  }
  if (end - begin == buffer_size) return broken(http::error::header_limit);
  return State::more;
}

AnswerReader::AnswerReader(std::size_t body_kept) : parser_(std::make_unique<Parser>()) {
  parser_->body_kept = body_kept;
  reset();
}
AnswerReader::~AnswerReader() = default;

void AnswerReader::reset() {
  parser_->begin = parser_->end = 0;
  parser_->total = 0;
  parser_->error.clear();
  parser_->restart();
}

std::span<char> AnswerReader::room() {
  Parser& p = *parser_;
  std::memmove(p.buffer.data(), p.buffer.data() + p.begin, p.end - p.begin);
  p.end -= p.begin;
  p.begin = 0;
  return std::span(p.buffer).subspan(p.end);
}

AnswerReader::State AnswerReader::commit(std::size_t bytes) {
  parser_->end += bytes;
  parser_->total += bytes;
  assert(parser_->end <= parser_->buffer.size());
  if (parser_->total > answer_max) return parser_->broken(http::error::body_limit);
  return parser_->parse();
}

AnswerReader::State AnswerReader::end() {
  if (!parser_->http->got_some() && parser_->begin == parser_->end) {
    parser_->error = "the connection was closed without an answer";
    return State::broken;
  }
  error_code failed;
  parser_->http->put_eof(failed);
  if (failed) return parser_->broken(failed);
  return parser_->http->is_done() ? State::complete : parser_->broken(http::error::partial_message);
}

std::uint16_t AnswerReader::status() const { return parser_->http->status; }
Micros AnswerReader::retry_after() const { return parser_->http->retry_after; }
const std::string& AnswerReader::body() const { return parser_->kept; }
const std::string& AnswerReader::error() const { return parser_->error; }
bool AnswerReader::keeps_alive() const {
  return parser_->http->keep_alive() && parser_->begin == parser_->end;
}

}  // namespace parallax
