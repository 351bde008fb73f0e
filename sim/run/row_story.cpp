// SPDX-License-Identifier: Apache-2.0
#include "sim/run/row_story.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "sim/core/money.h"
#include "sim/core/time.h"

namespace parallax {
namespace {

using Json = nlohmann::json;

constexpr int places_most = 4;  ///< More than any currency has; what parse_money takes.

std::string text_of(const Json& value) {
  if (value.is_null()) return "none";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// "2026-03-02 00:00:42.2", as databases write it, reads as the same instant with T and Z.
std::optional<SimTime> time_of(std::string text) {
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  if (!text.empty() && text.back() != 'Z' && text.find('+') == std::string::npos) text += 'Z';
  return parse_rfc3339(text);
}

bool is_same(const std::string& stated, const std::string& sent, bool is_time) {
  if (stated == sent) return true;
  if (is_time) {
    const auto one = time_of(stated), other = time_of(sent);
    return one && other && one->to_millisecond() == other->to_millisecond();
  }
  const auto one = parse_money(stated, places_most), other = parse_money(sent, places_most);
  return one && other && *one == *other;
}

class Comparison {
 public:
  Comparison(std::span<const Emission> emissions, const Json& row)
      : emissions_(emissions), row_(row) {
    if (const auto found = row.find("properties"); found != row.end() && found->is_object())
      properties_ = &*found;
  }

  /// `says(emission)`: the text that it sent, empty for none.
  void look(const std::string& key, const std::function<std::string(const Emission&)>& says,
            bool is_time = false) {
    const Json* const value = find(key);
    if (value == nullptr) return;
    const std::string stated = text_of(*value);
    std::string sent;
    for (const Emission& emission : emissions_) {
      const std::string said = says(emission);
      if (said.empty()) continue;
      if (is_same(stated, said, is_time)) return;
      sent = said;
    }
    if (sent.empty()) return;
    text_ += (text_.empty() ? "" : ", ") + key + " " + stated + " (sent " + sent + ")";
  }

  std::string take() { return std::move(text_); }

 private:
  const Json* find(const std::string& key) const {
    for (const Json* const object : {&row_, properties_}) {
      if (object == nullptr) continue;
      if (const auto found = object->find(key); found != object->end()) return &*found;
    }
    return nullptr;
  }

  std::span<const Emission> emissions_;
  const Json& row_;
  const Json* properties_ = nullptr;
  std::string text_;
};

std::string clock_text(SimTime at) { return at == no_time ? "" : to_rfc3339(at); }

}  // namespace

std::string field_text(const TrackingPlan& plan, const Emission& emission, std::size_t field) {
  const FieldPlan& spec = plan.actions[emission.seen.type].fields[field];
  const std::int64_t value = emission.seen.values[field];
  switch (spec.type) {
    case FieldType::money:
      return format_money(value, plan.currencies[emission.seen.currency].exponent);
    case FieldType::string:
      return spec.form.text(value);
    case FieldType::boolean:
      return value != 0 ? "true" : "false";
    case FieldType::integer:
      return std::to_string(value);
    case FieldType::number:
      break;
  }
  return format_money(value / 100, places_most);  // From millionths.
}

std::string differing_fields(const TrackingPlan& plan, std::span<const Emission> emissions,
                             std::string_view row) {
  const Json json = Json::parse(row, nullptr, false);
  if (!json.is_object() || emissions.empty()) return {};
  Comparison all(emissions, json);
  all.look("event_id", [](const Emission& e) {
    return identifies(e.id_form) ? e.event_id.text() : std::string();
  });
  all.look("event_name", [&](const Emission& e) { return sent_name(plan, e); });
  all.look("user_id", [](const Emission& e) { return sent_user_id(e); });
  all.look("device_id", [](const Emission& e) { return device_id_text(e.seen.device); });
  all.look("session_id", [](const Emission& e) { return session_id_text(e.seen.session); });
  all.look("sequence_id", [](const Emission& e) { return std::to_string(e.seen.sequence); });
  all.look(
      "client_ts", [](const Emission& e) { return clock_text(e.client_ts); }, true);
  all.look(
      "server_ts", [](const Emission& e) { return clock_text(e.server_ts); }, true);
  all.look(
      "event_ts",
      [](const Emission& e) {
        return clock_text(e.server_ts != no_time ? e.server_ts : e.client_ts);
      },
      true);
  all.look("consent_state", [](const Emission& e) { return std::string(name_of(e.seen.consent)); });
  const auto& fields = plan.actions[emissions.front().seen.type].fields;
  const bool has_money = std::any_of(fields.begin(), fields.end(), [](const FieldPlan& field) {
    return field.type == FieldType::money;
  });
  if (has_money)
    all.look("currency", [&](const Emission& e) { return plan.currencies[e.seen.currency].code; });
  for (std::size_t i = 0; i < fields.size(); ++i)
    all.look(fields[i].name, [&](const Emission& e) {
      const bool stated = e.forms[i] == FieldForm::present || e.forms[i] == FieldForm::as_text;
      return stated ? field_text(plan, e, i) : std::string();
    });
  return all.take();
}

}  // namespace parallax
