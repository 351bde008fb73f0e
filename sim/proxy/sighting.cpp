// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/sighting.h"

#include <algorithm>
#include <charconv>

#include "sim/core/millionths.h"
#include "sim/core/money.h"
#include "sim/core/prng.h"
#include "sim/wire/shared_fields.h"

namespace parallax::proxy {
namespace {

bool has_text(const Token& token) {
  return token.kind == TokenKind::string || token.kind == TokenKind::number;
}
std::string_view text_of(const SharedEvent& event, SharedKey key) {
  const Token& token = event.at(key);
  return has_text(token) ? token.text : std::string_view();
}

template <class T>
T number_or(const SharedEvent& event, SharedKey key, T otherwise) {
  const std::string_view text = text_of(event, key);
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && stop == end && !text.empty() ? value : otherwise;
}

std::optional<std::int64_t> read_number(FieldType type, std::string_view text, int exponent) {
  switch (type) {
    case FieldType::integer:
      return parse_money(text, 0);
    case FieldType::number:
      return parse_millionths(text);
    case FieldType::money:
      return parse_money(text, exponent);
    case FieldType::boolean:
      if (text == "true" || text == "false") return text == "true" ? 1 : 0;
      return std::nullopt;
    case FieldType::string:
      break;
  }
  return std::nullopt;
}

std::uint64_t content_of(const Emission& e, bool exact_times) {
  std::uint64_t hash = mix64(e.seen.type);
  const auto add = [&hash](std::uint64_t value) { hash = mix64(hash ^ mix64(value)); };
  add(e.seen.user);
  add(e.seen.device);
  add(e.seen.session);
  add(e.seen.sequence);
  add(e.schema_version);
  add(static_cast<std::uint64_t>(e.seen.consent));
  if (exact_times) {
    add(static_cast<std::uint64_t>(e.client_ts.since_epoch));
    add(static_cast<std::uint64_t>(e.server_ts.since_epoch));
  }
  for (std::size_t i = 0; i < max_fields; ++i) {
    add(static_cast<std::uint64_t>(e.forms[i]));
    add(static_cast<std::uint64_t>(e.seen.values[i]));
  }
  return hash;
}

/// An event without an id is known by where it stands in its session, as the canonical rule has it.
Uuid identity_of(const Emission& e) {
  if (identifies(e.id_form)) return e.event_id;
  const std::uint64_t place = mix64(e.seen.session ^ mix64(e.seen.sequence));
  return {mix64(place ^ e.seen.user), mix64(place ^ mix64(e.seen.type + 1U))};
}

}  // namespace

bool EventReader::read(const SdkFormat* format, const SdkRequest& request, Sightings& out) {
  const auto states = [&](std::string_view word) {
    return request.body->find(word) != std::string::npos;
  };
  // What the plan itself says of an event's time is in no vendor's hands.
  const bool exact = format == nullptr || states("\"client_ts\"") || states("\"server_ts\"");
  std::string* body = request.body;
  if (format != nullptr) {
    if (format->decode(request, space_) || space_.batch.events() == 0) return false;
    body = &space_.batch.finish();
  }
  const auto take = [&](const SharedEvent& event) {
    ++out.total;
    if (!event.is_object) return;
    if (out.run_id.empty()) out.run_id = text_of(event, SharedKey::run_id);
    if (auto sighted = sight(event, request.arrival, exact)) out.events.push_back(*sighted);
  };
  return decoder_.decode(*body, take) && !out.events.empty();
}

std::optional<Sighted> EventReader::sight(const SharedEvent& event, SimTime arrival,
                                          bool exact_times) {
  const auto type = plan_.action_index(text_of(event, SharedKey::event_name));
  if (!type) return std::nullopt;
  Sighted sighted;
  Emission& emission = sighted.emission;
  emission.seen.type = *type;
  emission.source = text_of(event, SharedKey::source) == name_of(Source::server) ? Source::server
                                                                                 : Source::client;
  read_identity(event, emission);
  read_who(event, emission);
  read_times(event, arrival, exact_times, emission);
  read_context(event, emission.seen);
  read_fields(event, emission);
  sighted.identity = identity_of(emission);
  sighted.content = content_of(emission, exact_times);
  return sighted;
}

void EventReader::read_identity(const SharedEvent& event, Emission& out) const {
  const Token& token = event.at(SharedKey::event_id);
  const auto id = Uuid::parse(has_text(token) ? token.text : std::string_view());
  if (!id) {
    out.id_form =
        token.kind == TokenKind::string && token.text.empty() ? IdForm::empty : IdForm::absent;
    return;
  }
  out.event_id = *id;
  const bool capitals = std::any_of(token.text.begin(), token.text.end(),
                                    [](char c) { return c >= 'A' && c <= 'F'; });
  out.id_form = *id == Uuid{} ? IdForm::placeholder
                : capitals    ? IdForm::upper_case
                              : IdForm::normal;
}

void EventReader::read_who(const SharedEvent& event, Emission& out) {
  const std::string_view user = text_of(event, SharedKey::user_id);
  if (user.empty()) {
    out.user_form = UserForm::absent;
  } else {
    out.seen.user = names_.user(user);
  }
  out.seen.device = device_number(text_of(event, SharedKey::device_id));
  out.seen.session = session_number(text_of(event, SharedKey::session_id));
  out.seen.sequence = number_or<std::uint32_t>(event, SharedKey::sequence_id, 0);
  out.schema_version = number_or<std::uint16_t>(event, SharedKey::schema_version, 1);
  out.retry_count = number_or<std::uint16_t>(event, SharedKey::retry_count, 0);
  if (text_of(event, SharedKey::consent_state) == name_of(Consent::denied))
    out.seen.consent = Consent::denied;
}

void EventReader::read_times(const SharedEvent& event, SimTime arrival, bool exact,
                             Emission& out) const {
  const auto client = parse_rfc3339(text_of(event, SharedKey::client_ts));
  const auto server = parse_rfc3339(text_of(event, SharedKey::server_ts));
  if (exact) {
    out.client_ts = client.value_or(no_time);
    out.server_ts = server.value_or(no_time);
  }
  const auto own = out.source == Source::server && server ? server : client;
  out.seen.at = own ? *own : server.value_or(arrival);
  out.captured = out.seen.at;
}

/// Traits and the page stand in the context; vendors have traits among the properties.
void EventReader::read_context(const SharedEvent& event, Action& out) {
  text_.assign(event.raw);
  const Result<void> parsed = tree_.parse(text_);
  const JsonValue root = parsed ? tree_.root() : JsonValue();
  const JsonValue context = root["context"], properties = root["properties"];
  const auto index_of = [](const std::vector<std::string>& values, JsonValue said) {
    const auto end = values.end() - 1;  // The last one stands for all others.
    const auto found = said.missing() ? end : std::find(values.begin(), end, said.text());
    return static_cast<std::uint16_t>(found - values.begin());
  };
  for (std::size_t i = 0; i < plan_.traits.size(); ++i) {
    const TraitPlan& trait = plan_.traits[i];
    const JsonValue said = context[trait.name];
    out.traits[i] = index_of(trait.values, said ? said : properties[trait.name]);
  }
  out.page = index_of(plan_.pages, context["page"]);
}

void EventReader::read_fields(const SharedEvent& event, Emission& out) {
  const std::string_view code = text_of(event, SharedKey::currency);
  for (std::size_t i = 0; i < plan_.currencies.size(); ++i)
    if (plan_.currencies[i].code == code) out.seen.currency = static_cast<std::uint8_t>(i);
  const std::vector<FieldPlan>& fields = plan_.actions[out.seen.type].fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Token token = field_of(event, fields[i].name);
    out.forms[i] = read_value(i, token, out, out.seen.values[i]);
  }
}

FieldForm EventReader::read_value(std::size_t field, const Token& token, const Emission& emission,
                                  std::int64_t& value) {
  if (token.missing()) return token.kind == TokenKind::null ? FieldForm::null : FieldForm::absent;
  const std::uint16_t type = emission.seen.type;
  const FieldPlan& plan = plan_.actions[type].fields[field];
  if (plan.type == FieldType::string) {
    if (token.kind != TokenKind::string) return FieldForm::absent;
    value = names_.field_text(type, field, token.text);
    return FieldForm::present;
  }
  const int exponent =
      plan_.currencies.empty() ? 2 : plan_.currencies[emission.seen.currency].exponent;
  const auto number = read_number(plan.type, token.text, exponent);
  if (!number) return FieldForm::absent;
  value = *number;
  return token.kind == TokenKind::string ? FieldForm::as_text : FieldForm::present;
}

}  // namespace parallax::proxy
