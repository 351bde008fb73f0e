// SPDX-License-Identifier: Apache-2.0
#include "sim/run/event_columns.h"

#include <algorithm>
#include <utility>

namespace parallax {
namespace {

using Kind = EventColumn::Kind;

constexpr int number_places = 6;  ///< FieldType::number holds millionths.

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string free_name(const std::vector<EventColumn>& columns, const std::string& prefix,
                      std::string name) {
  const auto taken = [&](const EventColumn& c) { return lower_case(c.name) == lower_case(name); };
  while (std::any_of(columns.begin(), columns.end(), taken)) name.insert(0, prefix);
  return name;
}

int scale_of(FieldType type, const TrackingPlan& plan) {
  if (type == FieldType::number) return number_places;
  if (type != FieldType::money) return 0;
  int scale = 0;
  for (const CurrencyPlan& currency : plan.currencies) scale = std::max(scale, currency.exponent);
  return scale;
}

/// A column a field name over all action types, or one a name that faults give to fields.
void add_fields(const TrackingPlan& plan, bool renamed, std::vector<EventColumn>& columns) {
  std::vector<std::pair<std::string, EventColumn>> fields;
  for (std::size_t type = 0; type < plan.actions.size(); ++type) {
    for (std::size_t i = 0; i < plan.actions[type].fields.size(); ++i) {
      const FieldPlan& field = plan.actions[type].fields[i];
      const std::string& name = renamed ? field.other_name : field.name;
      if (name.empty()) continue;
      auto found = std::find_if(fields.begin(), fields.end(),
                                [&](const auto& known) { return known.first == name; });
      if (found == fields.end()) {
        EventColumn column;
        column.kind = Kind::field;
        column.type = field.type;
        column.renamed = renamed;
        column.field_of_type.assign(plan.actions.size(), EventColumn::no_field);
        fields.emplace_back(name, std::move(column));
        found = fields.end() - 1;
      }
      found->second.field_of_type[type] = static_cast<std::uint8_t>(i);
      if (found->second.type != field.type) found->second.type = FieldType::string;
    }
  }
  for (auto& [name, column] : fields) {
    column.name = free_name(columns, "field_", name);
    column.scale = scale_of(column.type, plan);
    columns.push_back(std::move(column));
  }
}

}  // namespace

std::vector<EventColumn> event_columns(const TrackingPlan& plan) {
  std::vector<EventColumn> columns;
  const auto add = [&](std::string name, Kind kind) {
    columns.emplace_back();
    columns.back().name = std::move(name);
    columns.back().kind = kind;
  };
  add("event_name", Kind::event_name);
  add("event_id", Kind::event_id);
  add("user_id", Kind::user_id);
  add("device_id", Kind::device_id);
  add("session_id", Kind::session_id);
  add("sequence_id", Kind::sequence_id);
  add("client_ts", Kind::client_ts);
  add("server_ts", Kind::server_ts);
  add("source", Kind::source);
  add("schema_version", Kind::schema_version);
  add("consent_state", Kind::consent_state);
  add("retry_count", Kind::retry_count);
  add("delivery_status", Kind::delivery_status);
  add("run_id", Kind::run_id);
  add("page", Kind::page);
  add("currency", Kind::currency);
  for (std::size_t i = 0; i < plan.traits.size(); ++i) {
    add(free_name(columns, "trait_", plan.traits[i].name), Kind::trait);
    columns.back().trait = i;
  }
  for (const bool renamed : {false, true}) add_fields(plan, renamed, columns);
  return columns;
}

std::uint8_t field_in(const EventColumn& column, const Emission& emission) {
  const std::uint8_t field = column.field_of_type[emission.seen.type];
  if (field == EventColumn::no_field) return field;
  const FieldForm form = emission.forms[field];
  const bool valued = form != FieldForm::absent && form != FieldForm::null;
  return valued && (form == FieldForm::renamed) == column.renamed ? field : EventColumn::no_field;
}

int places_of_money(const TrackingPlan& plan, const Emission& emission, std::uint8_t field) {
  const bool minor = emission.forms[field] == FieldForm::minor_units;
  return minor ? 0 : plan.currencies[emission.seen.currency].exponent;
}

bool states_currency(const ActionPlan& action) {
  return std::any_of(action.fields.begin(), action.fields.end(),
                     [](const FieldPlan& field) { return field.type == FieldType::money; });
}

}  // namespace parallax
