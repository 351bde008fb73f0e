// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/contract.h"

#include <algorithm>
#include <utility>

#include "sim/core/time.h"
#include "sim/wire/shared_fields.h"

namespace parallax::pipeline {
namespace {

std::string missing(std::string_view field) { return "missing field: " + std::string(field); }

std::string wrong(std::string_view field, std::string_view found, std::string_view wanted) {
  const std::string_view article = found.front() == 'o' || found.front() == 'a' ? "an " : "a ";
  return "wrong type: " + std::string(field) + " is " + std::string(article) + std::string(found) +
         ", not " + std::string(wanted);
}

bool is_integer(const Token& token) {
  return token.kind == TokenKind::number && token.text.size() <= 18 &&
         token.text.find_first_of(".eE") == std::string_view::npos;
}

bool has_type(const Token& token, FieldType type) {
  switch (type) {
    case FieldType::string:
      return token.kind == TokenKind::string;
    case FieldType::integer:
      return is_integer(token);
    case FieldType::number:
    case FieldType::money:
      return token.kind == TokenKind::number;
    case FieldType::boolean:
      return token.kind == TokenKind::boolean;
  }
  return false;
}

std::string_view wanted_name(FieldType type) {
  switch (type) {
    case FieldType::string:
      return "a string";
    case FieldType::integer:
      return "an integer";
    case FieldType::number:
    case FieldType::money:
      return "a number";
    case FieldType::boolean:
      return "a boolean";
  }
  return "known";
}

std::string fault_in_types(const SharedEvent& event) {
  using enum SharedKey;
  for (const SharedKey key :
       {event_name, event_id, user_id, device_id, session_id, client_ts, server_ts, source,
        consent_state, delivery_status, run_id, currency}) {
    const Token& token = event.at(key);
    if (!token.missing() && token.kind != TokenKind::string)
      return wrong(name_of(key), name_of(token.kind), "a string");
  }
  for (const SharedKey key : {sequence_id, schema_version, retry_count}) {
    const Token& token = event.at(key);
    if (!token.missing() && !is_integer(token))
      return wrong(name_of(key), name_of(token.kind), "an integer");
  }
  for (const SharedKey key : {context, properties}) {
    const Token& token = event.at(key);
    if (!token.missing() && token.kind != TokenKind::object)
      return wrong(name_of(key), name_of(token.kind), "an object");
  }
  return {};
}

std::string fault_in_times(const SharedEvent& event) {
  const Token& client = event.at(SharedKey::client_ts);
  const Token& server = event.at(SharedKey::server_ts);
  if (client.missing() && server.missing())
    return missing(event.at(SharedKey::source).text == "server" ? "server_ts" : "client_ts");
  if (!client.missing() && !parse_rfc3339(client.text)) return "no RFC 3339 time: client_ts";
  if (!server.missing() && !parse_rfc3339(server.text)) return "no RFC 3339 time: server_ts";
  return {};
}

std::string fault_in_envelope(const SharedEvent& event) {
  if (!event.is_object) return "the event is no object";
  if (std::string fault = fault_in_types(event); !fault.empty()) return fault;
  for (const SharedKey key : {SharedKey::event_name, SharedKey::source})
    if (event.at(key).text.empty()) return missing(name_of(key));
  const std::string_view source = event.at(SharedKey::source).text;
  if (source != "client" && source != "server") return "source is neither client nor server";
  return fault_in_times(event);
}

}  // namespace

ContractCheck::ContractCheck(std::optional<TrackingPlan> plan) : plan_(std::move(plan)) {}

std::string ContractCheck::fault_of(const SharedEvent& event) const {
  std::string fault = fault_in_envelope(event);
  if (!fault.empty() || !plan_) return fault;
  const auto index = plan_->action_index(event.at(SharedKey::event_name).text);
  if (!index) return {};
  return fault_in_fields(event, plan_->actions[*index]);
}

std::string ContractCheck::fault_in_fields(const SharedEvent& event,
                                           const ActionPlan& action) const {
  const Source side =
      event.at(SharedKey::source).text == "server" ? Source::server : Source::client;
  for (const FieldPlan& field : action.fields) {
    const Token token = field_of(event, field.name);
    if (token.missing()) {
      if (field.required && field.on(side)) return missing(field.name);
    } else if (!has_type(token, field.type)) {
      return wrong(field.name, name_of(token.kind), wanted_name(field.type));
    }
  }
  return {};
}

}  // namespace parallax::pipeline
