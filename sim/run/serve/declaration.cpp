// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/declaration.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/money.h"

namespace parallax::serve {
namespace {

constexpr std::int64_t number_max_millionths = 9'000'000'000'000'000'000;
constexpr Micros window_max = 7 * day;

bool is_time(std::string_view text) { return parse_rfc3339(text).has_value(); }
bool is_currency(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}
bool is_amount(std::string_view text) { return parse_decimal(text, 6).has_value(); }

const Shape* label_shape(ShapeBook& book) {
  return book.text("a text of 1 .. 120 printable characters", "^.{1,120}$", is_label);
}

const Shape* amount_shape(ShapeBook& book) {
  const Shape* text = book.text("an amount in quotes", "^-?[0-9]+(\\.[0-9]+)?$", is_amount);
  return book.any_of({book.decimal(-number_max_millionths, number_max_millionths), text});
}

FieldType type_of(const Node& value) {
  if (value.is(Json::Kind::object)) return FieldType::money;
  if (value.is(Json::Kind::boolean)) return FieldType::boolean;
  return value.is(Json::Kind::number) ? FieldType::number : FieldType::string;
}

/// One currency an action, whose amounts it can say.
void read_money(const Node& value, DeclaredAction& action, Problems& problems) {
  const Node currency = value["currency"];
  if (action.currency.empty()) action.currency = currency.word();
  if (action.currency != currency.word())
    return problems.error(currency, shown(currency),
                          action.currency + ", as another field of this action says", "");
  const int places = currency_exponent(action.currency);
  if (!parse_money(value["amount"].word(), places))
    problems.error(value["amount"], fmt::format("a decimal with at most {} places, as {} has",
                                                places, action.currency));
}

void read_fields(const Node& fields, DeclaredAction& action, Problems& problems) {
  if (fields.size() > max_fields)
    problems.error(fields, fmt::format("{} fields", fields.size()),
                   fmt::format("at most {}", max_fields), "");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Node value = fields.at(i);
    const FieldType type = type_of(value);
    if (type == FieldType::money) read_money(value, action, problems);
    action.fields.push_back(
        {fields.name(i), type, type == FieldType::money ? value["amount"].json() : value.json()});
  }
}

void check_ties(const Node& body, const DeclaredAction& action, Problems& problems) {
  if (action.event_id.empty() && action.key.empty() && action.user.empty())
    return problems.error(body, "neither event_id, key nor user",
                          "one of them: nothing else ties a row to the action", "");
  if (action.key.empty() || action.field(action.key) != nullptr) return;
  std::vector<std::string_view> known;
  for (const DeclaredField& field : action.fields) known.push_back(field.name);
  problems.unknown(body["key"], action.key, "the name of one of its fields", known);
}

/// What says by itself that two declarations are of one action.
std::string own_key(const DeclaredAction& action) {
  if (!action.event_id.empty()) return "event_id " + action.event_id;
  const DeclaredField* key = action.key.empty() ? nullptr : action.field(action.key);
  return key == nullptr ? "" : fmt::format("{} {} {}", action.name, key->name, key->value.text);
}

std::string_view kind_word(FieldType type) {
  switch (type) {
    case FieldType::money:
      return R"(money, such as {"amount": "59.90", "currency": "EUR"})";
    case FieldType::boolean:
      return "true or false";
    case FieldType::integer:
      return "a whole number";
    case FieldType::number:
      return "a number";
    case FieldType::string:
      break;
  }
  return "a text";
}

bool agrees(const DeclaredField& field, FieldType planned) {
  if (planned != FieldType::integer) return field.type == planned;
  return field.type == FieldType::number && parse_decimal(field.value.text, 0).has_value();
}

void check_sides(const ActionPlan& plan, const DeclaredAction& action, const Node& emits,
                 Problems& problems) {
  for (const Source side : both_sources) {
    const bool said = side == Source::client ? action.client : action.server;
    if (said && !plan.emits(side))
      problems.error(
          emits, shown(emits),
          fmt::format("sides that emit {}: the plan has no {} there", plan.name, name_of(side)),
          "");
  }
}

}  // namespace

