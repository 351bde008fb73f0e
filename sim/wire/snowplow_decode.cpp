// SPDX-License-Identifier: Apache-2.0
// Snowplow's tracker protocol 2: {"schema","data":[{..}]} posted, or one event in the query of the
// pixel /i. Behaviour learnt from the vendor's documents and from what its trackers send; nothing
// is taken from its collector, whose licence forbids it.
//
//   uid, else duid, nuid -> user_id      duid -> device_id      sid -> session_id      eid ->
//   event_id e: ue -> the name of the event's schema; se -> se_ac; pv, pp, tr, ti -> words ->
//   event_name data of the event's schema, se_*, contexts (co, cx) -> properties      page, url ->
//   context.page ttm; else dtm, its skew corrected by stm -> client_ts, or server_ts where p is srv
#include <array>

#include "sim/wire/codes.h"
#include "sim/wire/dialects.h"
#include "sim/wire/json_text.h"
#include "sim/wire/skew.h"

namespace parallax {
namespace {

constexpr std::size_t body_bytes_max = 2U << 20;

struct Word {
  std::string_view code;
  std::string_view name;
};
constexpr std::array<Word, 4> event_words{
    {{"pv", "page_view"}, {"pp", "page_ping"}, {"tr", "transaction"}, {"ti", "transaction_item"}}};
constexpr std::array<std::string_view, 5> structured{"se_ca", "se_ac", "se_la", "se_pr", "se_va"};

/// "iglu:com.acme/purchase/jsonschema/1-0-0" -> purchase
std::string_view name_in_schema(std::string_view schema) {
  const std::size_t slash = schema.find('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view rest = schema.substr(slash + 1);
  return rest.substr(0, rest.find('/'));
}

std::optional<SimTime> milliseconds_in(JsonValue value) {
  return value.text().empty() ? std::nullopt : milliseconds_of(value.text());
}

SimTime instant_of(JsonValue event, SimTime now) {
  if (const auto exact = milliseconds_in(event["ttm"])) return *exact;
  const auto stated = milliseconds_in(event["dtm"]);
  if (!stated) return now;
  return shifted_time(*stated, milliseconds_in(event["stm"]).value_or(no_time), now);
}

/// Parses the JSON of `plain`, else the base64 of `coded`, into `space.inner`.
JsonValue inner_of(JsonValue plain, JsonValue coded, DecodeSpace& space) {
  if (plain.is(TokenKind::string)) {
    space.text = plain.text();
  } else {
    auto text = base64_decoded(coded.text());
    if (!text || text->empty()) return {};
    space.text = std::move(*text);
  }
  return space.inner.parse(space.text) ? space.inner.root() : JsonValue();
}

void put_self_describing(JsonValue event, DecodeSpace& space) {
  const JsonValue inner = inner_of(event["ue_pr"], event["ue_px"], space)["data"];
  if (const std::string_view name = name_in_schema(inner["schema"].text()); !name.empty())
    space.batch.put_text(SharedKey::event_name, name);
  space.batch.put_properties(inner["data"]);
}

void put_contexts(JsonValue event, DecodeSpace& space) {
  const JsonValue contexts = inner_of(event["co"], event["cx"], space)["data"];
  if (contexts.is(TokenKind::array)) space.batch.put_property("contexts", contexts.raw());
}

void put_event(JsonValue event, SimTime now, DecodeSpace& space) {
  using enum SharedKey;
  SharedBatch& out = space.batch;
  out.begin_event();
  const std::string_view kind = event["e"].text();
  out.put_text(user_id, event["uid"]);
  out.put_text(user_id, event["duid"]);
  out.put_text(user_id, event["nuid"]);
  out.put_text(device_id, event["duid"]);
  out.put_text(session_id, event["sid"]);
  if (kind == "ue") put_self_describing(event, space);
  if (kind == "se") out.put_text(event_name, event["se_ac"]);
  for (const Word& word : event_words)
    if (kind == word.code) out.put_text(event_name, word.name);
  for (const std::string_view key : structured)
    if (const JsonValue value = event[key]) out.put_property(key, value.raw());
  put_contexts(event, space);
  out.put_id(event["eid"]);
  out.put_source(event["p"].text() == "srv" ? Source::server : Source::client);
  out.put_own_time(instant_of(event, now));
  out.put_page(event["page"]);
  out.put_page(event["url"]);
  out.end_event();
}

/// The pixel's query as the body that a POST would have.
std::string body_of_query(std::string_view query) {
  std::string body = "{\"data\":[{";
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size() < query.size() ? pair.size() + 1 : pair.size());
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (body.back() != '{') body += ',';
    body += json::quoted(percent_decoded(pair.substr(0, equals), true)) + ':';
    body += json::quoted(percent_decoded(pair.substr(equals + 1), true));
  }
  return body + "}]}";
}

}  // namespace

std::optional<Refusal> decode_snowplow(const SdkRequest& request, DecodeSpace& space) {
  std::string& body = *request.body;
  if (body.size() > body_bytes_max) return Refusal{413, "the body is too long", {}};
  if (body.empty()) body = body_of_query(request.query);
  if (!space.tree.parse(body)) return Refusal{400, "the body is no JSON", {}};
  const JsonValue data = space.tree.root()["data"];
  if (!data.is(TokenKind::array)) return Refusal{400, "the body has no data", {}};
  space.batch.start();
  for (JsonValue event = data.first(); event; event = event.next())
    put_event(event, request.arrival, space);
  return std::nullopt;
}

}  // namespace parallax
