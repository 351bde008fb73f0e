// SPDX-License-Identifier: Apache-2.0
// Amplitude's HTTP API, version 2 (/2/httpapi) and its bulk route (/batch). Learnt from the
// vendor's documents and from what its SDKs send.
//
//   user_id, else device_id -> user_id      device_id -> device_id      session_id -> session_id
//   insert_id -> event_id                   event_type -> event_name    revenue -> revenue
//   event_properties, user_properties, groups -> properties
//   time -> client_ts, or server_ts where neither platform nor library is a client's. No clock is
//   corrected: from which difference on Amplitude does is not known.
#include <algorithm>
#include <array>

#include "sim/wire/dialects.h"

namespace parallax {
namespace {

constexpr std::size_t body_bytes_max = 20U << 20;
constexpr std::size_t httpapi_events_max = 2'000;
constexpr std::size_t id_length_min = 5;  ///< Unless options.min_id_length says otherwise.

bool is_from_server(JsonValue event) {
  const std::string_view library = event["library"].text();
  for (const std::string_view client : {"amplitude-ts/", "amplitude-js/", "ios", "android"})
    if (library.find(client) != std::string_view::npos) return false;
  const JsonValue platform = event["platform"];
  return library.find("amplitude-node") != std::string_view::npos || platform.text().empty();
}

/// {"field": [index, ..]}, as Amplitude names the events that it does not take.
std::string indexed(std::string_view what, std::string_view field, std::size_t index) {
  return ",\"" + std::string(what) + "\":{\"" + std::string(field) + "\":[" +
         std::to_string(index) + "]}";
}

std::optional<Refusal> fault_of(JsonValue event, std::size_t index, std::size_t length_min) {
  if (!event.is(TokenKind::object)) return Refusal{400, "Invalid JSON request body", {}};
  if (event["event_type"].text().empty())
    return Refusal{400, "Request missing required field",
                   indexed("events_with_missing_fields", "event_type", index)};
  const JsonValue user = event["user_id"], device = event["device_id"];
  if (user.missing() && device.missing())
    return Refusal{400, "Request missing required field",
                   indexed("events_with_missing_fields", "user_id", index)};
  for (const JsonValue id : {user, device})
    if (!id.missing() && id.text().size() < length_min)
      return Refusal{400, "Invalid id length for user_id or device_id",
                     indexed("events_with_invalid_id_lengths", id.key(), index)};
  return std::nullopt;
}

void put_event(JsonValue event, SimTime now, SharedBatch& out) {
  using enum SharedKey;
  out.begin_event();
  out.put_text(event_name, event["event_type"]);
  out.put_text(user_id, event["user_id"].missing() ? event["device_id"] : event["user_id"]);
  out.put_text(device_id, event["device_id"]);
  out.put_properties(event["event_properties"]);
  if (event["session_id"].text() != "-1") out.put_text(session_id, event["session_id"]);
  if (event["revenue"].is(TokenKind::number)) out.put_raw(revenue, event["revenue"].raw());
  out.put_id(event["insert_id"]);
  out.put_source(is_from_server(event) ? Source::server : Source::client);
  out.put_own_time(time_of(event["time"]).value_or(now));
  for (const std::string_view key : {"user_properties", "groups"})
    if (const JsonValue value = event[key]; value.is(TokenKind::object))
      out.put_property(key, value.raw());
  out.end_event();
}

}  // namespace

std::optional<Refusal> decode_amplitude(const SdkRequest& request, DecodeSpace& space) {
  if (request.body->size() > body_bytes_max) return Refusal{413, "Payload too large", {}};
  if (!space.tree.parse(*request.body)) return Refusal{400, "Invalid JSON request body", {}};
  const JsonValue root = space.tree.root();
  if (root["api_key"].text().empty())
    return Refusal{400, "Invalid API key", ",\"missing_field\":\"api_key\""};
  const JsonValue events = root["events"];
  if (!events.is(TokenKind::array) || !events.first())
    return Refusal{400, "Request missing required field", ",\"missing_field\":\"events\""};
  const auto given = milliseconds_of(root["options"]["min_id_length"].text());
  const std::size_t length_min =
      given ? static_cast<std::size_t>(std::max<Micros>(given->since_epoch / millisecond, 0))
            : id_length_min;
  space.batch.start();
  for (JsonValue event = events.first(); event; event = event.next()) {
    if (auto fault = fault_of(event, space.batch.events(), length_min)) return fault;
    put_event(event, request.arrival, space.batch);
  }
  const bool bulk = request.path.find("/batch") != std::string_view::npos;
  if (!bulk && space.batch.events() > httpapi_events_max)
    return Refusal{413, "Payload too large", {}};
  return std::nullopt;
}

}  // namespace parallax
