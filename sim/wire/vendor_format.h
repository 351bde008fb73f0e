// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "sim/wire/format.h"
#include "sim/wire/json_text.h"
#include "sim/wire/shared_decode.h"

namespace parallax {

/// The values of an event of the shared format as it writes them, by key; empty where the key is
/// absent. Views of the event's text.
class SharedParts {
 public:
  /// Precondition: `event` is what the shared format wrote.
  explicit SharedParts(std::string_view event);
  std::string_view at(SharedKey key) const { return values_[static_cast<std::size_t>(key)]; }
  /// A value that is a text, without its quotes.
  std::string_view text(SharedKey key) const;
  /// What stands between the braces of `properties`.
  std::string_view properties() const;

 private:
  std::array<std::string_view, shared_key_count> values_;
};

/// JSON written front to back into memory that is large enough. A member puts the comma before it
/// where something stands already.
class JsonOut {
 public:
  explicit JsonOut(char* at) : at_(at) {}
  JsonOut& raw(std::string_view text) {
    at_ = json::copy(text, at_);
    return *this;
  }
  /// "key":value, the value as it is; nothing for an empty one.
  JsonOut& member(std::string_view key, std::string_view value);
  /// "key":"digits" where `quoted`, else "key":digits.
  JsonOut& number(std::string_view key, std::int64_t value, bool quoted = false);
  /// Ready members, without braces around them; perhaps none.
  JsonOut& members(std::string_view ready);
  /// What the tracking plan says beyond a vendor's own fields, as members: those of the envelope
  /// from `first` to `last`, then currency, revenue, tax and the properties.
  JsonOut& plan(const SharedParts& parts, SharedKey first, SharedKey last);
  char* end() const { return at_; }

 private:
  void separate();
  char* at_;
};

/// What formats of vendors share: an event is written in the shared format, and its parts are set
/// in the vendor's words. So every form that a fault gives a field means the same everywhere.
class VendorFormat : public WireFormat {
 public:
  /// `words_max`: most bytes of what a vendor adds to the parts (names of keys, constant texts, the
  /// project's key); `uses_max`: how often it writes each part at most.
  VendorFormat(const TrackingPlan& plan, std::string_view run_id, std::size_t words_max = 2'048,
               std::size_t uses_max = 4);
  void add_event(const Emission& emission, TextBuffer& body) const override;
  char* write_event(const Emission& emission, char* out) const final;
  std::size_t event_room() const final;
  std::string_view content_type() const override { return "application/json"; }

 protected:
  /// Most bytes of all parts of an event.
  std::size_t parts_longest() const;
  /// Ends the list of events: `]`.
  static void end_events(TextBuffer& body);
  /// Ends {.., "batch": [event, with `],"key":time}`, or `]}` for no time.
  static void end_with_time(SimTime sent_at, std::string_view key, TextBuffer& body);
  /// Writes one event and returns its end. Behind `out` is room for the words and the parts, each
  /// as often as it is used.
  virtual char* write(const SharedParts& parts, const Emission& emission, char* out) const = 0;

 private:
  std::unique_ptr<WireFormat> shared_;
  std::size_t written_max_;  ///< By a vendor, of an event.
};

/// The value of a member of an object of the shared format. `name`: "sku": with its quotes and its
/// colon. Empty where there is none.
std::string_view member_of(std::string_view object, std::string_view name);

/// The time of the side that sends it, as text in quotes: client_ts of a client.
inline std::string_view own_time(const SharedParts& parts, const Emission& emission) {
  const bool client = emission.source == Source::client;
  return parts.at(client ? SharedKey::client_ts : SharedKey::server_ts);
}
/// The same in milliseconds since 1970.
inline std::int64_t own_milliseconds(const Emission& emission) {
  const bool client = emission.source == Source::client;
  return (client ? emission.client_ts : emission.server_ts).since_epoch / millisecond;
}

}  // namespace parallax
