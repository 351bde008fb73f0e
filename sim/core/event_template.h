// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace parallax {

/// Values of an event that a user's own JSON may name. They are those of the shared event (DESIGN
/// section 6), and `time`: client_ts or server_ts, of the side that sends.
constexpr std::array<std::string_view, 20> placeholder_names{"event_name",
                                                             "event_id",
                                                             "user_id",
                                                             "device_id",
                                                             "session_id",
                                                             "sequence_id",
                                                             "client_ts",
                                                             "server_ts",
                                                             "source",
                                                             "schema_version",
                                                             "consent_state",
                                                             "retry_count",
                                                             "delivery_status",
                                                             "run_id",
                                                             "context",
                                                             "currency",
                                                             "revenue",
                                                             "tax",
                                                             "time",
                                                             "properties"};

/// ${event_id}, ${properties.sku}, ${client_ts:unix_ms}.
struct Placeholder {
  enum class Form : std::uint8_t {
    as_is,    ///< Times as RFC 3339; numbers as numbers where nothing else stands in the text.
    text,     ///< In quotes, whatever it is.
    unix_s,   ///< Of times: whole seconds since 1970,
    unix_ms,  ///< milliseconds,
    unix_us,  ///< microseconds.
  };
  std::string name;
  std::string member;  ///< Of context or properties; empty: all of it.
  Form form = Form::as_is;
  std::string pointer;  ///< Where it stands: "target.json: /send/format/template/id".
};
/// By Placeholder::Form.
constexpr std::array<std::string_view, 5> placeholder_forms{"", "text", "unix_s", "unix_ms",
                                                            "unix_us"};

/// A stretch of a JSON text in the making.
struct TemplatePart {
  enum class Kind : std::uint8_t {
    bytes,  ///< `bytes` as they are.
    value,  ///< `bytes` (a member's name with its colon, or nothing) and the place's value as JSON.
            ///< Where an event has no such value, a member is left out; in a list it is null.
    piece,  ///< The place's value inside a text; nothing where an event has none.
  };
  Kind kind = Kind::bytes;
  bool separated = false;  ///< A comma first, where something stands before it.
  std::string bytes;
  Placeholder place;
};

/// A request of the user's own: what an event is, and what stands around the events. Plain value.
struct EventTemplate {
  static constexpr std::size_t bytes_max = 16'384;  ///< Of all constant texts.
  static constexpr std::size_t places_max = 64;
  std::vector<TemplatePart> event;
  bool batches = false;             ///< False: a request is one event, and nothing else.
  std::string before;               ///< Up to the list of events, its bracket included.
  std::vector<TemplatePart> after;  ///< From that list's bracket on; its one place is sent_at.
  std::string content_type = "application/json";
};

}  // namespace parallax
