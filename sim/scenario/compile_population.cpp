// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "sim/core/money.h"
#include "sim/scenario/compile.h"
#include "sim/scenario/shape.h"

namespace parallax {
namespace {

/// Names with a meaning of their own in predicates or in the shared event.
constexpr std::array<std::string_view, 25> reserved_names{
    "action",      "source",          "user",      "page",           "consent",
    "currency",    "sequence",        "time",      "hour",           "weekday",
    "event_name",  "event_id",        "user_id",   "device_id",      "session_id",
    "sequence_id", "client_ts",       "server_ts", "schema_version", "consent_state",
    "retry_count", "delivery_status", "context",   "properties",     "run_id"};

bool is_currency(std::string_view code) {
  return code.size() == 3 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// The weights of later sessions, in the order of the values: a value that is left out has none.
void compile_then(Compiler& compiler, const Node& then, TraitChoice& choice) {
  const std::vector<std::string>& values = compiler.plan().traits.back().values;
  read_duration(then["at"], choice.then_at);
  const Node pick = then["pick"];
  const std::vector<Weighted> weights = weights_of(pick);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto value = std::find(values.begin(), values.end(), pick.name(i));
    if (value == values.end()) {
      compiler.problems.unknown(pick.at(i), pick.name(i), "a value of the first pick",
                                views(values));
      continue;
    }
    choice.then_pick.push_back(
        {static_cast<std::uint32_t>(value - values.begin()), weights[i].weight});
  }
}

void compile_trait(Compiler& compiler, const Node& trait, const std::string& name,
                   bool per_session) {
  TrackingPlan& plan = compiler.plan();
  if (!check_plan_name(compiler, trait, name)) return;
  if (plan.trait_index(name))
    return compiler.problems.error(trait, "\"" + name + "\" a second time",
                                   "a name that no other trait or context has", "");
  if (plan.traits.size() == max_traits)
    return compiler.problems.error(
        trait, "one more trait",
        "at most " + std::to_string(max_traits) + " traits and context attributes together", "");
  const Node pick = trait["pick"];
  if (!pick || pick.size() == 0) return;
  plan.traits.push_back({name, pick.json().names});
  compiler.scenario.population.traits.push_back({per_session, weights_of(pick)});
  if (const Node then = trait["then"])
    compile_then(compiler, then, compiler.scenario.population.traits.back());
}

std::uint8_t currency_index(Compiler& compiler, const Node& at) {
  const std::string code(at.word());
  if (!is_currency(code)) {
    compiler.problems.error(at, "an ISO 4217 code such as \"EUR\"");
    return 0;
  }
  auto& currencies = compiler.plan().currencies;
  const auto held = std::find_if(currencies.begin(), currencies.end(),
                                 [&](const CurrencyPlan& plan) { return plan.code == code; });
  const auto index = static_cast<std::uint8_t>(held - currencies.begin());
  if (held == currencies.end()) currencies.push_back({code, currency_exponent(code)});
  return index;
}

void compile_currency(Compiler& compiler, const Node& currency) {
  PopulationPlan& population = compiler.scenario.population;
  if (currency.is(Json::Kind::object)) {
    if (auto by_value = trait_members(compiler, currency)) {
      population.currency_trait = by_value->trait;
      for (const Node& node : by_value->members)
        population.currency_by_value.push_back(currency_index(compiler, node));
    }
  } else if (currency.is(Json::Kind::text)) {
    currency_index(compiler, currency);
  }
  if (compiler.plan().currencies.empty()) compiler.plan().currencies.push_back({"USD", 2});
}

void compile_devices(Compiler& compiler, const Node& devices) {
  auto& out = compiler.scenario.population.devices;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const auto count = parse_decimal(devices.name(i), 0);
    if (!count || *count < 1 || *count > 16) {
      compiler.problems.error(devices.at(i), "\"" + devices.name(i) + "\"",
                              "a number of devices, 1 .. 16", "");
      continue;
    }
    const auto weight = integer_of(devices.at(i));
    out.push_back(
        {static_cast<std::uint32_t>(*count - 1), static_cast<std::uint32_t>(weight.value_or(1))});
  }
  if (out.empty()) out.push_back({0, 1});
}

std::uint32_t session_traits(const PopulationPlan& population) {
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < population.traits.size(); ++i)
    if (population.traits[i].per_session) mask |= 1U << i;
  return mask;
}

}  // namespace

