// SPDX-License-Identifier: Apache-2.0
#include "sim/run/ledger_columns.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "sim/core/money.h"
#include "sim/run/strike_text.h"

namespace parallax {
namespace {

constexpr int number_places = 6;  ///< FieldType::number holds millionths.

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

int scale_of_money(const TrackingPlan& plan) {
  int scale = plan.currencies.empty() ? 2 : 0;
  for (const CurrencyPlan& currency : plan.currencies) scale = std::max(scale, currency.exponent);
  return scale;
}

ParquetColumn::Type column_type(FieldType type) {
  switch (type) {
    case FieldType::string:
      return ParquetColumn::Type::text;
    case FieldType::integer:
      return ParquetColumn::Type::integer;
    case FieldType::boolean:
      return ParquetColumn::Type::boolean;
    case FieldType::number:
    case FieldType::money:
      break;
  }
  return ParquetColumn::Type::decimal;
}

/// One name over all action types: which field of each it is.
struct FieldColumn {
  std::string name;
  std::vector<std::optional<std::size_t>> index_by_type;
  FieldType type = FieldType::string;
  bool mixed = false;  ///< Action types disagree about its type.
};

std::vector<FieldColumn> union_of_fields(const TrackingPlan& plan) {
  std::vector<FieldColumn> out;
  for (std::size_t type = 0; type < plan.actions.size(); ++type) {
    const auto& fields = plan.actions[type].fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      auto found = std::find_if(out.begin(), out.end(), [&](const FieldColumn& column) {
        return column.name == fields[i].name;
      });
      if (found == out.end()) {
        out.push_back({fields[i].name, {}, fields[i].type, false});
        out.back().index_by_type.resize(plan.actions.size());
        found = out.end() - 1;
      }
      found->index_by_type[type] = i;
      found->mixed = found->mixed || found->type != fields[i].type;
    }
  }
  return out;
}

int exponent_of(const TrackingPlan& plan, const Action& action) {
  return action.currency < plan.currencies.size() ? plan.currencies[action.currency].exponent : 2;
}

std::string millionths_text(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  const std::string digits = std::to_string(value < 0 ? 0 - bits : bits);
  const std::size_t width = std::max<std::size_t>(digits.size(), number_places + 1);
  std::string out = std::string(width - digits.size(), '0') + digits;
  out.insert(out.size() - number_places, 1, '.');
  return value < 0 ? "-" + out : out;
}

std::string value_text(const FieldPlan& field, std::int64_t value, int exponent) {
  switch (field.type) {
    case FieldType::string:
      return field.form.text(value);
    case FieldType::integer:
      return std::to_string(value);
    case FieldType::number:
      return millionths_text(value);
    case FieldType::money:
      return format_money(value, exponent);
    case FieldType::boolean:
      break;
  }
  return value != 0 ? "true" : "false";
}

void write_value(const FieldPlan& field, std::int64_t value, int exponent, ParquetCell& cell) {
  switch (field.type) {
    case FieldType::string:
      return cell.text(field.form.text(value));
    case FieldType::integer:
      return cell.integer(value);
    case FieldType::number:
      return cell.decimal(value, number_places);
    case FieldType::money:
      return cell.decimal(value, exponent);
    case FieldType::boolean:
      return cell.boolean(value != 0);
  }
  assert(false);
}

}  // namespace

std::vector<std::string> names_of(const std::vector<ActionPlan>& actions) {
  std::vector<std::string> out;
  out.reserve(actions.size());
  for (const ActionPlan& action : actions) out.push_back(action.name);
  return out;
}

void LedgerColumns::add(ParquetColumn column) {
  const bool fresh = taken_.insert(lower_case(column.name)).second;
  assert(fresh);
  static_cast<void>(fresh);
  columns_.push_back(std::move(column));
}

std::string LedgerColumns::free_name(const std::string& prefix, const std::string& name) const {
  std::string out = name;
  while (taken_.contains(lower_case(out))) out.insert(0, prefix);
  return out;
}

