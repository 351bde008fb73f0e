// SPDX-License-Identifier: Apache-2.0
// GA4's Measurement Protocol: /mp/collect, which answers 2xx whatever it gets, and
// /debug/mp/collect, which says what is wrong and keeps nothing. Learnt from the vendor's
// documents.
//
//   user_id, of the params before the request's, else client_id or app_instance_id -> user_id
//   client_id, app_instance_id -> device_id          name -> event_name
//   session, else session_id of the params -> session_id
//   page_location of the params -> context.page      params -> properties
//   transaction_id of a purchase -> event_id, and its value -> revenue; other events have no id
//   timestamp_micros of the event, else of the request -> server_ts, or client_ts from an app
#include <array>
#include <charconv>

#include "sim/wire/codes.h"
#include "sim/wire/dialects.h"
#include "sim/wire/ga4.h"
#include "sim/wire/json_text.h"

namespace parallax {
namespace {

/// What our encoder says beside the vendor's own words comes first.
constexpr std::array<Renamed, 3> renamed{{{"session", SharedKey::session_id},
                                          {"session_id", SharedKey::session_id},
                                          {"user_id", std::nullopt}}};

/// What the vendor's validation says, as members of its list.
class Findings {
 public:
  void add(std::string_view field, std::string_view what, std::string_view code) {
    if (!text_.empty()) text_ += ',';
    text_ += "{\"fieldPath\":" + json::quoted(field) + ",\"description\":" + json::quoted(what) +
             ",\"validationCode\":\"" + std::string(code) + "\"}";
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

JsonValue device_of(JsonValue root) {
  return root["client_id"].missing() ? root["app_instance_id"] : root["client_id"];
}

void check_event(JsonValue event, Findings& found) {
  if (!ga4::is_name(event["name"].text()))
    found.add("events.name", "Event name must be 1 to 40 letters, digits and underscores.",
              "NAME_INVALID");
  std::size_t params = 0;
  for (JsonValue param = event["params"].first(); param; param = param.next()) ++params;
  if (params > ga4::params_max)
    found.add("events.params", "An event has more than 25 parameters.", "EXCEEDED_MAX_ENTITIES");
}

Findings check(const SdkRequest& request, JsonValue root) {
  Findings found;
  const bool app = form_value(request.query, "firebase_app_id").has_value();
  if (!app && !form_value(request.query, "measurement_id"))
    found.add("measurement_id", "Measurement id is required.", "VALUE_REQUIRED");
  if (form_value(request.query, "api_secret").value_or("").empty())
    found.add("api_secret", "API secret is required.", "VALUE_REQUIRED");
  if (device_of(root).text().empty())
    found.add("client_id", "Measurement requires a client_id.", "VALUE_REQUIRED");
  std::size_t events = 0;
  for (JsonValue event = root["events"].first(); event; event = event.next()) {
    check_event(event, found);
    ++events;
  }
  if (events == 0) found.add("events", "At least one event is required.", "VALUE_REQUIRED");
  if (events > ga4::events_max)
    found.add("events", "A request has more than 25 events.", "EXCEEDED_MAX_ENTITIES");
  return found;
}

std::optional<SimTime> micros_in(JsonValue value) {
  Micros micros = 0;
  const std::string_view text = value.text();
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), micros);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size())
    return std::nullopt;
  return SimTime{micros};
}

/// An event may say who it is of, or with null that nobody knows, against what the request says.
void put_user(JsonValue root, JsonValue params, SharedBatch& out) {
  const JsonValue own = params["user_id"];
  out.put_text(SharedKey::user_id, own);
  if (own) return;
  out.put_text(SharedKey::user_id, root["user_id"]);
  out.put_text(SharedKey::user_id, device_of(root));
}

void put_event(JsonValue root, JsonValue event, SimTime now, SharedBatch& out) {
  using enum SharedKey;
  const JsonValue params = event["params"];
  out.begin_event();
  out.put_text(event_name, event["name"]);
  put_user(root, params, out);
  out.put_text(device_id, device_of(root));
  out.put_properties(params, renamed);
  if (event["name"].text() == "purchase") {
    out.put_id(params["transaction_id"]);
    if (const JsonValue value = params["value"]) out.put_raw(revenue, value.raw());
  }
  out.put_page(params["page_location"]);
  out.put_source(root["client_id"].missing() ? Source::client : Source::server);
  const auto own = micros_in(event["timestamp_micros"]);
  out.put_own_time(own ? *own : micros_in(root["timestamp_micros"]).value_or(now));
  for (const std::string_view key : {"user_properties", "consent"})
    if (const JsonValue value = root[key]; value.is(TokenKind::object))
      out.put_property(key, value.raw());
  out.end_event();
}

}  // namespace

std::optional<Refusal> decode_ga4(const SdkRequest& request, DecodeSpace& space) {
  const bool debug = request.path.find("/debug/") != std::string_view::npos;
  const auto said = [debug](const Findings& found) {
    return debug ? Refusal{200, {}, found.text()} : Refusal{204, {}, {}};
  };
  Findings unreadable;
  unreadable.add("", "The body is no JSON of at most 130 kB.", "VALUE_INVALID");
  if (request.body->size() > ga4::body_bytes_max || !space.tree.parse(*request.body))
    return said(unreadable);
  const JsonValue root = space.tree.root();
  const Findings found = check(request, root);
  if (debug || !found.text().empty()) return said(found);
  space.batch.start();
  for (JsonValue event = root["events"].first(); event; event = event.next())
    put_event(root, event, request.arrival, space.batch);
  return std::nullopt;
}

}  // namespace parallax