std::vector<Weighted> weights_of(const Node& pick) {
  std::vector<Weighted> out;
  for (std::size_t i = 0; i < pick.size(); ++i) {
    const auto weight = integer_of(pick.at(i));
    out.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(weight.value_or(1))});
  }
  return out;
}

bool check_plan_name(Compiler& compiler, const Node& at, std::string_view name) {
  const std::string found = "\"" + std::string(name) + "\"";
  if (!is_name(name)) {
    compiler.problems.error(at, found, "a name of letters, digits and _, no digit first", "");
    return false;
  }
  if (std::find(reserved_names.begin(), reserved_names.end(), name) != reserved_names.end()) {
    compiler.problems.error(at, found, "a name that every event does not have already", "");
    return false;
  }
  return true;
}

std::optional<TraitMembers> trait_members(Compiler& compiler, const Node& object) {
  const TrackingPlan& plan = compiler.plan();
  std::vector<std::string_view> traits;
  for (const TraitPlan& trait : plan.traits) traits.push_back(trait.name);
  const Node by = object["by"];
  const auto trait = plan.trait_index(by.word());
  if (!trait) {
    if (by) compiler.problems.unknown(by, by.word(), "a trait of the population", traits);
    return std::nullopt;
  }
  const std::vector<std::string>& values = plan.traits[*trait].values;
  for (std::size_t i = 0; i < object.size(); ++i) {
    const std::string& name = object.name(i);
    const bool known = name == "by" || name == "else" ||
                       std::find(values.begin(), values.end(), name) != values.end();
    if (!known)
      compiler.problems.unknown(object.at(i), name, "a value of " + std::string(by.word()),
                                views(values));
  }
  TraitMembers out{*trait, {}};
  for (const std::string& value : values) {
    Node member = object[value];
    if (!member) member = object["else"];
    if (!member) {
      compiler.problems.error(object, "nothing for " + value, "\"" + value + "\" or \"else\"", "");
      return std::nullopt;
    }
    out.members.push_back(std::move(member));
  }
  return out;
}

void compile_traits(Compiler& compiler, const Node& population) {
  for (const bool per_session : {false, true}) {
    const Node traits = population[per_session ? "context" : "traits"];
    if (!traits.is(Json::Kind::object)) continue;
    for (std::size_t i = 0; i < traits.size(); ++i)
      compile_trait(compiler, traits.at(i), traits.name(i), per_session);
  }
  compile_currency(compiler, population["currency"]);
}

void compile_population(Compiler& compiler, const Node& population) {
  PopulationPlan& out = compiler.scenario.population;
  read_integer(population["users"], out.users);
  const Node sessions = population["sessions"];
  if (const auto mean = millionths_of(sessions["per_user_day"]))
    out.sessions.per_user_day_millionths = static_cast<std::uint64_t>(*mean);
  const std::string_view curve = sessions["curve"].word();
  if (curve == "retail-week") out.sessions.curve = Curve::retail_week;
  if (curve == "office-week") out.sessions.curve = Curve::office_week;
  compile_devices(compiler, population["devices"]);
  const Node ad_blocker = population["ad_blocker"];
  read_ratio(ad_blocker["share"], out.ad_blocker.share);
  out.ad_blocker.where = compiler.predicate(ad_blocker["where"], false);
  if (!out.ad_blocker.where.depends_on_user_only(session_traits(out)))
    compiler.problems.error(ad_blocker["where"], "a condition over user traits and user alone");
  read_ratio(population["consent"]["denied"], out.consent.denied);
  read_ratio(population["consent"]["withdrawn_later"], out.consent.withdrawn_later);
  read_ratio(population["sampling"], out.sampling);
}

}  // namespace parallax
