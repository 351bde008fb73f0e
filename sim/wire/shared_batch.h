// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bitset>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/core/time.h"
#include "sim/core/tracking_plan.h"
#include "sim/wire/json_tree.h"
#include "sim/wire/shared_decode.h"

namespace parallax {

/// What a vendor calls a field of ours. Without `ours` the field is not kept.
struct Renamed {
  std::string_view theirs;
  std::optional<SharedKey> ours;
};

/// A body of the shared format in the making, out of parts of a vendor's JSON. For each key of an
/// event the first value that is put stands; later ones change nothing, so a decoder puts what it
/// is surest of first. What a vendor leaves to its users' properties is read as the tracking plan's
/// own word: a property named like a field of the shared event, and of its kind, is that field.
/// Keeps its buffers from one body to the next.
class SharedBatch {
 public:
  void start();
  void begin_event();
  bool has(SharedKey key) const { return given_[static_cast<std::size_t>(key)]; }
  /// Numbers become texts; what is missing, an object or an array puts nothing.
  void put_text(SharedKey key, JsonValue value);
  void put_text(SharedKey key, std::string_view plain);
  /// The vendor's id of the event. What is no UUID becomes one, of 64 hashed bits: an event that is
  /// sent again is known by it. An empty text stays empty.
  void put_id(JsonValue id);
  void put_time(SharedKey key, SimTime at);
  /// The instant at which the event happened, under the clock of its source, which must be put
  /// before.
  void put_own_time(SimTime at);
  /// `value` as it is written.
  void put_raw(SharedKey key, std::string_view value);
  void put_source(Source source) { put_text(SharedKey::source, name_of(source)); }
  /// Members of an object: renamed ones and fields of ours to their place, others are properties.
  void put_properties(JsonValue object, std::span<const Renamed> renamed = {});
  /// One property; `key` and `value` as written in JSON, the key without quotes.
  void put_property(std::string_view key, std::string_view value);
  /// {"page": ...}, where no context was put.
  void put_page(JsonValue page);
  void end_event();
  /// Ends the body, which remains until the next `start`.
  std::string& finish();
  std::size_t events() const { return events_; }

 private:
  void open(SharedKey key);
  void put_member(JsonValue member, std::span<const Renamed> renamed);
  std::string body_;
  std::string properties_;  ///< Of the event in the making, each with a comma before it.
  std::bitset<shared_key_count> given_;
  Source source_ = Source::client;
  std::size_t events_ = 0;
};

}  // namespace parallax
