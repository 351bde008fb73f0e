// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/world.h"

#include <algorithm>
#include <cassert>

#include "sim/core/math.h"
#include "sim/core/money.h"

namespace parallax {
namespace {

/// Thousandths by which a scenario amount (two decimals) is scaled to a currency's minor units.
std::int64_t scale_of(const CurrencyPlan& currency) {
  std::int64_t scale = 10;
  for (int i = 0; i < currency.exponent; ++i) scale *= 10;
  return scale;
}

std::int64_t round_to_int(double x) { return static_cast<std::int64_t>(x < 0 ? x - 0.5 : x + 0.5); }

}  // namespace

World::World(const Scenario& scenario, std::uint64_t seed)
    : scenario_(&scenario),
      root_(Prng(seed).stream("journey")),
      devices_stream_(root_.stream("devices")),
      sampling_stream_(root_.stream("sampling")),
      consent_stream_(root_.stream("consent")),
      device_id_stream_(root_.stream("device-id")),
      session_streams_(root_.stream("session")),
      slot_streams_(root_.stream("slot")),
      devices_(scenario.population.devices) {
  for (std::size_t i = 0; i < scenario.plan.traits.size(); ++i) {
    trait_streams_.push_back(root_.stream("trait/" + scenario.plan.traits[i].name));
    trait_keys_.push_back(hash_text(scenario.plan.traits[i].name));
    traits_.emplace_back(scenario.population.traits[i].pick);
  }
  std::vector<Weighted> journeys;
  processes_.resize(scenario.actions.size());
  for (const JourneyPlan& journey : scenario.journeys) {
    const auto index = static_cast<std::uint32_t>(next_.size());
    if (journey.follows) {
      processes_[*journey.follows].push_back(index);
    } else {
      journeys.push_back({index, journey.weight});
    }
    auto& states = next_.emplace_back();
    for (const StatePlan& state : journey.states) states.emplace_back(state.next);
  }
  journeys_ = WeightTable(journeys);
  for (const ActionChoice& action : scenario.actions) {
    auto& fields = fields_.emplace_back();
    for (const FieldChoice& choice : action.fields) {
      Field& field = fields.emplace_back();
      field.pick = WeightTable(choice.pick);
      if (choice.kind == FieldChoice::Kind::zipf)
        field.zipf = AliasTable::zipf(choice.items, choice.theta);
    }
  }
  for (const CurrencyPlan& currency : scenario.plan.currencies)
    currency_scale_.push_back(scale_of(currency));
}

Person World::person(std::uint32_t user) const {
  Person person;
  person.user = user;
  if (!devices_.empty()) {
    Prng draw = devices_stream_.keyed(user);
    person.devices = devices_.pick(draw) + 1;
  }
  const PopulationPlan& population = scenario_->population;
  person.sampled = population.sampling == Ratio::whole() ||
                   sampling_stream_.keyed(user).chance(population.sampling);
  Prng consent = consent_stream_.keyed(user);
  const ConsentPlan& plan = population.consent;
  if (consent.chance(plan.denied)) {
    person.opts_out = start();
  } else if (consent.chance(plan.withdrawn_later)) {
    person.opts_out = start() + consent.between(0, scenario_->time.length);
  }
  return person;
}

std::uint64_t World::device(std::uint32_t user, std::uint32_t number) const {
  return device_id_stream_.keyed(user).keyed(number).next();
}

void World::traits(std::uint32_t user, Prng session,
                   std::array<std::uint16_t, max_traits>& out) const {
  out.fill(0);
  for (std::size_t i = 0; i < traits_.size(); ++i) {
    Prng draw = scenario_->population.traits[i].per_session ? session.keyed(trait_keys_[i])
                                                            : trait_streams_[i].keyed(user);
    out[i] = static_cast<std::uint16_t>(traits_[i].pick(draw));
  }
}

std::uint8_t World::currency(const std::array<std::uint16_t, max_traits>& traits) const {
  const PopulationPlan& population = scenario_->population;
  return population.currency_trait
             ? population.currency_by_value[traits[*population.currency_trait]]
             : std::uint8_t{0};
}

std::uint32_t World::users_in(LaneIndex lane) const {
  const std::uint32_t users = scenario_->population.users;
  return users / lane_count + (lane < users % lane_count ? 1 : 0);
}

double World::sessions_in(LaneIndex lane, SimTime slot) const {
  const SessionPlan& sessions = scenario_->population.sessions;
  const int week_hour = weekday(slot) * 24 + hour_of_day(slot);
  const std::uint32_t weight = curve_weights(sessions.curve)[static_cast<std::size_t>(week_hour)];
  return static_cast<double>(users_in(lane)) *
         static_cast<double>(sessions.per_user_day_millionths) * static_cast<double>(weight) /
         (24.0 * 1e6 * 1e3);
}

Prng World::slot_stream(LaneIndex lane, SimTime slot) const {
  return slot_streams_.keyed(lane).keyed(static_cast<std::uint64_t>(slot.since_epoch));
}

void World::fill_fields(Action& action, Prng draw) const {
  const auto& choices = scenario_->actions[action.type].fields;
  const auto& plans = scenario_->plan.actions[action.type].fields;
  assert(choices.size() == plans.size() && choices.size() <= max_fields);
  for (std::size_t i = 0; i < choices.size(); ++i)
    action.values[i] =
        field_value(action, choices[i], fields_[action.type][i], plans[i], draw.keyed(i));
}

void World::fill_fields(Action& action, const Action& origin, Prng draw) const {
  const auto& choices = scenario_->actions[action.type].fields;
  const ActionPlan& plan = scenario_->plan.actions[action.type];
  const ActionPlan& from = scenario_->plan.actions[origin.type];
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const auto same = from.field_index(plan.fields[i].name);
    action.values[i] = same ? origin.values[*same]
                            : field_value(action, choices[i], fields_[action.type][i],
                                          plan.fields[i], draw.keyed(i));
  }
}

std::int64_t World::field_value(const Action& action, const FieldChoice& choice,
                                const Field& compiled, const FieldPlan& plan, Prng draw) const {
  const auto in_currency = [&](std::int64_t amount) {
    return plan.type == FieldType::money
               ? scale_money(amount, currency_scale_[action.currency], 1'000)
               : amount;
  };
  switch (choice.kind) {
    case FieldChoice::Kind::constant:
      return in_currency(choice.low);
    case FieldChoice::Kind::pick: {
      const std::uint32_t index = compiled.pick.pick(draw);
      return choice.pick_values.empty() ? index : in_currency(choice.pick_values[index]);
    }
    case FieldChoice::Kind::uniform:
      return in_currency(draw.between(choice.low, choice.high));
    case FieldChoice::Kind::log_normal:
      return in_currency(
          round_to_int(static_cast<double>(choice.low) * math::exp(choice.sigma * draw.normal())));
    case FieldChoice::Kind::zipf:
      return compiled.zipf.pick(draw);
    case FieldChoice::Kind::unique:
      return static_cast<std::int64_t>(draw.next());
    case FieldChoice::Kind::percent_of: {
      const std::size_t which = choice.by_trait        ? action.traits[*choice.by_trait]
                                : !choice.pick.empty() ? compiled.pick.pick(draw)
                                                       : 0;
      return scale_money(action.values[choice.base], choice.shares[which].parts, Ratio::one);
    }
    case FieldChoice::Kind::sum: {
      std::int64_t total = 0;
      for (const FieldChoice::Term& term : choice.terms)
        total += term.sign * action.values[term.field];
      return total;
    }
  }
  assert(false);
  return 0;
}

}  // namespace parallax