const DeclaredField* DeclaredAction::field(std::string_view name_of_it) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const DeclaredField& f) { return f.name == name_of_it; });
  return found == fields.end() ? nullptr : &*found;
}

std::string DeclaredAction::label() const {
  std::string ties;
  const auto add = [&](std::string_view what, std::string_view value) {
    if (!value.empty()) ties += fmt::format("{}{} {}", ties.empty() ? "" : ", ", what, value);
  };
  add("event_id", event_id);
  if (!key.empty()) add(key, field(key)->value.text);
  add("user", user);
  return fmt::format("{} {} ({})", name, id, ties);
}

const Shape* run_shape(ShapeBook& book) {
  const Shape* label = label_shape(book);
  const Shape* tolerances = book.object(
      {{"time", book.duration(0, window_max),
        "How far a row's event time may be from the action's. Default 1m."},
       {"window", book.duration(millisecond, window_max),
        "Rows further away are not tied by key or user. Default 10m."},
       {"amount", amount_shape(book), "How far money may be off, in its currency. Default 0."}});
  const Shape* owns = book.object(
      {{"rows_of", book.words({"nobody", "declared_users", "run_id", "everybody"}),
        "Whose rows since the run began must be explained by an action; others are foreign.", true},
       {"names", book.list(book.text(), 1, 100), "Only rows of these events. Default any."}});
  return book.object(
      {{"name", label, "What the test is called, for reports.", true},
       {"run_id", label, "What the product's rows of this run say in run_id; reads ask for it."},
       {"actions", actions_shape(book), "The tracking plan, as in a scenario file. Default: any."},
       {"assert", assertions_shape(book), "As in a scenario file. Default exactly_once, fields."},
       {"tolerances", tolerances, "How far a row may be from what was declared."},
       {"owns", owns, "Which rows the run answers for. Default nobody's."},
       {"target", target_shape(book),
        "Other read (of kind http, from an allowed host) or settle than the server's target."}});
}

const Shape* action_shape(ShapeBook& book) {
  const Shape* label = label_shape(book);
  const Shape* currency = book.text("a currency code of ISO 4217", "^[A-Z]{3}$", is_currency);
  const Shape* money = book.object({{"amount", amount_shape(book), "A decimal.", true},
                                    {"currency", currency, "ISO 4217.", true}});
  const Shape* number = book.decimal(-number_max_millionths, number_max_millionths);
  const Shape* value = book.any_of({book.text(), number, book.flag(), money});
  return book.object(
      {{"name",
        book.text("an event's name of 1 .. 100 characters without dot and quotes",
                  "^[^.'\"]{1,100}$", is_action_name),
        "The event's name.", true},
       {"action_key", label,
        "A second declaration under it is the same one. Default: event_id, or name and key."},
       {"event_id", label, "Of its events, where the test knows it."},
       {"key", book.text(), "The field that identifies it, such as order_id."},
       {"user", label, "Whose rows they are."},
       {"at", book.text("an RFC 3339 time", "", is_time), "When it was done. Default: now."},
       {"emits", book.list(book.words({"client", "server"}), 1, 2),
        "Who should emit it. Default: not looked at."},
       {"consent", book.words({"granted", "denied"}),
        "Denied: no row of it may stand, nor a later one of this user. Default granted."},
       {"fields", book.map(value),
        "What its row must say: texts, numbers, flags, money as {amount, currency}."}});
}

