// SPDX-License-Identifier: Apache-2.0
// CloudEvents 1.0 (cloudevents.io), JSON format, structured: one event or a batch of them. Binary
// mode, with attributes in headers, is not read.
//
//   id -> event_id      type -> event_name      subject -> user_id      data -> properties
//   time, as it is -> client_ts, or server_ts where the source does not end in "/client"
#include "sim/wire/dialects.h"

namespace parallax {
namespace {

std::optional<Refusal> add_event(JsonValue event, SimTime now, SharedBatch& out) {
  using enum SharedKey;
  for (const std::string_view required : {"specversion", "type", "source"})
    if (event[required].text().empty())
      return Refusal{400, "an event has no " + std::string(required), {}};
  out.begin_event();
  out.put_text(event_name, event["type"]);
  out.put_text(user_id, event["subject"]);
  out.put_properties(event["data"]);
  out.put_id(event["id"]);
  const bool client = event["source"].text().ends_with("/client");
  out.put_source(client ? Source::client : Source::server);
  out.put_own_time(time_of(event["time"]).value_or(now));
  out.end_event();
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> decode_cloudevents(const SdkRequest& request, DecodeSpace& space) {
  if (const auto parsed = space.tree.parse(*request.body); !parsed)
    return Refusal{400, parsed.error().what, {}};
  const JsonValue root = space.tree.root();
  space.batch.start();
  if (root.is(TokenKind::object)) return add_event(root, request.arrival, space.batch);
  for (JsonValue event = root.first(); event; event = event.next())
    if (auto failed = add_event(event, request.arrival, space.batch)) return failed;
  return std::nullopt;
}

}  // namespace parallax