void LedgerColumns::text(std::string name, std::function<std::string(std::size_t)> value) {
  add({std::move(name), Type::text,
       [value = std::move(value)](Cell& cell, std::size_t row) { cell.text(value(row)); }});
}
void LedgerColumns::name(std::string name, const std::vector<std::string>& texts,
                         std::function<std::size_t(std::size_t)> index) {
  ParquetColumn column{std::move(name), Type::name, {}};
  std::vector<std::size_t> place;  // Of each text among the different ones.
  for (const std::string& text : texts) {
    const auto found = std::find(column.names.begin(), column.names.end(), text);
    place.push_back(static_cast<std::size_t>(found - column.names.begin()));
    if (found == column.names.end()) column.names.push_back(text);
  }
  column.write = [place = std::move(place), index = std::move(index)](Cell& cell, std::size_t row) {
    cell.name(place[index(row)]);
  };
  add(std::move(column));
}
void LedgerColumns::optional_text(std::string name,
                                  std::function<std::optional<std::string>(std::size_t)> value) {
  add({std::move(name), Type::text, [value = std::move(value)](Cell& cell, std::size_t row) {
         const auto text = value(row);
         text ? cell.text(*text) : cell.null();
       }});
}
void LedgerColumns::integer(std::string name, std::function<std::int64_t(std::size_t)> value) {
  add({std::move(name), Type::integer,
       [value = std::move(value)](Cell& cell, std::size_t row) { cell.integer(value(row)); }});
}
void LedgerColumns::optional_integer(std::string name,
                                     std::function<std::int64_t(std::size_t)> value) {
  add({std::move(name), Type::integer, [value = std::move(value)](Cell& cell, std::size_t row) {
         const std::int64_t number = value(row);
         number < 0 ? cell.null() : cell.integer(number);
       }});
}
void LedgerColumns::boolean(std::string name, std::function<bool(std::size_t)> value) {
  add({std::move(name), Type::boolean,
       [value = std::move(value)](Cell& cell, std::size_t row) { cell.boolean(value(row)); }});
}
void LedgerColumns::time(std::string name, std::function<SimTime(std::size_t)> value) {
  add({std::move(name), Type::time,
       [value = std::move(value)](Cell& cell, std::size_t row) { cell.time(value(row)); }});
}

void LedgerColumns::faults(std::string name, std::function<std::uint64_t(std::size_t)> bits) {
  text(std::move(name), [&plans = scenario_.faults, bits = std::move(bits)](std::size_t row) {
    const std::uint64_t set = bits(row);
    std::string out;
    for (std::size_t i = 0; set != 0 && i < plans.size(); ++i)
      if ((set >> i & 1U) != 0) out += (out.empty() ? "" : ", ") + plans[i].name;
    return out;
  });
}

void LedgerColumns::points(std::string name, StrikePlace::Meets met,
                           std::function<std::uint64_t(std::size_t)> bits,
                           std::function<Strike(std::size_t)> strike) {
  text(std::move(name), [&plans = scenario_.faults, met, bits = std::move(bits),
                         strike = std::move(strike)](std::size_t row) {
    const std::uint64_t set = bits(row);
    std::string out;
    for (std::size_t i = 0; set != 0 && i < plans.size(); ++i)
      if ((set >> i & 1U) != 0)
        out.append(out.empty() ? "" : ", ").append(struck_at(plans[i], met, strike(row)));
    return out;
  });
}

void LedgerColumns::action(const ActionAt& at) {
  const TrackingPlan& plan = scenario_.plan;
  name("event_name", names_of(plan.actions), [at](std::size_t row) { return at(row).type; });
  text("user_id", [at](std::size_t row) { return user_id_text(at(row).user); });
  text("device_id", [at](std::size_t row) { return device_id_text(at(row).device); });
  text("session_id", [at](std::size_t row) { return session_id_text(at(row).session); });
  integer("sequence_id", [at](std::size_t row) { return at(row).sequence; });
  std::vector<std::string> pages = plan.pages;
  pages.emplace_back();  // No page.
  name("page", pages, [at, none = plan.pages.size()](std::size_t row) {
    return std::min<std::size_t>(at(row).page, none);
  });
  std::vector<std::string> codes;
  for (const CurrencyPlan& currency : plan.currencies) codes.push_back(currency.code);
  codes.emplace_back();
  name("currency", codes, [at, none = plan.currencies.size()](std::size_t row) {
    return std::min<std::size_t>(at(row).currency, none);
  });
  text("consent_state", [at](std::size_t row) { return std::string(name_of(at(row).consent)); });
  for (std::size_t i = 0; i < plan.traits.size(); ++i)
    name(free_name("trait_", plan.traits[i].name), plan.traits[i].values,
         [at, i](std::size_t row) { return at(row).traits[i]; });
}

void LedgerColumns::fields(const ActionAt& at, const HasField& has) {
  const TrackingPlan& plan = scenario_.plan;
  for (FieldColumn& field : union_of_fields(plan)) {
    ParquetColumn column;
    column.name = free_name("field_", field.name);
    column.type = field.mixed ? Type::text : column_type(field.type);
    if (column.type == Type::decimal)
      column.scale = field.type == FieldType::money ? scale_of_money(plan) : number_places;
    column.write = [at, has, &plan, index_by_type = std::move(field.index_by_type),
                    mixed = field.mixed](Cell& cell, std::size_t row) {
      const Action& seen = at(row);
      const auto index = index_by_type[seen.type];
      if (!index || !has(row, *index)) return cell.null();
      const FieldPlan& spec = plan.actions[seen.type].fields[*index];
      const int exponent = exponent_of(plan, seen);
      if (mixed) return cell.text(value_text(spec, seen.values[*index], exponent));
      write_value(spec, seen.values[*index], exponent, cell);
    };
    add(std::move(column));
  }
}

std::string action_id_text(ActionId id) { return "a-" + std::to_string(id.value); }
std::string attempt_id_text(AttemptId id) { return "t-" + std::to_string(id.value); }

}  // namespace parallax
