// SPDX-License-Identifier: Apache-2.0
// PostHog's capture endpoint, version 1: what is wrong with the request refuses all of it, what is
// wrong with an event drops that event, and the answer says so of each. Learnt from rust/capture of
// PostHog/posthog and from what posthog-node 5.70 sends.
//
//   distinct_id -> user_id          uuid -> event_id, unless a property is named so
//   session_id -> session_id        $device_id, else $anon_distinct_id -> device_id
//   timestamp, its skew corrected by PostHog-Request-Timestamp -> client_ts, or server_ts from a
//   server's SDK                    PostHog-Sdk-Info -> source, unless a property says it
#include <algorithm>
#include <array>
#include <vector>

#include "sim/core/id.h"
#include "sim/wire/dialects.h"
#include "sim/wire/json_text.h"
#include "sim/wire/skew.h"

namespace parallax {
namespace {

constexpr std::size_t name_length_max = 200;
constexpr std::size_t distinct_id_length_max = 200;
constexpr Micros future_max = 23 * hour;
constexpr std::array<std::string_view, 4> required_headers{
    "PostHog-Sdk-Info", "PostHog-Attempt", "PostHog-Request-Id", "PostHog-Request-Timestamp"};
constexpr std::array<std::string_view, 4> required_keys{"event", "uuid", "distinct_id",
                                                        "timestamp"};
/// Nobody's ids: what code sends that does not know who it is.
constexpr std::array<std::string_view, 8> illegal_ids{
    "0", "null", "undefined", "anonymous", "guest", "id", "[object object]", "none"};
constexpr std::array<Renamed, 1> renamed{{{"$device_id", SharedKey::device_id}}};

Refusal refused(std::string tag, std::string details, int status = 400) {
  return {status, std::move(tag), std::move(details)};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::optional<Refusal> check_head(const SdkRequest& request) {
  if (request.authorization.empty()) return refused("missing_authorization", "no Bearer", 401);
  if (!lower(request.authorization).starts_with("bearer "))
    return refused("invalid_header_value", "Authorization must use the Bearer scheme");
  std::string missing;
  for (const std::string_view name : required_headers)
    if (request.header_of(name).empty()) missing.append(missing.empty() ? "" : ", ").append(name);
  if (!missing.empty()) return refused("missing_required_headers", missing);
  if (!Uuid::parse(request.header_of("PostHog-Request-Id")))
    return refused("invalid_header_value", "PostHog-Request-Id is no UUID");
  if (!parse_rfc3339(request.header_of("PostHog-Request-Timestamp")))
    return refused("invalid_header_value", "PostHog-Request-Timestamp is no RFC 3339 time");
  const std::string attempt = request.header_of("PostHog-Attempt");
  const bool digits = attempt.find_first_not_of("0123456789") == attempt.npos;
  if (!digits || attempt == "0")
    return refused("invalid_header_value", "PostHog-Attempt is no number of at least 1");
  return std::nullopt;
}

/// What refuses the whole batch for the sake of one event.
std::optional<Refusal> check_batch(JsonValue root) {
  if (!parse_rfc3339(root["created_at"].text()))
    return refused("invalid_batch", "created_at is no RFC 3339 time");
  if (!root["batch"].is(TokenKind::array) || !root["batch"].first())
    return refused("empty_batch", "batch holds no events");
  std::vector<Uuid> ids;
  for (JsonValue event = root["batch"].first(); event; event = event.next()) {
    for (const std::string_view key : required_keys)
      if (!event[key].is(TokenKind::string))
        return refused("invalid_batch", "an event without a text at " + std::string(key));
    const auto id = Uuid::parse(event["uuid"].text());
    if (!id) return refused("invalid_event_uuid", std::string(event["uuid"].text()));
    ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice != ids.end()) return refused("duplicate_event_uuid", twice->text());
  return std::nullopt;
}

/// Why this event alone is dropped; empty where it is not.
std::string_view fault_of(JsonValue event) {
  const std::size_t name = event["event"].text().size();
  const std::size_t who = event["distinct_id"].text().size();
  if (name == 0) return "missing_event_name";
  if (name > name_length_max) return "event_name_too_long";
  if (who == 0) return "missing_distinct_id";
  if (who > distinct_id_length_max) return "distinct_id_too_large";
  if (!parse_rfc3339(event["timestamp"].text())) return "invalid_event_timestamp";
  const JsonValue properties = event["properties"];
  if (properties.kind() != TokenKind::absent && !properties.is(TokenKind::object))
    return "malformed_event_properties";
  const JsonValue options = event["options"];
  if (!options.missing() && !options.is(TokenKind::object)) return "invalid_options";
  return {};
}

bool is_illegal(std::string_view distinct_id) {
  const std::string id = lower(distinct_id);
  return std::find(illegal_ids.begin(), illegal_ids.end(), id) != illegal_ids.end();
}

void say(JsonValue event, std::string_view result, std::string_view details, std::string& results) {
  if (!results.empty()) results += ',';
  results += event["uuid"].raw();
  results += ":{\"result\":\"";
  results += result;
  results += details.empty() ? "\",\"details\":null" : "\",\"details\":" + json::quoted(details);
  results += '}';
}

/// The whole skew is corrected, however small.
SimTime instant_of(JsonValue event, SimTime sent, SimTime now) {
  const SimTime stated = *parse_rfc3339(event["timestamp"].text());
  if (event["options"]["disable_skew_correction"].text() == "true") return stated;
  const SimTime at = shifted_time(stated, sent, now);
  return at - now > future_max ? now : at;
}

void put_event(JsonValue event, Source source, SimTime at, SharedBatch& out) {
  const JsonValue properties = event["properties"];
  out.begin_event();
  out.put_text(SharedKey::event_name, event["event"]);
  out.put_text(SharedKey::user_id, event["distinct_id"]);
  out.put_text(SharedKey::session_id, event["session_id"]);
  out.put_properties(properties, renamed);
  out.put_id(event["uuid"]);
  out.put_text(SharedKey::device_id, properties["$anon_distinct_id"]);
  out.put_source(source);
  out.put_own_time(at);
  out.put_page(properties["$pathname"]);
  out.put_page(properties["$current_url"]);
  out.end_event();
}

}  // namespace

std::optional<Refusal> decode_posthog_v1(const SdkRequest& request, DecodeSpace& space) {
  if (auto refusal = check_head(request)) return refusal;
  if (const auto parsed = space.tree.parse(*request.body); !parsed)
    return refused("invalid_batch", parsed.error().what);
  const JsonValue root = space.tree.root();
  if (auto refusal = check_batch(root)) return refusal;
  const SimTime sent = *parse_rfc3339(request.header_of("PostHog-Request-Timestamp"));
  const std::string info = request.header_of("PostHog-Sdk-Info");
  const bool is_client = is_posthog_client(std::string_view(info).substr(0, info.rfind('/')));
  space.batch.start();
  space.results.clear();
  for (JsonValue event = root["batch"].first(); event; event = event.next()) {
    const std::string_view fault = fault_of(event);
    if (!fault.empty()) {
      say(event, "drop", fault, space.results);
      continue;
    }
    put_event(event, is_client ? Source::client : Source::server,
              instant_of(event, sent, request.arrival), space.batch);
    const bool illegal = is_illegal(event["distinct_id"].text());
    say(event, "ok", illegal ? "person_processing_disabled" : "", space.results);
  }
  return std::nullopt;
}

}  // namespace parallax
