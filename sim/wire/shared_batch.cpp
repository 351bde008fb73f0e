// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/shared_batch.h"

#include <algorithm>
#include <cassert>

#include "sim/core/id.h"
#include "sim/core/prng.h"
#include "sim/wire/json_text.h"

namespace parallax {
namespace {

bool is_integer(JsonValue value) {
  return value.is(TokenKind::number) && value.raw().find_first_of(".eE") == std::string_view::npos;
}

/// Whether a property of this name can be meant as the field of the shared event.
bool fits(SharedKey key, JsonValue value) {
  switch (key) {
    case SharedKey::event_name:
    case SharedKey::properties:
      return false;
    case SharedKey::source:
      return value.is(TokenKind::string) && (value.text() == "client" || value.text() == "server");
    case SharedKey::client_ts:
    case SharedKey::server_ts:
      return value.is(TokenKind::string) && parse_rfc3339(value.text()).has_value();
    case SharedKey::sequence_id:
    case SharedKey::schema_version:
    case SharedKey::retry_count:
      return is_integer(value);
    case SharedKey::context:
      return value.is(TokenKind::object);
    case SharedKey::revenue:
    case SharedKey::tax:
      return true;
    default:
      return value.is(TokenKind::string);
  }
}

}  // namespace

void SharedBatch::start() {
  body_ = "{\"batch\":[";
  events_ = 0;
}

void SharedBatch::begin_event() {
  if (events_++ > 0) body_ += ',';
  body_ += '{';
  properties_.clear();
  given_.reset();
  source_ = Source::client;
}

void SharedBatch::open(SharedKey key) {
  given_.set(static_cast<std::size_t>(key));
  if (body_.back() != '{') body_ += ',';
  body_ += '"';
  body_ += name_of(key);
  body_ += "\":";
}

void SharedBatch::put_raw(SharedKey key, std::string_view value) {
  if (has(key)) return;
  open(key);
  body_ += value;
}

void SharedBatch::put_text(SharedKey key, std::string_view plain) {
  if (has(key)) return;
  if (key == SharedKey::source && plain == name_of(Source::server)) source_ = Source::server;
  open(key);
  body_ += json::quoted(plain);
}

void SharedBatch::put_text(SharedKey key, JsonValue value) {
  if (has(key)) return;
  if (key == SharedKey::source) return put_text(key, value.text());
  const bool bare = value.is(TokenKind::number) || value.is(TokenKind::boolean);
  if (!bare && !value.is(TokenKind::string)) return;
  open(key);
  if (bare) body_ += '"';
  body_ += value.raw();
  if (bare) body_ += '"';
}

void SharedBatch::put_id(JsonValue id) {
  const std::string_view text = id.text();
  const bool is_text = id.is(TokenKind::string) || id.is(TokenKind::number);
  if (!is_text || text.empty() || Uuid::parse(text)) return put_text(SharedKey::event_id, id);
  const std::uint64_t hash = hash_text(text);
  put_text(SharedKey::event_id, Uuid::from_bits(hash, mix64(hash)).text());
}

void SharedBatch::put_time(SharedKey key, SimTime at) {
  if (has(key)) return;
  open(key);
  std::array<char, rfc3339_length> text;
  write_rfc3339(at, text.data());
  body_ += '"';
  body_.append(text.data(), text.size());
  body_ += '"';
}

void SharedBatch::put_own_time(SimTime at) {
  assert(has(SharedKey::source));
  put_time(source_ == Source::server ? SharedKey::server_ts : SharedKey::client_ts, at);
}

void SharedBatch::put_property(std::string_view key, std::string_view value) {
  properties_ += ",\"";
  properties_ += key;
  properties_ += "\":";
  properties_ += value;
}

void SharedBatch::put_member(JsonValue member, std::span<const Renamed> renamed) {
  const std::string_view key = member.key();
  const auto* const known = std::find_if(renamed.data(), renamed.data() + renamed.size(),
                                         [&](const Renamed& r) { return r.theirs == key; });
  if (known != renamed.data() + renamed.size()) {
    if (known->ours) put_text(*known->ours, member);
    return;
  }
  const auto own = shared_key_of(key);
  if (!own || has(*own) || !fits(*own, member)) return put_property(key, member.raw());
  if (*own == SharedKey::source) return put_text(*own, member.text());
  put_raw(*own, member.raw());
}

void SharedBatch::put_properties(JsonValue object, std::span<const Renamed> renamed) {
  for (JsonValue member = object.is(TokenKind::object) ? object.first() : JsonValue(); member;
       member = member.next())
    put_member(member, renamed);
}

void SharedBatch::put_page(JsonValue page) {
  if (has(SharedKey::context) || !page.is(TokenKind::string)) return;
  open(SharedKey::context);
  body_ += "{\"page\":";
  body_ += page.raw();
  body_ += '}';
}

void SharedBatch::end_event() {
  open(SharedKey::properties);
  body_ += '{';
  if (!properties_.empty()) body_.append(properties_, 1);
  body_ += "}}";
}

std::string& SharedBatch::finish() {
  body_ += "]}";
  return body_;
}

}  // namespace parallax
