// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/predicate.h"

#include <cassert>
#include <optional>

#include "sim/scenario/predicate_program.h"

namespace parallax {
namespace {

bool holds(std::int64_t value, Relation relation, const Literal& literal) {
  if (literal.impossible) return relation == Relation::unequal;
  switch (relation) {
    case Relation::equal:
      return literal.exact && value == literal.floor;
    case Relation::unequal:
      return !literal.exact || value != literal.floor;
    case Relation::less:
      return literal.exact ? value < literal.floor : value <= literal.floor;
    case Relation::at_most:
      return value <= literal.floor;
    case Relation::more:
      return value > literal.floor;
    case Relation::at_least:
      return literal.exact ? value >= literal.floor : value > literal.floor;
  }
  assert(false);
  return false;
}

std::int64_t value_of(const Comparison& comparison, const Action& action, Source side,
                      SimTime start) {
  switch (comparison.subject) {
    case Subject::action:
      return action.type;
    case Subject::source:
      return static_cast<std::int64_t>(side);
    case Subject::user:
      return action.user;
    case Subject::page:
      return action.page;
    case Subject::consent:
      return static_cast<std::int64_t>(action.consent);
    case Subject::currency:
      return action.currency;
    case Subject::sequence:
      return action.sequence;
    case Subject::time:
      return action.at - start;
    case Subject::day_hour:
      return hour_of_day(action.at);
    case Subject::week_day:
      return weekday(action.at);
    case Subject::trait:
      return action.traits[comparison.trait];
    case Subject::field:
      return action.values[comparison.fields[action.type]];
  }
  assert(false);
  return 0;
}

bool compare(const Comparison& comparison, const Predicate::Program& program, const Action& action,
             Source side) {
  if (comparison.subject != Subject::field)
    return holds(value_of(comparison, action, side, program.start), comparison.relation,
                 comparison.literals.front());
  assert(action.type < comparison.fields.size());
  if (comparison.fields[action.type] == Comparison::no_field) return false;
  const std::size_t at = action.type * program.currencies + action.currency;
  assert(at < comparison.literals.size());
  return holds(value_of(comparison, action, side, program.start), comparison.relation,
               comparison.literals[at]);
}

/// Whether type and side of an action are all that the comparison looks at.
bool decided(const Comparison& comparison, std::uint16_t action_type) {
  if (comparison.subject == Subject::field)
    return comparison.fields[action_type] == Comparison::no_field;
  return comparison.subject == Subject::action || comparison.subject == Subject::source;
}

}  // namespace

bool Predicate::matches(const Action& action, Source side) const {
  if (program_ == nullptr) return true;
  std::uint64_t stack = 0;  // One bit a pending truth, the newest lowest.
  for (const Program::Step& step : program_->steps) {
    switch (step.kind) {
      case Program::Step::Kind::compare:
        stack = stack << 1 | std::uint64_t{compare(program_->comparisons[step.comparison],
                                                   *program_, action, side)};
        break;
      case Program::Step::Kind::both:
        stack = (stack >> 1) & ~std::uint64_t{(stack & 1) == 0};
        break;
      case Program::Step::Kind::either:
        stack = (stack >> 1) | (stack & 1);
        break;
      case Program::Step::Kind::negate:
        stack ^= 1;
        break;
    }
  }
  return (stack & 1) != 0;
}

bool Predicate::may_match(std::uint16_t action_type, Source side) const {
  if (program_ == nullptr) return true;
  Action action;
  action.type = action_type;
  std::uint64_t may = 0, may_not = 0;  // As the stack above: what could come out true, and false.
  for (const Program::Step& step : program_->steps) {
    switch (step.kind) {
      case Program::Step::Kind::compare: {
        const Comparison& comparison = program_->comparisons[step.comparison];
        const bool known = decided(comparison, action_type);
        const bool holds = known && compare(comparison, *program_, action, side);
        may = may << 1 | std::uint64_t{!known || holds};
        may_not = may_not << 1 | std::uint64_t{!known || !holds};
        break;
      }
      case Program::Step::Kind::both:
        may = (may >> 1) & ~std::uint64_t{(may & 1) == 0};
        may_not = (may_not >> 1) | (may_not & 1);
        break;
      case Program::Step::Kind::either:
        may = (may >> 1) | (may & 1);
        may_not = (may_not >> 1) & ~std::uint64_t{(may_not & 1) == 0};
        break;
      case Program::Step::Kind::negate: {
        const std::uint64_t differ = (may ^ may_not) & 1;
        may ^= differ;
        may_not ^= differ;
        break;
      }
    }
  }
  return (may & 1) != 0;
}

NarrowPredicate Predicate::narrow(std::uint16_t action_type, Source side,
                                  const TrackingPlan& plan) const {
  NarrowPredicate left;
  if (!may_match(action_type, side)) left.values_ = 0;
  if (program_ == nullptr || left.never()) return left;
  std::optional<std::size_t> trait;
  for (const Comparison& comparison : program_->comparisons) {
    if (decided(comparison, action_type)) continue;
    if (comparison.subject != Subject::trait ||
        trait.value_or(comparison.trait) != comparison.trait ||
        plan.traits[comparison.trait].values.size() > NarrowPredicate::values_max) {
      left.whole_ = this;
      return left;
    }
    trait = comparison.trait;
  }
  if (!trait) return left;
  left.trait_ = *trait;
  left.values_ = 0;
  Action action;
  action.type = action_type;
  for (std::size_t value = 0; value < plan.traits[*trait].values.size(); ++value) {
    action.traits[*trait] = static_cast<std::uint16_t>(value);
    left.values_ |= std::uint64_t{matches(action, side)} << value;
  }
  return left;
}

bool Predicate::depends_on_user_only(std::uint32_t session_traits) const {
  if (program_ == nullptr) return true;
  for (const Comparison& comparison : program_->comparisons) {
    const bool by_user = comparison.subject == Subject::user;
    const bool by_trait =
        comparison.subject == Subject::trait && (session_traits >> comparison.trait & 1U) == 0;
    if (!by_user && !by_trait) return false;
  }
  return true;
}

}  // namespace parallax
