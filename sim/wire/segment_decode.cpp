// SPDX-License-Identifier: Apache-2.0
// Segment's HTTP tracking API, and RudderStack's: batches, and single messages at /v1/track, /v1/t
// and their like. Learnt from both vendors' documents and gateways, and from what their SDKs send.
//
//   userId, else anonymousId -> user_id       context.device.id, else anonymousId -> device_id
//   messageId -> event_id                     context -> context
//   event of a track; else the type (identify, page, screen, group, alias) -> event_name
//   properties, traits -> properties, with name, groupId and previousId beside them
//   timestamp, its skew corrected -> client_ts, or server_ts from a server's SDK; RudderStack
//   corrects originalTimestamp, and only where no timestamp stands
//   channel, context.library.name -> source, unless a property says it
#include <array>

#include "sim/wire/dialects.h"
#include "sim/wire/skew.h"

namespace parallax {
namespace {

struct Limits {
  std::size_t event_bytes = 0;
  std::size_t body_bytes = 0;
  int status = 400;  ///< Of what exceeds them.
};
constexpr Limits segment_limits{32U << 10, 500U << 10, 400};
constexpr Limits rudderstack_limits{4'000U << 10, 4'000U << 10, 413};

/// What all messages of a request have in common.
struct Envelope {
  bool is_segment = true;
  SimTime sent = no_time;
  SimTime now;
  std::string_view type;  ///< By the path, for a message that does not say its own.
};

Refusal refused(int status, std::string what) { return {status, std::move(what), {}}; }

std::string_view type_of_path(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  const std::string_view last = path.substr(path.rfind('/') + 1);
  for (const std::string_view type : {"track", "identify", "page", "screen", "group", "alias"})
    if (last == type || last == type.substr(0, 1)) return type;
  return {};
}

bool is_from_server(JsonValue message) {
  if (const JsonValue channel = message["channel"]; channel.is(TokenKind::string))
    return channel.text() == "server";
  const std::string_view library = message["context"]["library"]["name"].text();
  for (const std::string_view client :
       {"analytics.js", "analytics-next", "RudderLabs JavaScript SDK", "ios", "android", "swift",
        "kotlin", "react-native"})
    if (library.find(client) != std::string_view::npos) return false;
  return true;
}

SimTime instant_of(JsonValue message, const Envelope& envelope) {
  const auto stated = time_of(message["timestamp"]);
  const SimTime sent = time_of(message["sentAt"]).value_or(envelope.sent);
  if (envelope.is_segment) return stated ? shifted_time(*stated, sent, envelope.now) : envelope.now;
  if (stated) return *stated;
  const auto original = time_of(message["originalTimestamp"]);
  return original ? shifted_time(*original, sent, envelope.now) : envelope.now;
}

std::optional<Refusal> add_message(JsonValue message, const Envelope& envelope, SharedBatch& out) {
  using enum SharedKey;
  if (!message.is(TokenKind::object)) return refused(400, "a message is no object");
  const JsonValue user = message["userId"], anonymous = message["anonymousId"];
  if (user.text().empty() && anonymous.text().empty())
    return refused(400, "a message has neither userId nor anonymousId");
  std::string_view type = message["type"].text();
  if (type.empty()) type = envelope.type;
  if (type.empty()) return refused(400, "a message has no type");
  const bool track = type == "track";
  if (track && message["event"].text().empty()) return refused(400, "a track has no event");
  out.begin_event();
  if (track) out.put_text(event_name, message["event"]);
  out.put_text(event_name, type);
  out.put_text(user_id, user.missing() ? anonymous : user);
  out.put_properties(message["properties"]);
  if (const JsonValue traits = message["traits"]; traits) out.put_properties(traits);
  out.put_id(message["messageId"]);
  out.put_text(device_id, message["context"]["device"]["id"]);
  out.put_text(device_id, anonymous);
  out.put_source(is_from_server(message) ? Source::server : Source::client);
  out.put_own_time(instant_of(message, envelope));
  if (message["context"].is(TokenKind::object))
    out.put_raw(SharedKey::context, message["context"].raw());
  for (const std::string_view key : {"name", "groupId", "previousId"})
    if (const JsonValue value = message[key]) out.put_property(key, value.raw());
  out.end_event();
  return std::nullopt;
}

std::optional<Refusal> decode_messages(const SdkRequest& request, bool is_segment,
                                       DecodeSpace& space) {
  const Limits& limits = is_segment ? segment_limits : rudderstack_limits;
  if (request.body->size() > limits.body_bytes)
    return refused(limits.status, "the body is too long");
  if (!space.tree.parse(*request.body)) return refused(400, "invalid json");
  const JsonValue root = space.tree.root();
  const std::string user = basic_user(request.authorization);
  if (user.empty() && (!is_segment || root["writeKey"].text().empty()))
    return refused(401, "no write key");
  const Envelope envelope{is_segment, time_of(root["sentAt"]).value_or(no_time), request.arrival,
                          type_of_path(request.path)};
  space.batch.start();
  const JsonValue batch = root["batch"];
  if (!batch) return add_message(root, envelope, space.batch);
  if (!batch.is(TokenKind::array)) return refused(400, "batch is no array");
  for (JsonValue message = batch.first(); message; message = message.next()) {
    if (message.raw().size() > limits.event_bytes)
      return refused(limits.status, "a message is too long");
    if (auto failed = add_message(message, envelope, space.batch)) return failed;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> decode_segment(const SdkRequest& request, DecodeSpace& space) {
  return decode_messages(request, true, space);
}

std::optional<Refusal> decode_rudderstack(const SdkRequest& request, DecodeSpace& space) {
  return decode_messages(request, false, space);
}

}  // namespace parallax
