// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/shared_template.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sim/wire/json_text.h"

namespace parallax::shared_text {
namespace {

/// Room for what has a fixed longest text in any event: keys, ids, times, counts.
constexpr std::size_t envelope_longest = 512;

/// ,"client_ts":"
std::string time_key(Source side) { return ",\"" + std::string(name_of(side)) + "_ts\":\""; }

Field field_of(std::size_t index, const FieldPlan& plan) {
  Field field;
  field.index = index;
  field.type = plan.type;
  field.text = plan.form.kind;
  const std::string key = ',' + json::quoted(plan.name) + ':';
  field.key = Piece(key);
  const bool is_text = plan.type == FieldType::string;
  field.open = Piece(is_text ? key + '"' + json::escaped(plan.form.prefix) : key);
  field.longest = field.open.size() + 2 + json::longest_number;
  for (const std::string& text : plan.form.texts) {
    field.texts.emplace_back(json::escaped(text) + '"');
    field.longest = std::max(field.longest, field.open.size() + field.texts.back().size());
  }
  return field;
}

/// 0 for revenue, 1 for tax, nothing for what belongs into the properties.
std::optional<int> place_beside_currency(const FieldPlan& field) {
  if (field.type != FieldType::money) return std::nullopt;
  if (field.name == "revenue") return 0;
  if (field.name == "tax") return 1;
  return std::nullopt;
}

/// A copy's number changes nothing of an event, nor does why it might have been withheld.
void note_usual_fields(const ActionPlan& action, Source side, Template& made) {
  Emission usual{}, other{};
  usual.source = other.source = side;
  usual.schema_version = other.schema_version = action.schema_version;
  other.copy = 0xff;
  other.withheld = Withheld::refused;
  made.usual_mask = ~(small_fields(usual) ^ small_fields(other));
  made.usual_fields = small_fields(usual);
}

}  // namespace

Template compile(const ActionPlan& action, Source side, const std::string& queued) {
  Template made;
  const std::string name = "{\"event_name\":" + json::quoted(action.name);
  const std::string with_id = name + std::string(id_key);
  const std::string own_time = time_key(side);
  const std::string source = ",\"source\":" + json::quoted(name_of(side)) + ",\"schema_version\":";
  made.name = Piece(name);
  made.id_at = with_id.size();
  made.usual_open = Piece(with_id + std::string(uuid_length, ' ') + '"' + std::string(user_key));
  made.source = Piece(source);
  made.time_at = own_time.size();
  made.usual_state = Piece(own_time + std::string(rfc3339_length, ' ') + '"' + source +
                           std::to_string(action.schema_version) +
                           ",\"consent_state\":\"granted\",\"retry_count\":0" + queued);
  note_usual_fields(action, side, made);
  std::array<std::optional<Field>, 2> beside;
  for (std::size_t i = 0; i < action.fields.size(); ++i) {
    const FieldPlan& plan = action.fields[i];
    if (plan.type == FieldType::money) made.states_currency = true;
    if (!plan.on(side)) continue;
    if (const auto place = place_beside_currency(plan)) {
      beside[static_cast<std::size_t>(*place)] = field_of(i, plan);
    } else {
      made.properties.push_back(field_of(i, plan));
    }
  }
  for (auto& field : beside) {
    if (field) made.beside.push_back(*std::move(field));
  }
  return made;
}

std::size_t Template::longest() const {
  std::size_t longest = envelope_longest + usual_open.size();
  for (const auto* fields : {&beside, &properties})
    for (const Field& field : *fields) longest += field.longest;
  return longest;
}

}  // namespace parallax::shared_text
