// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/prng.h"
#include "sim/scenario/scenario.h"

/// A small shop made by hand, for tests that need a scenario, an action or an emission but neither
/// the loader nor the journeys. Plain values: change whatever a test is about.
namespace parallax::test {

/// Indices into shop().plan.
constexpr std::uint16_t page_view = 0;    ///< Client only, no fields.
constexpr std::uint16_t add_to_cart = 1;  ///< Both sides: sku.
constexpr std::uint16_t purchase = 2;     ///< Both sides: order_id, revenue, tax.
constexpr std::size_t sku = 0;            ///< Field of add_to_cart.
constexpr std::size_t order_id = 0;       ///< Fields of purchase.
constexpr std::size_t revenue = 1;
constexpr std::size_t tax = 2;
constexpr std::size_t country = 0;   ///< Traits: US, DE, JP.
constexpr std::size_t platform = 1;  ///< web, ios, android.

inline FieldPlan text_field(std::string name, std::string prefix, TextForm::Kind kind) {
  FieldPlan field;
  field.name = std::move(name);
  field.form.kind = kind;
  field.form.prefix = std::move(prefix);
  return field;
}

inline FieldPlan money_field(std::string name) {
  FieldPlan field;
  field.name = std::move(name);
  field.type = FieldType::money;
  return field;
}

inline ActionPlan action_plan(std::string name, bool server, std::vector<FieldPlan> fields) {
  ActionPlan plan;
  plan.name = std::move(name);
  plan.server = server;
  plan.fields = std::move(fields);
  return plan;
}

/// A week from Monday 2026-03-02, in US dollars, one shared event id, no faults, no assertions.
inline Scenario shop() {
  Scenario s;
  s.name = "shop";
  s.seed = 7;
  s.time.length = 7 * day;
  s.plan.actions = {
      action_plan("page_view", false, {}),
      action_plan("add_to_cart", true, {text_field("sku", "sku-", TextForm::Kind::numbered)}),
      action_plan("purchase", true,
                  {text_field("order_id", "ord-", TextForm::Kind::hex), money_field("revenue"),
                   money_field("tax")}),
  };
  s.plan.traits = {{"country", {"US", "DE", "JP"}}, {"platform", {"web", "ios", "android"}}};
  s.plan.pages = {"home", "product", "checkout"};
  s.plan.currencies = {{"USD", 2}};
  for (const ActionPlan& plan : s.plan.actions) {
    ActionChoice choice;
    choice.fields.resize(plan.fields.size());
    s.actions.push_back(std::move(choice));
  }
  s.population.traits.resize(s.plan.traits.size());
  return s;
}

/// The `ordinal`-th action of its lane: one second after the one before, on the user's only device,
/// ten actions a session. Traits turn with the user; revenue is ordinal * 1.01 + 10.99.
inline Action action(std::uint64_t ordinal, std::uint32_t user = 1, std::uint16_t type = purchase) {
  Action a;
  a.id = {make_lane_id(lane_of_user(user), ordinal)};
  a.at = TimePlan{}.start + static_cast<Micros>(ordinal) * second + 250'123;
  a.user = user;
  a.device = mix64(0xde00'0000ULL + user);
  a.session = mix64((static_cast<std::uint64_t>(user) << 32) + ordinal / 10);
  a.sequence = static_cast<std::uint32_t>(ordinal % 10 + 1);
  a.type = type;
  a.page = type;
  a.traits[country] = static_cast<std::uint16_t>(user % 3);
  a.traits[platform] = static_cast<std::uint16_t>(user / 3 % 3);
  if (type == add_to_cart) a.values[sku] = static_cast<std::int64_t>(ordinal % 50 + 1);
  if (type == purchase) {
    a.values[order_id] = static_cast<std::int64_t>(a.id.value);
    a.values[revenue] = static_cast<std::int64_t>(ordinal) * 101 + 1'099;
    a.values[tax] = 88;
  }
  return a;
}

/// What one side makes of the action with a right clock: the client at once, the server 40 ms
/// later.
inline Emission emission(const Action& seen, Source source) {
  Emission e;
  e.seen = seen;
  e.source = source;
  e.event_id = Uuid::from_bits(mix64(seen.id.value), mix64(~seen.id.value));
  e.captured = source == Source::client ? seen.at : seen.at + 40 * millisecond;
  (source == Source::client ? e.client_ts : e.server_ts) = e.captured.to_millisecond();
  const std::size_t fields = seen.type == purchase ? 3 : seen.type == add_to_cart ? 1 : 0;
  for (std::size_t i = 0; i < fields; ++i) e.forms[i] = FieldForm::present;
  return e;
}

inline Emission client_emission(std::uint64_t ordinal, std::uint32_t user = 1) {
  return emission(action(ordinal, user), Source::client);
}
inline Emission server_emission(std::uint64_t ordinal, std::uint32_t user = 1) {
  return emission(action(ordinal, user), Source::server);
}

}  // namespace parallax::test
