// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/record.h"

#include <cstring>

namespace parallax::pipeline {
namespace {

constexpr char event_entry = 0;
constexpr char dead_entry = 1;
constexpr std::size_t header_length = sizeof(std::int64_t) + sizeof(std::uint32_t);

void put_number(std::uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out += static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

/// Line breaks between tokens would break NDJSON; inside strings JSON always escapes them.
void put_one_line(std::string_view text, std::string& out) {
  put_number(text.size(), out);
  const std::size_t start = out.size();
  out += text;
  for (std::size_t i = start; i < out.size(); ++i)
    if (out[i] == '\n' || out[i] == '\r') out[i] = ' ';
}

void put_text(std::string_view text, std::string& out) {
  put_number(text.size(), out);
  out += text;
}

void put_token(const Token& token, std::string& out) {
  out += static_cast<char>(token.kind);
  if (token.missing()) return;
  if (token.kind == TokenKind::object || token.kind == TokenKind::array)
    put_one_line(token.text, out);
  else
    put_text(token.text, out);
}

}  // namespace

RecordWriter::RecordWriter(SimTime arrival, std::string& out) : out_(out) {
  out_.assign(header_length, '\0');
  std::memcpy(out_.data(), &arrival.since_epoch, sizeof(std::int64_t));
}

void RecordWriter::count_entry() {
  ++entries_;
  std::memcpy(out_.data() + sizeof(std::int64_t), &entries_, sizeof entries_);
}

void RecordWriter::add(const SharedEvent& event) {
  out_ += event_entry;
  for (const Token& token : event.tokens) put_token(token, out_);
  count_entry();
}

void RecordWriter::add_dead(const SharedEvent& event, std::string_view reason) {
  out_ += dead_entry;
  put_text(reason, out_);
  for (const SharedKey key : {SharedKey::run_id, SharedKey::event_name, SharedKey::source})
    put_token(event.is_object ? event.at(key) : Token{}, out_);
  put_one_line(event.raw, out_);
  count_entry();
}

RecordReader::RecordReader(std::string_view payload) : rest_(payload) {
  damaged_ = payload.size() < header_length;
  if (damaged_) return;
  std::memcpy(&arrival.since_epoch, payload.data(), sizeof(std::int64_t));
  std::memcpy(&left_, payload.data() + sizeof(std::int64_t), sizeof left_);
  rest_.remove_prefix(header_length);
}

std::uint64_t RecordReader::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  damaged_ = true;
  return 0;
}

std::string_view RecordReader::text() {
  const std::uint64_t length = number();
  if (length > rest_.size()) {
    damaged_ = true;
    return {};
  }
  const std::string_view found = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return found;
}

Token RecordReader::token() {
  if (rest_.empty() || rest_.front() > static_cast<char>(TokenKind::array)) {
    damaged_ = true;
    return {};
  }
  Token found{static_cast<TokenKind>(rest_.front()), {}};
  rest_.remove_prefix(1);
  if (!found.missing()) found.text = text();
  return found;
}

RecordReader::Entry RecordReader::next() {
  if (damaged_) return Entry::damaged;
  if (left_ == 0) return rest_.empty() ? Entry::end : Entry::damaged;
  --left_;
  if (rest_.empty()) return Entry::damaged;
  const char kind = rest_.front();
  rest_.remove_prefix(1);
  if (kind == event_entry) {
    for (Token& each : tokens) each = token();
    return damaged_ ? Entry::damaged : Entry::event;
  }
  dead.reason = text();
  for (Token* each : {&dead.run_id, &dead.event_name, &dead.source}) *each = token();
  dead.event = text();
  return damaged_ || kind != dead_entry ? Entry::damaged : Entry::dead_letter;
}

}  // namespace parallax::pipeline