RunRequest read_run(const Node& body, Problems& problems) {
  ShapeBook book;
  check_shape(body, *run_shape(book), problems);
  RunRequest run;
  if (problems.any_error()) return run;
  run.name = body["name"].word();
  run.run_id = body["run_id"].word();
  for (const auto& [key, out] :
       {std::pair{"actions", &run.actions}, {"assert", &run.assertions}, {"target", &run.target}})
    if (const Node given = body[key]) *out = given.json();
  const Node tolerances = body["tolerances"];
  read_duration(tolerances["time"], run.tolerances.time);
  read_duration(tolerances["window"], run.tolerances.window);
  if (const Node amount = tolerances["amount"])
    run.tolerances.amount_millionths = parse_decimal(amount.word(), 6).value_or(0);
  const std::string_view whose = body["owns"]["rows_of"].word();
  using RowsOf = Ownership::RowsOf;
  run.owns.rows_of = whose == "declared_users" ? RowsOf::declared_users
                     : whose == "run_id"       ? RowsOf::run_id
                     : whose == "everybody"    ? RowsOf::everybody
                                               : RowsOf::nobody;
  const Node names = body["owns"]["names"];
  for (std::size_t i = 0; i < names.size(); ++i) run.owns.names.emplace_back(names.at(i).word());
  if (run.owns.rows_of == RowsOf::run_id && run.run_id.empty())
    problems.error(body["owns"]["rows_of"], "\"run_id\"", "a \"run_id\" of the run beside it", "");
  return run;
}

DeclaredAction read_action(const Node& body, SimTime received, Problems& problems) {
  ShapeBook book;
  const std::size_t before = problems.list().size();
  check_shape(body, *action_shape(book), problems);
  DeclaredAction action;
  action.at = action.received = received;
  if (problems.list().size() != before) return action;
  action.said = write_json_line(body.json());
  action.name = body["name"].word();
  action.event_id = body["event_id"].word();
  action.user = body["user"].word();
  action.key = body["key"].word();
  if (const Node at = body["at"]) action.at = *parse_rfc3339(at.word());
  const Node emits = body["emits"];
  for (std::size_t i = 0; i < emits.size(); ++i)
    (emits.at(i).word() == "client" ? action.client : action.server) = true;
  if (body["consent"].word() == "denied") action.consent = Consent::denied;
  read_fields(body["fields"], action, problems);
  check_ties(body, action, problems);
  action.action_key = body["action_key"] ? body["action_key"].word() : own_key(action);
  return action;
}

void check_against(const TrackingPlan& plan, bool open, const DeclaredAction& action,
                   const Node& body, Problems& problems) {
  const auto index = plan.action_index(action.name);
  if (!index) {
    std::vector<std::string_view> known;
    for (const ActionPlan& known_action : plan.actions) known.push_back(known_action.name);
    if (!open) problems.unknown(body["name"], action.name, "an action of the tracking plan", known);
    return;
  }
  const ActionPlan& planned = plan.actions[*index];
  for (const DeclaredField& field : action.fields) {
    const Node at = body["fields"][field.name];
    const auto known = planned.field_index(field.name);
    if (!known && !open) {
      std::vector<std::string_view> names;
      for (const FieldPlan& one : planned.fields) names.push_back(one.name);
      problems.unknown(at, field.name, "a field of " + planned.name, names);
    } else if (!known && planned.fields.size() == max_fields) {
      problems.error(at, "one more field of " + planned.name,
                     fmt::format("at most {} in the whole run", max_fields), "");
    } else if (known && !agrees(field, planned.fields[*known].type)) {
      problems.error(at, shown(at),
                     fmt::format("{}, as {} has it", kind_word(planned.fields[*known].type),
                                 open ? "an earlier action" : "the tracking plan"),
                     "");
    }
  }
  if (!open) check_sides(planned, action, body["emits"], problems);
}

void learn(TrackingPlan& plan, const DeclaredAction& action) {
  auto index = plan.action_index(action.name);
  if (!index) {
    index = static_cast<std::uint16_t>(plan.actions.size());
    ActionPlan& added = plan.actions.emplace_back();
    added.name = action.name;
    added.client = added.server = false;
  }
  ActionPlan& known = plan.actions[*index];
  known.client |= action.client;
  known.server |= action.server;
  for (const DeclaredField& field : action.fields) {
    if (known.field_index(field.name)) continue;
    FieldPlan& added = known.fields.emplace_back();
    added.name = field.name;
    added.type = field.type;
  }
}

}  // namespace parallax::serve
