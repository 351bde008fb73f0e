// SPDX-License-Identifier: Apache-2.0
// PostHog's capture endpoints, version 0, in the three dialects that its browser SDK has spoken:
// {"api_key","batch":[..],"sent_at"}, a bare array, and a form with base64. Learnt from
// rust/capture of PostHog/posthog and from what posthog-js 1.200 to 1.449 and posthog-node 5.70
// send.
//
//   distinct_id -> user_id                      uuid -> event_id, unless a property is named so
//   $device_id, else $anon_distinct_id -> device_id         $session_id -> session_id
//   timestamp, its skew corrected -> client_ts, or server_ts from a server's SDK
//   $lib, $is_server -> source, unless a property says it   $pathname, $current_url -> context.page
//   $set, $set_once beside the properties -> properties
#include <algorithm>
#include <array>

#include "sim/wire/codes.h"
#include "sim/wire/dialects.h"
#include "sim/wire/skew.h"

namespace parallax {
namespace {

constexpr std::array<Renamed, 4> renamed{{{"$device_id", SharedKey::device_id},
                                          {"$session_id", SharedKey::session_id},
                                          {"distinct_id", std::nullopt},
                                          {"token", std::nullopt}}};
constexpr std::array<std::string_view, 6> client_libraries{
    "web", "js", "posthog-ios", "posthog-android", "posthog-react-native", "posthog-flutter"};

/// Limits after unpacking: of a server's batch, and of the routes for browsers.
constexpr std::size_t batch_bytes_max = 20U << 20;
constexpr std::size_t event_bytes_max = 2U << 20;

/// What all events of a request have in common.
struct Envelope {
  std::string_view token;
  SimTime sent = no_time;
  SimTime now;
};

Refusal unreadable(std::string what) { return {400, std::move(what), {}}; }

/// A form, base64, or both in turn, become JSON.
std::optional<Refusal> unwrap(const SdkRequest& request) {
  std::string& body = *request.body;
  if (const auto data = form_value(body, "data"); data && body.front() != '{')
    body = percent_decoded(*data, false);
  if (form_value(request.query, "compression") == "lz64")
    return unreadable("bodies compressed with lz64 are not read");
  const bool is_batch = request.path.find("/batch") != std::string_view::npos;
  if (body.size() > (is_batch ? batch_bytes_max : event_bytes_max))
    return Refusal{413, "the body is too long", {}};
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return unreadable("the body is empty");
  if (body[first] == '{' || body[first] == '[') return std::nullopt;
  auto plain = base64_decoded(body);
  if (!plain || plain->empty()) return unreadable("the body is neither JSON nor base64");
  body = std::move(*plain);
  return std::nullopt;
}

JsonValue token_of(JsonValue event) {
  for (const JsonValue token : {event["api_key"], event["token"], event["properties"]["token"]})
    if (token.is(TokenKind::string)) return token;
  return {};
}

bool is_from_server(JsonValue properties) {
  if (properties["$is_server"].text() == "true") return true;
  return !is_posthog_client(properties["$lib"].text());
}

SimTime instant_of(JsonValue event, const Envelope& envelope) {
  if (const JsonValue offset = event["offset"]; offset.is(TokenKind::number))
    if (const auto ago = milliseconds_of(offset.text())) return envelope.now - ago->since_epoch;
  const auto stated = time_of(event["timestamp"]);
  if (!stated) return envelope.now;
  const bool as_is = event["properties"]["$ignore_sent_at"].text() == "true";
  return posthog_time(*stated, as_is ? no_time : envelope.sent, envelope.now);
}

std::optional<Refusal> add_event(JsonValue event, Envelope& envelope, SharedBatch& out) {
  if (!event.is(TokenKind::object)) return unreadable("an event is no object");
  const JsonValue properties = event["properties"];
  if (!event["event"].is(TokenKind::string) || event["event"].text().empty())
    return unreadable("an event has no name: event");
  JsonValue who = event["distinct_id"];
  if (who.missing()) who = properties["distinct_id"];
  if (who.missing() || who.text().empty()) return unreadable("an event has no distinct_id");
  if (const JsonValue token = token_of(event)) {
    if (!envelope.token.empty() && token.text() != envelope.token)
      return Refusal{401, "the events have different tokens", {}};
    envelope.token = token.text();
  }
  out.begin_event();
  out.put_text(SharedKey::event_name, event["event"]);
  out.put_text(SharedKey::user_id, who);
  out.put_properties(properties, renamed);
  out.put_id(event["uuid"]);
  out.put_text(SharedKey::device_id, properties["$anon_distinct_id"]);
  out.put_source(is_from_server(properties) ? Source::server : Source::client);
  out.put_own_time(instant_of(event, envelope));
  out.put_page(properties["$pathname"]);
  out.put_page(properties["$current_url"]);
  for (const std::string_view key : {"$set", "$set_once"})
    if (const JsonValue value = event[key]) out.put_property(key, value.raw());
  out.end_event();
  return std::nullopt;
}

}  // namespace

bool is_posthog_client(std::string_view library) {
  return std::find(client_libraries.begin(), client_libraries.end(), library) !=
         client_libraries.end();
}

std::optional<Refusal> decode_posthog(const SdkRequest& request, DecodeSpace& space) {
  if (auto refused = unwrap(request)) return refused;
  if (const auto parsed = space.tree.parse(*request.body); !parsed)
    return unreadable(parsed.error().what);
  const JsonValue root = space.tree.root();
  const JsonValue batch = root["batch"];
  Envelope envelope{token_of(root).text(), no_time, request.arrival};
  if (const auto sent = time_of(root["sent_at"])) envelope.sent = *sent;
  if (const auto sent = form_value(request.query, "_"); sent && envelope.sent == no_time)
    envelope.sent = milliseconds_of(*sent).value_or(no_time);
  space.batch.start();
  if (batch && !batch.is(TokenKind::array)) return unreadable("batch is no array");
  if (!batch && root.is(TokenKind::object)) {
    if (auto refused = add_event(root, envelope, space.batch)) return refused;
  } else {
    for (JsonValue event = (batch ? batch : root).first(); event; event = event.next())
      if (auto refused = add_event(event, envelope, space.batch)) return refused;
  }
  if (space.batch.events() == 0) return unreadable("the batch is empty");
  if (envelope.token.empty()) return Refusal{401, "no api_key", {}};
  return std::nullopt;
}

}  // namespace parallax
