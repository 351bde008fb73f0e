// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/record.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

#include "sim/core/prng.h"
#include "sim/pipeline/ndjson.h"

namespace parallax::pipeline {
namespace {

constexpr std::array<SharedKey, text_key_count> shared_keys{
    SharedKey::event_name,      SharedKey::event_id,   SharedKey::user_id,
    SharedKey::device_id,       SharedKey::session_id, SharedKey::consent_state,
    SharedKey::delivery_status, SharedKey::run_id,     SharedKey::currency,
    SharedKey::context,         SharedKey::revenue,    SharedKey::tax,
    SharedKey::properties};

constexpr std::size_t slot(TextKey key) { return static_cast<std::size_t>(key); }

/// Where consecutive events of a batch often agree.
constexpr bool often_repeats(TextKey key) { return key <= TextKey::context; }

std::int64_t number_of(const Token& token) {
  std::int64_t value = 0;
  const char* end = token.text.data() + token.text.size();
  if (token.missing() || std::from_chars(token.text.data(), end, value).ptr != end)
    return StoredEvent::no_number;
  return value;
}

std::int64_t time_of(const Token& token) {
  if (token.missing()) return no_time.since_epoch;
  return parse_rfc3339(token.text).value_or(no_time).since_epoch;
}

std::string_view text_of(const SharedEvent& event, SharedKey key) { return event.at(key).text; }

/// Whether a UUID is written as we write it: with dashes, in small letters.
bool is_written_form(std::string_view uuid) {
  return uuid.size() == 36 &&
         std::none_of(uuid.begin(), uuid.end(), [](char c) { return c >= 'A' && c <= 'F'; });
}

}  // namespace

std::uint64_t place_of(std::uint64_t run, std::string_view user_id, std::string_view event_name,
                       std::string_view session_id, std::int64_t sequence_id) {
  std::uint64_t hash = mix64(run ^ hash_text(user_id));
  hash = mix64(hash ^ hash_text(event_name));
  hash = mix64(hash ^ hash_text(session_id));
  hash = mix64(hash ^ static_cast<std::uint64_t>(sequence_id));
  return hash != 0 ? hash : 1;
}

// ---- RecordWriter

void RecordWriter::start(SimTime arrival) {
  head_ = {.arrival = arrival.since_epoch};
  events_.clear();
  dead_.clear();
  texts_.clear();
}

void RecordWriter::state_sent_at(const Token& token) { head_.sent_at = time_of(token); }

Slice RecordWriter::store(std::string_view text) {
  const Slice slice{static_cast<std::uint32_t>(texts_.size()),
                    static_cast<std::uint32_t>(text.size())};
  texts_ += text;
  return slice;
}

/// Line breaks between tokens would break NDJSON; inside strings JSON always escapes them.
Slice RecordWriter::store_one_line(std::string_view text) {
  const Slice slice = store(text);
  std::replace_if(
      texts_.begin() + slice.offset, texts_.end(), [](char c) { return c == '\n' || c == '\r'; },
      ' ');
  return slice;
}

Slice RecordWriter::store_or_share(std::string_view text, Slice before) {
  const bool same = before.length == text.size() &&
                    std::memcmp(texts_.data() + before.offset, text.data(), text.size()) == 0;
  return same ? before : store(text);
}

Slice RecordWriter::store_token(TextKey key, const Token& token, Slice before) {
  if (token.missing()) return {};
  if (token.kind == TokenKind::object) {
    if (key == TextKey::context && token.text.find('\n') == std::string_view::npos &&
        token.text.find('\r') == std::string_view::npos)
      return store_or_share(token.text, before);
    return store_one_line(token.text);
  }
  if (token.kind == TokenKind::array) return store_one_line(token.text);
  if ((key == TextKey::revenue || key == TextKey::tax) && token.kind == TokenKind::string) {
    const Slice slice{static_cast<std::uint32_t>(texts_.size()), 0};
    append_json_string(token.text, texts_);
    return {slice.offset, static_cast<std::uint32_t>(texts_.size() - slice.offset)};
  }
  return often_repeats(key) ? store_or_share(token.text, before) : store(token.text);
}

void RecordWriter::add(const SharedEvent& event) {
  static const StoredEvent none;
  const StoredEvent before = events_.empty() ? none : events_.back();
  StoredEvent& made = events_.emplace_back();
  ++head_.events;
  made.client_ts = time_of(event.at(SharedKey::client_ts));
  made.server_ts = time_of(event.at(SharedKey::server_ts));
  made.sequence_id = number_of(event.at(SharedKey::sequence_id));
  made.schema_version = number_of(event.at(SharedKey::schema_version));
  made.retry_count = number_of(event.at(SharedKey::retry_count));
  made.from_server = text_of(event, SharedKey::source) == "server" ? 1U : 0U;
  for (std::size_t i = 0; i < text_key_count; ++i) {
    const auto key = static_cast<TextKey>(i);
    if (key != TextKey::event_id)
      made.texts[i] = store_token(key, event.at(shared_keys[i]), before.texts[i]);
  }
  const Token& id = event.at(SharedKey::event_id);
  if (const auto value = Uuid::parse(id.text); value) {
    made.has_uuid = 1;
    made.id_high = value->high;
    made.id_low = value->low;
    made.texts[slot(TextKey::event_id)].length = Slice::same_as_id;
    if (!is_written_form(id.text)) made.texts[slot(TextKey::event_id)] = store(id.text);
  } else if (!id.missing()) {
    made.texts[slot(TextKey::event_id)] = store(id.text);
  }
  const Slice run = made.texts[slot(TextKey::run_id)];
  if (run.length != Slice::missing)
    made.run = run == before.texts[slot(TextKey::run_id)]
                   ? before.run
                   : hash_text(event.at(SharedKey::run_id).text);
  if (made.sequence_id != StoredEvent::no_number && !event.at(SharedKey::session_id).missing())
    made.place = place_of(made.run, text_of(event, SharedKey::user_id),
                          text_of(event, SharedKey::event_name),
                          text_of(event, SharedKey::session_id), made.sequence_id);
}

void RecordWriter::add_dead(const SharedEvent& event, std::string_view reason) {
  StoredDead& made = dead_.emplace_back();
  ++head_.dead;
  const auto one_line = [&](SharedKey key) {
    const Token token = event.is_object ? event.at(key) : Token{};
    return token.missing() ? Slice{} : store_one_line(token.text);
  };
  made.reason = store(reason);
  made.run_id = one_line(SharedKey::run_id);
  made.event_name = one_line(SharedKey::event_name);
  made.source = one_line(SharedKey::source);
  made.event = store_one_line(event.raw);
}

std::size_t RecordWriter::size() const {
  return sizeof head_ + events_.size() * sizeof(StoredEvent) + dead_.size() * sizeof(StoredDead) +
         texts_.size();
}

void RecordWriter::finish(std::string& out) const {
  out.clear();
  out.reserve(size() + 8);
  const auto put = [&](const void* from, std::size_t bytes) {
    out.append(static_cast<const char*>(from), bytes);
  };
  put(&head_, sizeof head_);
  put(events_.data(), events_.size() * sizeof(StoredEvent));
  put(dead_.data(), dead_.size() * sizeof(StoredDead));
  out += texts_;
  out.append((8 - out.size() % 8) % 8, '\0');
}

// ---- RecordView

RecordView::RecordView(std::string_view bytes) {
  if (bytes.size() < sizeof head_) return;
  std::memcpy(&head_, bytes.data(), sizeof head_);
  const std::size_t events = std::size_t{head_.events} * sizeof(StoredEvent);
  const std::size_t dead = std::size_t{head_.dead} * sizeof(StoredDead);
  const std::string_view rest = bytes.substr(sizeof head_);
  if (rest.size() < events + dead) return;
  assert(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(StoredEvent) == 0);
  events_ = {reinterpret_cast<const StoredEvent*>(rest.data()), head_.events};
  dead_ = {reinterpret_cast<const StoredDead*>(rest.data() + events), head_.dead};
  texts_ = rest.substr(events + dead);
  valid_ = true;
}

}  // namespace parallax::pipeline
