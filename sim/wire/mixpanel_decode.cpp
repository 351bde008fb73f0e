// SPDX-License-Identifier: Apache-2.0
// Mixpanel's /track (one event in the query, or a form with base64) and /import (JSON). Updates of
// profiles and groups (/engage, /groups) are taken and leave no event. Learnt from the vendor's
// documents and from what its SDKs send.
//
//   $user_id, else distinct_id, else $device_id -> user_id       $device_id -> device_id
//   $insert_id -> event_id       event -> event_name       $current_url -> context.page
//   time, in seconds or milliseconds, as it is -> client_ts, or server_ts from a server's SDK
#include <array>
#include <charconv>
#include <cmath>

#include "sim/wire/codes.h"
#include "sim/wire/dialects.h"

namespace parallax {
namespace {

constexpr std::size_t body_bytes_max = 10U << 20;
constexpr std::array<Renamed, 6> renamed{{{"$device_id", SharedKey::device_id},
                                          {"distinct_id", std::nullopt},
                                          {"$user_id", std::nullopt},
                                          {"$insert_id", std::nullopt},
                                          {"time", std::nullopt},
                                          {"token", std::nullopt}}};
/// Seconds of the year 5138; more are milliseconds.
constexpr double seconds_max = 1e11;

Refusal refused(int status, std::string what) { return {status, std::move(what), {}}; }

/// A form, or the query of a GET, becomes the JSON in its `data`.
std::optional<Refusal> unwrap(const SdkRequest& request) {
  std::string& body = *request.body;
  if (body.size() > body_bytes_max) return refused(413, "request exceeds max limit of 10485760");
  const auto data = form_value(body.empty() ? request.query : std::string_view(body), "data");
  if (!data) return std::nullopt;
  std::string text = percent_decoded(*data, false);
  if (text.starts_with('{') || text.starts_with('[')) {
    body = std::move(text);
    return std::nullopt;
  }
  auto plain = base64_decoded(text);
  if (!plain) return refused(400, "data, invalid base64");
  body = std::move(*plain);
  return std::nullopt;
}

std::optional<SimTime> instant_in(JsonValue time) {
  double value = 0;
  const std::string_view text = time.text();
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || value < 0 || value > 1e15)
    return std::nullopt;
  const double milliseconds = value > seconds_max ? value : value * 1e3;
  return SimTime{static_cast<Micros>(std::llround(milliseconds)) * millisecond};
}

bool is_from_server(JsonValue properties) {
  const std::string_view library = properties["mp_lib"].text();
  for (const std::string_view client : {"web", "swift", "iphone", "android", "flutter", "unity"})
    if (library == client) return false;
  return true;
}

std::optional<Refusal> add_event(JsonValue event, const SdkRequest& request, bool has_key,
                                 SharedBatch& out) {
  using enum SharedKey;
  const JsonValue said = event["properties"];
  if (event["event"].text().empty()) return refused(400, "'event' must not be missing");
  if (!has_key && said["token"].text().empty()) return refused(401, "token, missing or empty");
  out.begin_event();
  out.put_text(event_name, event["event"]);
  for (const std::string_view who : {"$user_id", "distinct_id", "$device_id"})
    out.put_text(user_id, said[who]);
  out.put_properties(said, renamed);
  out.put_id(said["$insert_id"]);
  out.put_source(is_from_server(said) ? Source::server : Source::client);
  out.put_own_time(instant_in(said["time"]).value_or(request.arrival));
  out.put_page(said["$current_url"]);
  out.end_event();
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> decode_mixpanel(const SdkRequest& request, DecodeSpace& space) {
  if (auto failed = unwrap(request)) return failed;
  if (!space.tree.parse(*request.body)) return refused(400, "data, invalid JSON");
  const JsonValue root = space.tree.root();
  space.batch.start();
  const bool tracks = request.path.find("/track") != std::string_view::npos;
  const bool imports = request.path.find("/import") != std::string_view::npos;
  if (!tracks && !imports) return std::nullopt;
  const bool has_key = !basic_user(request.authorization).empty() ||
                       form_value(request.query, "api_key").has_value();
  if (imports && !has_key) return refused(401, "Unauthorized");
  if (root.is(TokenKind::object)) return add_event(root, request, has_key, space.batch);
  for (JsonValue event = root.first(); event; event = event.next())
    if (auto failed = add_event(event, request, has_key, space.batch)) return failed;
  return std::nullopt;
}

}  // namespace parallax
