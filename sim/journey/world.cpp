// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/world.h"

#include <cassert>

#include "sim/core/math.h"
#include "sim/core/money.h"
#include "sim/journey/draws.h"

namespace parallax {
namespace {

constexpr std::int64_t same_scale = 1'000;

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
      users_(Prng(seed).stream("user")),
      sessions_(Prng(seed).stream("session")),
      arrivals_(Prng(seed).stream("arrival")),
      devices_(scenario.population.devices),
      logins_(login_plan(scenario)) {
  const TrackingPlan& plan = scenario.plan;
  for (std::size_t i = 0; i < plan.traits.size(); ++i) {
    const TraitChoice& choice = scenario.population.traits[i];
    traits_.push_back(
        {hash_text(plan.traits[i].name), choice.per_session, AliasTable(choice.pick)});
    if (choice.then_pick.empty()) continue;
    traits_.back().changes = scenario.time.start + choice.then_at;
    traits_.back().later = AliasTable(choice.then_pick);
  }
  std::vector<Weighted> weights;
  processes_.resize(plan.actions.size());
  for (const JourneyPlan& journey : scenario.journeys) {
    const auto index = static_cast<std::uint32_t>(journeys_.size());
    if (journey.follows) {
      processes_[*journey.follows].push_back(index);
    } else {
      weights.push_back({index, journey.weight});
    }
    add_journey(journey);
  }
  pick_ = AliasTable(weights);
  for (std::size_t i = 0; i < plan.actions.size(); ++i)
    add_action(plan.actions[i], scenario.actions[i]);
  for (const CurrencyPlan& currency : plan.currencies)
    currency_scale_.push_back(scale_of(currency));
}

void World::add_journey(const JourneyPlan& plan) {
  Journey& journey = journeys_.emplace_back();
  journey.start = plan.start;
  journey.steps_max = plan.steps_max;
  for (const StatePlan& state : plan.states)
    journey.states.push_back({state.wait.value_or(state.think), state.wait.has_value(),
                              state.does.value_or(State::only_thinks), state.page,
                              AliasTable(state.next)});
}

void World::add_action(const ActionPlan& plan, const ActionChoice& choice) {
  assert(choice.fields.size() == plan.fields.size() && plan.fields.size() <= max_fields);
  auto& fields = fields_.emplace_back();
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    const FieldChoice& field = choice.fields[i];
    fields.push_back({&field, plan.fields[i].type == FieldType::money,
                      field.kind == FieldChoice::Kind::zipf
                          ? AliasTable::zipf(field.items, field.theta)
                          : AliasTable(field.pick)});
  }
  Outcome& outcome = outcomes_.emplace_back();
  outcome.succeeds = choice.succeeds;
  outcome.after = choice.server_after;
  const bool is_followed = !processes_[outcomes_.size() - 1].empty();
  outcome.is_simple = choice.succeeds == Ratio::whole() && !choice.result && !is_followed;
  if (!choice.result) return;
  outcome.result = *choice.result;
  const ActionPlan& result = scenario_->plan.actions[*choice.result];
  for (std::size_t to = 0; to < result.fields.size(); ++to)
    if (const auto from = plan.field_index(result.fields[to].name))
      outcome.joins.push_back({static_cast<std::uint8_t>(*from), static_cast<std::uint8_t>(to)});
}

void World::introduce(std::uint32_t user, const Prng& person, const Prng& session,
                      Action& who) const {
  const PopulationPlan& population = scenario_->population;
  who.user = user;
  who.sampled = population.sampling == Ratio::whole() ||
                person.at(user_draws::sampling).chance(population.sampling);
  std::uint64_t device = user_draws::first_device;
  if (!devices_.empty()) {
    const std::uint32_t owned = devices_.pick(person.at(user_draws::devices)) + 1;
    device += session.at(session_draws::device).below(owned);
  }
  // Somebody of the same lane, so that one lane knows all that happens on a device.
  const bool borrows = user >= lane_count && logins_.shared_devices != Ratio::zero() &&
                       person.at(user_draws::borrows).chance(logins_.shared_devices);
  who.device = borrows ? users_.keyed(user - lane_count).at(user_draws::first_device).bits()
                       : person.at(device).bits();
  for (std::size_t i = 0; i < traits_.size(); ++i) {
    const Trait& trait = traits_[i];
    const Prng& whose = trait.per_session ? session : person;
    const AliasTable& values = who.at < trait.changes ? trait.values : trait.later;
    who.traits[i] = static_cast<std::uint16_t>(values.pick(whose.at(trait.key)));
  }
  if (population.currency_trait)
    who.currency = population.currency_by_value[who.traits[*population.currency_trait]];
}

SimTime World::opts_out(const Prng& person) const {
  const ConsentPlan& consent = scenario_->population.consent;
  if (person.at(user_draws::refusal).chance(consent.denied)) return start();
  if (person.at(user_draws::withdrawal).chance(consent.withdrawn_later))
    return start() + person.at(user_draws::withdrawn_at).between(0, scenario_->time.length);
  return end_of_time;
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

void World::fill_fields(Action& action, std::uint16_t type_before, const Prng& draw) const {
  const std::vector<Field>& fields = fields_[action.type];
  for (std::size_t i = 0; i < fields.size(); ++i)
    action.values[i] = field_value(action, fields[i], draw.at(step_draws::first_field + i));
  clear_rest(action, type_before);
}

void World::clear_rest(Action& action, std::uint16_t type_before) const {
  for (std::size_t i = fields_[action.type].size(); i < fields_[type_before].size(); ++i)
    action.values[i] = 0;
}

void World::fill_fields(Action& action, std::uint16_t type_before, const Action& origin,
                        const Prng& draw) const {
  const ActionPlan& plan = scenario_->plan.actions[action.type];
  const ActionPlan& from = scenario_->plan.actions[origin.type];
  const std::vector<Field>& fields = fields_[action.type];
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto same = from.field_index(plan.fields[i].name);
    action.values[i] = same ? origin.values[*same]
                            : field_value(action, fields[i], draw.at(step_draws::first_field + i));
  }
  clear_rest(action, type_before);
}

std::int64_t World::field_value(const Action& action, const Field& field, Draw draw) const {
  const FieldChoice& choice = *field.choice;
  const auto in_currency = [&](std::int64_t amount) {
    const std::int64_t scale = field.money ? currency_scale_[action.currency] : same_scale;
    return scale == same_scale ? amount : scale_money(amount, scale, same_scale);
  };
  switch (choice.kind) {
    case FieldChoice::Kind::constant:
      return in_currency(choice.low);
    case FieldChoice::Kind::pick: {
      const std::uint32_t index = field.table.pick(draw);
      return choice.pick_values.empty() ? index : in_currency(choice.pick_values[index]);
    }
    case FieldChoice::Kind::uniform:
      return in_currency(draw.between(choice.low, choice.high));
    case FieldChoice::Kind::log_normal:
      return in_currency(
          round_to_int(static_cast<double>(choice.low) * math::exp(choice.sigma * draw.normal())));
    case FieldChoice::Kind::zipf:
      return field.table.pick(draw);
    case FieldChoice::Kind::unique:
      return static_cast<std::int64_t>(draw.bits());
    case FieldChoice::Kind::percent_of: {
      const std::size_t which = choice.by_trait        ? action.traits[*choice.by_trait]
                                : !field.table.empty() ? field.table.pick(draw)
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
