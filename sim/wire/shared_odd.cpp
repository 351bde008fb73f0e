// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/shared_odd.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "sim/core/money.h"
#include "sim/wire/json_text.h"

namespace parallax {
namespace {

/// Room for what has a fixed longest text in any event: keys, ids, times, counts.
constexpr std::size_t envelope_longest = 640;

/// ,"key":
void append_key(std::string_view key, std::string& out) {
  if (out.back() != '{') out += ',';
  out.append(json::quoted(key)).append(":");
}
void append_text(std::string_view key, std::string_view text, std::string& out) {
  append_key(key, out);
  out += json::quoted(text);
}
void append_number(std::string_view key, std::int64_t value, std::string& out) {
  append_key(key, out);
  out += std::to_string(value);
}
void append_time(std::string_view key, SimTime time, std::string& out) {
  if (time != no_time) append_text(key, to_rfc3339(time), out);
}

void append_event_id(const Emission& emission, std::string& out) {
  if (emission.id_form == IdForm::absent) return;
  assert(emission.id_form != IdForm::foreign);  // rows only
  std::string id = emission.id_form == IdForm::empty         ? std::string()
                   : emission.id_form == IdForm::placeholder ? Uuid{}.text()
                                                             : emission.event_id.text();
  if (emission.id_form == IdForm::upper_case)
    std::transform(id.begin(), id.end(), id.begin(),
                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  append_text("event_id", id, out);
}

/// A number or boolean, without quotes.
std::string bare_text(FieldType type, std::int64_t value, int exponent) {
  std::array<char, json::longest_number> digits;
  switch (type) {
    case FieldType::integer:
      return {digits.data(), json::write_integer(value, digits.data())};
    case FieldType::number:
      return {digits.data(), json::write_millionths(value, digits.data())};
    case FieldType::money:
      return format_money(value, exponent);
    case FieldType::boolean:
      return value != 0 ? "true" : "false";
    case FieldType::string:
      break;
  }
  assert(false);
  return {};
}

/// With its quotes, if any. Precondition: the form has a value.
std::string value_text(const FieldPlan& field, FieldForm form, std::int64_t value, int exponent) {
  assert(form != FieldForm::other && form != FieldForm::absent);  // rows only; without a value
  if (form == FieldForm::null) return "null";
  if (field.type == FieldType::string) return json::quoted(sent_text(field, form, value));
  const std::string bare =
      bare_text(field.type, value, form == FieldForm::minor_units ? 0 : exponent);
  return form == FieldForm::as_text ? json::quoted(bare) : bare;
}

/// Money that stands beside the currency; under another name nobody takes it for that.
bool stands_beside(const FieldPlan& field, FieldForm form, std::string_view name) {
  return field.type == FieldType::money && field.name == name && form != FieldForm::renamed;
}

std::size_t longest_of(const std::vector<std::string>& texts) {
  std::size_t longest = 0;
  for (const std::string& text : texts) longest = std::max(longest, json::quoted(text).size());
  return longest;
}

std::size_t longest_of(const FieldPlan& field) {
  const std::size_t name =
      std::max(json::quoted(field.name).size(), json::quoted(field.other_name).size());
  std::size_t text = std::max(longest_of(field.form.texts), json::longest_number);
  if (field.form.kind != TextForm::Kind::list)
    text += json::quoted(field.form.prefix).size() + field.form.longest();
  return name + text + std::size_t{8};
}

}  // namespace

OddEvents::OddEvents(const TrackingPlan& plan, std::string_view run_id)
    : plan_(&plan),
      run_id_(json::quoted(run_id)),
      other_project_(json::quoted(other_project(run_id))) {
  measure();
}

void OddEvents::measure() {
  std::vector<std::string> codes;
  for (const CurrencyPlan& currency : plan_->currencies) codes.push_back(currency.code);
  longest_ =
      envelope_longest + other_project_.size() + longest_of(codes) + longest_of(plan_->pages);
  for (const TraitPlan& trait : plan_->traits)
    longest_ += json::quoted(trait.name).size() + longest_of(trait.values) + 2;
  std::size_t longest_action = 0;
  for (const ActionPlan& action : plan_->actions) {
    std::size_t size =
        std::max(json::quoted(action.name).size(), json::quoted(action.other_name).size());
    for (const FieldPlan& field : action.fields) size += longest_of(field);
    longest_action = std::max(longest_action, size);
  }
  longest_ += longest_action;
}

void OddEvents::append(const Emission& emission, std::string& out) const {
  out += '{';
  append_text("event_name", sent_name(*plan_, emission), out);
  append_event_id(emission, out);
  append_who(emission, out);
  append_time("client_ts", emission.client_ts, out);
  append_time("server_ts", emission.server_ts, out);
  append_text("source", name_of(emission.source), out);
  append_number("schema_version", emission.schema_version, out);
  append_text("consent_state", name_of(emission.seen.consent), out);
  append_number("retry_count", emission.retry_count, out);
  append_text("delivery_status", emission.retry_count == 0 ? "queued" : "retrying", out);
  append_key("run_id", out);
  out += emission.other_project ? other_project_ : run_id_;
  append_context(emission.seen, out);
  append_business(emission, out);
  out += '}';
}

void OddEvents::append_who(const Emission& emission, std::string& out) const {
  if (emission.user_form != UserForm::absent) append_text("user_id", sent_user_id(emission), out);
  append_text("device_id", device_id_text(emission.seen.device), out);
  append_text("session_id", session_id_text(emission.seen.session), out);
  append_number("sequence_id", emission.seen.sequence, out);
}

void OddEvents::append_context(const Action& seen, std::string& out) const {
  append_key("context", out);
  out += '{';
  append_text("page", plan_->pages[seen.page], out);
  for (std::size_t i = 0; i < plan_->traits.size(); ++i)
    append_text(plan_->traits[i].name, plan_->traits[i].values[seen.traits[i]], out);
  out += '}';
}

void OddEvents::append_business(const Emission& emission, std::string& out) const {
  const Action& seen = emission.seen;
  const auto& fields = plan_->actions[seen.type].fields;
  const bool has_money = std::any_of(fields.begin(), fields.end(), [](const FieldPlan& field) {
    return field.type == FieldType::money;
  });
  int exponent = 0;
  if (has_money) {
    exponent = plan_->currencies[seen.currency].exponent;
    append_text("currency", plan_->currencies[seen.currency].code, out);
  }
  const auto append_field = [&](std::size_t i) {
    const FieldForm form = emission.forms[i];
    append_key(form == FieldForm::renamed ? fields[i].other_name : fields[i].name, out);
    out += value_text(fields[i], form, seen.values[i], exponent);
  };
  const auto is_sent = [&](std::size_t i) { return emission.forms[i] != FieldForm::absent; };
  for (const std::string_view beside : {"revenue", "tax"})
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (is_sent(i) && stands_beside(fields[i], emission.forms[i], beside)) append_field(i);
  append_key("properties", out);
  out += '{';
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (is_sent(i) && !stands_beside(fields[i], emission.forms[i], "revenue") &&
        !stands_beside(fields[i], emission.forms[i], "tax"))
      append_field(i);
  out += '}';
}

}  // namespace parallax
