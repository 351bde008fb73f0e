// SPDX-License-Identifier: Apache-2.0
#include "assertions/marks.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/math.h"
#include "sim/core/money.h"

namespace parallax {
namespace {

constexpr double gain_min = 10;  ///< Twice the logarithm of a likelihood ratio.
constexpr double coverage_min = 0.9, lift_min = 1.5;
constexpr std::int64_t counts_max = 20;  ///< Integers above it tell nobody anything.

/// Logarithm of the likelihood of k in n at its own rate.
double likelihood(double k, double n) {
  if (k <= 0 || k >= n) return 0;
  return k * math::log(k / n) + (n - k) * math::log((n - k) / n);
}

double as_double(std::uint64_t n) { return static_cast<double>(n); }

bool is_few(const FieldPlan& field) {
  if (field.type != FieldType::string) return true;
  return field.form.kind == TextForm::Kind::list;
}

/// The amount by which people would rank: the field `revenue`, else the first of money.
const FieldPlan* revenue_of(const ActionPlan& plan) {
  if (const auto named = plan.field_index("revenue")) return &plan.fields[*named];
  const auto first = std::find_if(plan.fields.begin(), plan.fields.end(),
                                  [](const auto& field) { return field.type == FieldType::money; });
  return first == plan.fields.end() ? nullptr : &*first;
}

std::string_view delay_text(std::int64_t value) {
  constexpr std::array<std::string_view, 4> texts{"arrived within a minute",
                                                  "arrived a minute to an hour late",
                                                  "arrived hours late", "arrived days late"};
  return texts[static_cast<std::size_t>(value)];
}

std::string_view sides_text(std::int64_t value) {
  constexpr std::array<std::string_view, 4> texts{"nothing arrived", "only the client arrived",
                                                  "only the server arrived", "both sides arrived"};
  return texts[static_cast<std::size_t>(value)];
}

}  // namespace

struct Marks::Found {
  Mark mark;
  double score = gain_min;
  double all = 0, hit = 0;  ///< Of the run.
};

void Marks::Cell::add(const Cell& other) {
  due += other.due;
  forbidden += other.forbidden;
  for (std::size_t i = 0; i < causes_max; ++i) hit[i] += other.hit[i];
}

Marks::Marks(const Scenario& scenario, const std::vector<CauseCount>& causes)
    : scenario_(scenario), types_(scenario.plan.actions.size()) {
  for (std::size_t i = 0; i < std::min(causes.size(), causes_max); ++i)
    causes_.emplace_back(causes[i].verdict, causes[i].cause);
  using Kind = Trait::Kind;
  std::vector<Trait> common{
      {Kind::sides, 0}, {Kind::times, 0}, {Kind::delay, 0}, {Kind::clock_hour, 0}, {Kind::date, 0}};
  if (scenario.plan.currencies.size() > 1) common.push_back({Kind::currency, 0});
  for (std::size_t i = 0; i < scenario.plan.traits.size(); ++i) common.push_back({Kind::trait, i});
  common_ = common.size();
  for (const ActionPlan& plan : scenario.plan.actions) {
    std::vector<Trait>& traits = traits_.emplace_back(common);
    for (std::size_t i = 0; i < plan.fields.size(); ++i)
      if (is_few(plan.fields[i])) traits.push_back({Kind::field, i});
    columns_.emplace_back(traits.size());
  }
}

std::size_t Marks::cause_of(const JudgedAction& judged) const {
  const auto found =
      std::find(causes_.begin(), causes_.end(), std::pair{judged.verdict, judged.cause});
  return static_cast<std::size_t>(found - causes_.begin());
}

void Marks::add(const Ledger& ledger, const LedgerView& view, const Judgement& judgement) {
  for (const JudgedAction& judged : judgement.actions) {
    const std::size_t cause = cause_of(judged);
    const bool failed = cause < causes_.size();
    const bool is_forbidden = judged.expectation == Expectation::must_not;
    if (!failed && !is_forbidden && judged.rows == 0) continue;
    Cell one;
    (is_forbidden ? one.forbidden : one.due) = 1;
    if (failed) one.hit[cause] = 1;
    const Action& action = ledger.actions[judged.index];
    if (failed) worth(action, cause);
    types_[judged.type].add(one);
    for (std::size_t i = 0; i < traits_[judged.type].size(); ++i)
      columns_[judged.type][i]
              [value_of(traits_[judged.type][i], action, ledger, view, judged.index)]
                  .add(one);
  }
}

void Marks::worth(const Action& action, std::size_t cause) {
  const ActionPlan& plan = scenario_.plan.actions[action.type];
  const FieldPlan* const field = revenue_of(plan);
  if (field == nullptr || action.refused) return;
  Worth& sum = revenue_[cause][action.currency];
  sum.amount += action.values[static_cast<std::size_t>(field - plan.fields.data())];
  ++sum.actions;
}

std::int64_t Marks::value_of(const Trait& trait, const Action& action, const Ledger& ledger,
                             const LedgerView& view, std::uint32_t index) const {
  using Kind = Trait::Kind;
  std::array<std::uint32_t, 2> times{};
  SimTime last = no_time;
  switch (trait.kind) {
    case Kind::trait:
      return action.traits[trait.index];
    case Kind::currency:
      return action.currency;
    case Kind::clock_hour:
      return (action.at - action.at.floor(day)) / hour;
    case Kind::date:
      return action.at.floor(day).since_epoch;
    case Kind::field: {
      const FieldPlan& field = scenario_.plan.actions[action.type].fields[trait.index];
      const std::int64_t value = action.values[trait.index];
      if (field.type == FieldType::string || field.type == FieldType::boolean) return value;
      if (field.type == FieldType::integer) return std::clamp(value, -counts_max, counts_max);
      return value > 0 ? 1 : value < 0 ? -1 : 0;
    }
    case Kind::sides:
    case Kind::times:
    case Kind::delay:
      break;
  }
  for (const std::uint32_t i : view.emissions_of(index)) {
    const EmissionFacts& facts = view.facts(i);
    times[static_cast<std::size_t>(ledger.emissions[i].emission.source)] += facts.deliveries_max();
    last = std::max(last, facts.last_arrival);
  }
  if (trait.kind == Kind::sides) return (times[0] > 0 ? 1 : 0) + (times[1] > 0 ? 2 : 0);
  if (trait.kind == Kind::times) return times[0] > 1 || times[1] > 1 ? 1 : 0;
  if (last == no_time || last < action.at + minute) return 0;
  return last < action.at + hour ? 1 : last < action.at + day ? 2 : 3;
}

std::string Marks::text_of(const Trait& trait, std::uint16_t type, std::int64_t value) const {
  using Kind = Trait::Kind;
  const TrackingPlan& plan = scenario_.plan;
  const auto index = static_cast<std::size_t>(value);
  switch (trait.kind) {
    case Kind::trait:
      return plan.traits[trait.index].name + " = " + plan.traits[trait.index].values[index];
    case Kind::currency:
      return "currency = " + plan.currencies[index].code;
    case Kind::clock_hour:
      return fmt::format("hour = {} (UTC)", value);
    case Kind::date:
      return "day = " + to_rfc3339(SimTime{value}).substr(0, 10);
    case Kind::sides:
      return std::string(sides_text(value));
    case Kind::times:
      return value > 0 ? "arrived again" : "arrived once";
    case Kind::delay:
      return std::string(delay_text(value));
    case Kind::field:
      break;
  }
  const FieldPlan& field = plan.actions[type].fields[trait.index];
  if (field.type == FieldType::string) return field.name + " = " + field.form.texts[index];
  if (field.type == FieldType::boolean) return field.name + (value != 0 ? " = true" : " = false");
  if (field.type == FieldType::integer)
    return fmt::format("{} {} {}", field.name, value >= counts_max ? ">=" : "=", value);
  return field.name + (value > 0 ? " > 0" : value < 0 ? " < 0" : " = 0");
}

/// Takes the condition when it is better than what was found; names it too when it is as good,
/// because it holds for the same actions.
void Marks::look(std::size_t cause, const Cell& cell, double parts, const std::string& where,
                 Found& found) const {
  const bool is_leak = causes_[cause].first == ActionVerdict::leaked;
  const std::uint64_t all = is_leak ? cell.forbidden : cell.due;
  const double hit = as_double(cell.hit[cause]), n = as_double(all);
  if (hit < coverage_min * found.hit || n <= 0 || n >= found.all) return;
  if (hit * found.all < lift_min * found.hit * n && hit < n) return;
  const double gain = 2 * (likelihood(hit, n) + likelihood(found.hit - hit, found.all - n) -
                           likelihood(found.hit, found.all));
  const double score = gain - parts * math::log(found.all);
  const bool is_same = cell.hit[cause] == found.mark.hit && all == found.mark.all;
  if (is_same && !found.mark.where.empty() && found.score >= score) {
    if (found.score == score) found.mark.where += " (and " + where + ")";
    return;
  }
  if (score <= found.score) return;
  found.score = score;
  found.mark = {where, cell.hit[cause], all};
}

Mark Marks::best_of(std::size_t cause) const {
  Cell total;
  for (const Cell& type : types_) total.add(type);
  const bool is_leak = causes_[cause].first == ActionVerdict::leaked;
  Found found;
  found.all = as_double(is_leak ? total.forbidden : total.due);
  found.hit = as_double(total.hit[cause]);
  for (std::size_t i = 0; i < common_; ++i) {
    Column whole;
    for (const auto& columns : columns_)
      for (const auto& [value, cell] : columns[i]) whole[value].add(cell);
    for (const auto& [value, cell] : whole)
      look(cause, cell, 1, text_of(traits_.front()[i], 0, value), found);
  }
  for (std::uint16_t type = 0; type < types_.size(); ++type) {
    const std::string& name = scenario_.plan.actions[type].name;
    look(cause, types_[type], 1, name, found);
    for (std::size_t i = 0; i < traits_[type].size(); ++i)
      for (const auto& [value, cell] : columns_[type][i])
        look(cause, cell, 2, name + ", " + text_of(traits_[type][i], type, value), found);
  }
  return found.mark;
}

/// Places by the amount in the currency that most of the causes' actions are in.
void Marks::rank(std::vector<CauseCount>& causes) const {
  std::map<std::uint8_t, std::uint64_t> used;
  for (const auto& worth : revenue_)
    for (const auto& [currency, sum] : worth) used[currency] += sum.actions;
  const auto most = std::max_element(
      used.begin(), used.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == used.end()) return;
  const auto amount_of = [&](std::size_t cause) {
    const auto found = revenue_[cause].find(most->first);
    return found == revenue_[cause].end() ? 0 : found->second.amount;
  };
  for (std::size_t i = 0; i < causes_.size(); ++i) {
    causes[i].revenue_rank = 1;
    for (std::size_t other = 0; other < causes_.size(); ++other)
      if (amount_of(other) > amount_of(i)) ++causes[i].revenue_rank;
  }
}

void Marks::tell(std::vector<CauseCount>& causes) const {
  for (std::size_t i = 0; i < causes_.size(); ++i) {
    causes[i].mark = best_of(i);
    for (const auto& [index, sum] : revenue_[i]) {
      const CurrencyPlan& currency = scenario_.plan.currencies[index];
      causes[i].revenue.emplace_back(format_money(sum.amount, currency.exponent), currency.code);
    }
  }
  rank(causes);
}

}  // namespace parallax
