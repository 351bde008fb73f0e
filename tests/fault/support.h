// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "fault/chain.h"
#include "tests/support/catch.h"
#include "tests/support/shop.h"

/// Short ways to say "this fault, this traffic, what came out".
namespace parallax::test {

inline ParamValue number(std::string name, std::int64_t value) {
  ParamValue param;
  param.name = std::move(name);
  param.number = value;
  return param;
}

inline ParamValue word(std::string name, std::string text) {
  ParamValue param;
  param.name = std::move(name);
  param.text = std::move(text);
  return param;
}

inline ParamValue drawn(std::string name, std::string distribution,
                        std::vector<std::int64_t> numbers) {
  ParamValue param;
  param.name = std::move(name);
  param.distribution = std::move(distribution);
  param.numbers = std::move(numbers);
  return param;
}

/// A fault as the loader would leave it: named after its kind, with the kind's own scope.
inline FaultPlan fault(std::string kind, std::vector<ParamValue> params = {}) {
  FaultPlan plan;
  plan.name = kind;
  plan.params = std::move(params);
  for (const FaultKind& known : fault_kinds())
    if (known.name == kind) plan.selector.scope = known.scope;
  plan.fault = std::move(kind);
  return plan;
}

inline FaultPlan with_rate(FaultPlan plan, std::uint32_t per_mille) {
  plan.selector.choice = SelectorPlan::Choice::rate;
  plan.selector.rate = {per_mille * 1'000'000};
  return plan;
}

inline Scenario shop_with(std::vector<FaultPlan> faults) {
  Scenario scenario = shop();
  scenario.faults = std::move(faults);
  return scenario;
}

/// The shop whose purchases also have a flag, a gift mark and an address that nobody may send, with
/// what the loader keeps of faults that rename events and fields and cut texts.
constexpr std::size_t variant = 3, gift = 4, email = 5;
inline Scenario rich_shop(std::vector<FaultPlan> faults) {
  Scenario scenario = shop_with(std::move(faults));
  ActionPlan& bought = scenario.plan.actions[purchase];
  FieldPlan flag = text_field("variant", "", TextForm::Kind::list);
  flag.form.texts = {"control", "one", "two"};
  FieldPlan marked;
  marked.name = "gift";
  marked.type = FieldType::boolean;
  FieldPlan address = text_field("email", "user-", TextForm::Kind::numbered);
  address.on_client = address.on_server = false;
  bought.fields.insert(bought.fields.end(), {flag, marked, address});
  scenario.actions[purchase].fields.resize(bought.fields.size());
  bought.other_name = "order_completed";
  bought.fields[revenue].other_name = "amount";
  bought.fields[order_id].cut_to = 8;
  return scenario;
}

/// A purchase of that shop.
inline Emission rich_emission(std::uint64_t ordinal, Source source) {
  Emission e = emission(action(ordinal), source);
  e.forms[variant] = e.forms[gift] = FieldForm::present;
  e.seen.values[variant] = 1;
  e.seen.values[gift] = 1;
  e.seen.values[email] = 42;
  return e;
}

inline FaultChain chain_of(const Scenario& scenario, std::uint64_t seed = 7) {
  Result<FaultChain> chain = FaultChain::make(scenario, seed);
  if (!chain) FAIL(chain.error().text());
  return std::move(*chain);
}

/// The pointer that making the chain complains about; empty when it does not.
inline std::string complaint(const Scenario& scenario) {
  const Result<FaultChain> chain = FaultChain::make(scenario, 7);
  return chain ? "" : chain.error().where;
}
inline std::string complaint(FaultPlan plan) { return complaint(shop_with({std::move(plan)})); }

struct Outcome {
  std::vector<Captures::Item> items;
  std::vector<Emission> destroyed;
  std::vector<std::uint64_t> from_queue;  ///< Of each destroyed: Destroyed::from_queue.
  std::vector<FaultCounts> counts;
};

inline Outcome capture(const FaultChain& chain, const std::vector<Emission>& in) {
  LaneFaults lane(chain);
  Captures captures;
  Outcome outcome;
  std::vector<Destroyed> destroyed;
  for (const Emission& emission : in) lane.capture(emission, captures, destroyed);
  for (const Destroyed& one : destroyed) {
    outcome.destroyed.push_back(one.emission);
    outcome.from_queue.push_back(one.from_queue);
  }
  outcome.items = std::move(captures.items);
  outcome.counts = lane.counts();
  return outcome;
}
inline Outcome capture(std::vector<FaultPlan> faults, const std::vector<Emission>& in,
                       std::uint64_t seed = 7) {
  return capture(chain_of(shop_with(std::move(faults)), seed), in);
}

/// `each` purchases of each user, turn by turn, as one side captures them.
inline std::vector<Emission> traffic(std::uint32_t users, std::uint64_t each,
                                     Source source = Source::client) {
  std::vector<Emission> emissions;
  for (std::uint64_t turn = 0; turn < each; ++turn)
    for (std::uint32_t user = 0; user < users; ++user)
      emissions.push_back(emission(action(user * each + turn, user), source));
  return emissions;
}

inline bool same_action(const Action& a, const Action& b) {
  return a.id == b.id && a.at == b.at && a.device == b.device && a.session == b.session &&
         a.user == b.user && a.sequence == b.sequence && a.type == b.type && a.page == b.page &&
         a.currency == b.currency && a.consent == b.consent && a.sampled == b.sampled &&
         a.refused == b.refused && a.traits == b.traits && a.values == b.values;
}

/// Equal in every member: how a test says that an effect touched nothing else.
inline bool same(const Emission& a, const Emission& b) {
  return same_action(a.seen, b.seen) && a.event_id == b.event_id && a.captured == b.captured &&
         a.client_ts == b.client_ts && a.server_ts == b.server_ts &&
         a.clock_error == b.clock_error && a.struck == b.struck && a.skipped == b.skipped &&
         a.source == b.source && a.copy == b.copy && a.id_form == b.id_form &&
         a.withheld == b.withheld && a.user_form == b.user_form && a.other_name == b.other_name &&
         a.other_project == b.other_project && a.odd_fields == b.odd_fields &&
         a.schema_version == b.schema_version && a.retry_count == b.retry_count &&
         a.forms == b.forms;
}

/// `e` as fault 0 leaves it when it strikes but has changed nothing yet.
inline Emission struck(Emission e) {
  e.struck = 1;
  return e;
}

}  // namespace parallax::test
