// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/scenario/predicate.h"

namespace parallax {

/// What a comparison looks at.
enum class Subject : std::uint8_t {
  action,
  source,
  user,
  page,
  consent,
  currency,
  sequence,
  time,
  day_hour,
  week_day,
  trait,
  field,
};
enum class Relation : std::uint8_t { equal, unequal, less, at_most, more, at_least };

/// A literal in the unit of what it is compared with: `floor` and, where it lies between two
/// integers, exact = false. So 9.995 is compared with whole cents without rounding.
struct Literal {
  std::int64_t floor = 0;
  bool exact = true;
  bool impossible = false;  ///< The value cannot occur there: neither = nor ordered, only !=.
};

/// One comparison. For fields, `literals` holds one per action type and currency, and `fields` the
/// field's index by action type (no_field where the action has none).
struct Comparison {
  Subject subject = Subject::action;
  Relation relation = Relation::equal;
  std::uint16_t trait = 0;
  std::vector<std::uint8_t> fields;
  std::vector<Literal> literals;

  static constexpr std::uint8_t no_field = 0xff;
};

struct Predicate::Program {
  struct Step {
    enum class Kind : std::uint8_t { compare, both, either, negate } kind = Kind::compare;
    std::uint32_t comparison = 0;
  };
  std::vector<Comparison> comparisons;
  std::vector<Step> steps;  ///< Postfix; never deeper than 64.
  SimTime start;
  std::size_t currencies = 1;
};

/// The value of a comparison's right side as one of the words below; the parser resolves them.
struct ValueToken {
  std::string_view text;
  bool quoted = false;
};

/// Fills in subject, trait, fields and literals of a comparison `name relation value`. Errors are
/// the second half of a message: "found ..., expected ...". Precondition: the name is known.
Result<Comparison> resolve_comparison(std::string_view name, Relation relation,
                                      const ValueToken& value, const TrackingPlan& plan);
/// Whether `name` can stand on the left; the error has the nearest that can.
Result<void> check_predicate_name(std::string_view name, const TrackingPlan& plan,
                                  bool allows_source);

}  // namespace parallax
