// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/time.h"
#include "sim/wire/shared_decode.h"

/// What one accepted batch looks like inside the durable log: a head, one `StoredEvent` for each
/// event that keeps the contract, one `StoredDead` for each that does not, then the texts that both
/// point into. Read in place from the mapped file: the structs are the encoding (little-endian, no
/// padding), and a text that an event shares with the one before it is there once.
namespace parallax::pipeline {

/// A piece of the record's texts.
struct Slice {
  std::uint32_t offset = 0;
  std::uint32_t length = missing;
  static constexpr std::uint32_t missing = 0xffff'ffff;  ///< No such key, or null.
  /// The text of the event's `id`, lower case with dashes; not stored a second time.
  static constexpr std::uint32_t same_as_id = 0xffff'fffe;
  friend bool operator==(Slice, Slice) = default;
};

/// The keys that are kept as text, in the order of StoredEvent::texts. `revenue` and `tax` are JSON
/// (the number as it was sent), `context` and `properties` JSON objects on one line.
enum class TextKey : std::uint8_t {
  event_name,
  event_id,
  user_id,
  device_id,
  session_id,
  consent_state,
  delivery_status,
  run_id,
  currency,
  context,
  revenue,
  tax,
  properties,
};
constexpr std::size_t text_key_count = 13;

/// One event. Numbers and times are parsed once, here.
struct StoredEvent {
  std::int64_t client_ts = no_time.since_epoch;  ///< Microseconds, or no_time.
  std::int64_t server_ts = no_time.since_epoch;
  std::uint64_t id_high = 0;  ///< event_id by value, where `has_uuid`.
  std::uint64_t id_low = 0;
  std::uint64_t run = 0;    ///< hash_text of run_id.
  std::uint64_t place = 0;  ///< See place_of; 0: it has none.
  std::int64_t sequence_id = no_number;
  std::int64_t schema_version = no_number;
  std::int64_t retry_count = no_number;
  std::array<Slice, text_key_count> texts;
  std::uint32_t from_server = 0;  ///< 1: source is server, 0: client.
  std::uint32_t has_uuid = 0;     ///< 1: event_id is a UUID, be it the zero one.

  static constexpr std::int64_t no_number = std::numeric_limits<std::int64_t>::min();
};
static_assert(sizeof(StoredEvent) == 184);

/// An event that breaks the contract.
struct StoredDead {
  Slice reason;
  Slice run_id;
  Slice event_name;
  Slice source;
  Slice event;  ///< JSON as it was sent, on one line.
};

struct RecordHead {
  std::int64_t arrival = 0;                    ///< Microseconds.
  std::int64_t sent_at = no_time.since_epoch;  ///< As the batch stated it, or no_time.
  std::uint32_t events = 0;
  std::uint32_t dead = 0;
};

/// Builds records. Keeps its buffers from one to the next; not thread-safe.
class RecordWriter {
 public:
  void start(SimTime arrival);
  /// What the batch states as "sent_at". What is no time counts as none.
  void state_sent_at(const Token& token);
  /// Precondition: the event keeps the envelope part of the contract (types, times, source).
  void add(const SharedEvent& event);
  void add_dead(const SharedEvent& event, std::string_view reason);
  std::uint32_t entries() const { return head_.events + head_.dead; }
  /// Size of the record so far, in bytes.
  std::size_t size() const;
  /// Replaces `out` by the record, whose length is a multiple of 8.
  void finish(std::string& out) const;

 private:
  Slice store(std::string_view text);
  Slice store_one_line(std::string_view text);
  Slice store_or_share(std::string_view text, Slice before);
  Slice store_token(TextKey key, const Token& token, Slice before);
  RecordHead head_;
  std::vector<StoredEvent> events_;
  std::vector<StoredDead> dead_;
  std::string texts_;
};

/// A record in place. Views; the bytes must be 8-aligned and remain.
class RecordView {
 public:
  RecordView() = default;
  /// Empty where the bytes are no record.
  explicit RecordView(std::string_view bytes);
  bool valid() const { return valid_; }
  SimTime arrival() const { return {head_.arrival}; }
  SimTime sent_at() const { return {head_.sent_at}; }
  std::span<const StoredEvent> events() const { return events_; }
  std::span<const StoredDead> dead() const { return dead_; }
  std::uint32_t entries() const { return head_.events + head_.dead; }
  std::string_view texts() const { return texts_; }

 private:
  bool valid_ = false;
  RecordHead head_;
  std::span<const StoredEvent> events_;
  std::span<const StoredDead> dead_;
  std::string_view texts_;
};

/// "The n-th event of a session": a hash of run, user, event name, session and sequence number.
/// What stands for an action whose id is missing; it needs no clock. Never 0.
std::uint64_t place_of(std::uint64_t run, std::string_view user_id, std::string_view event_name,
                       std::string_view session_id, std::int64_t sequence_id);

}  // namespace parallax::pipeline
