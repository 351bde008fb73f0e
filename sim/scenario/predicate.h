// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/result.h"
#include "sim/core/tracking_plan.h"

namespace parallax {

class NarrowPredicate;

/// A condition over one action as one side sees it: the `where` of faults, assertions and reports.
///
///   condition := term { "or" term }        term  := factor { "and" factor }
///   factor    := "not" factor | "(" condition ")" | name op value | name "in" "(" value {","
///   value} ")" op        := = != < <= > >=            value := word | 'text' | "text" | number |
///   duration
///
/// Names: action, source (client, server), user (number), page, consent, currency, sequence,
/// every trait, every field of any action (an action without the field never matches, whatever the
/// op), `time` (offset from time.start: time >= 2d), `hour` (of the UTC day) and `weekday` (mon ..
/// sun). Numbers and times can be ordered, words can be = or !=. Money is compared in the
/// currency's decimals, exactly: revenue > 9.99.
///
/// Compiled once to a postfix program over integers; evaluation allocates nothing.
class Predicate {
 public:
  /// Matches everything.
  Predicate() = default;

  /// Errors name the position and the nearest known name; `where` of the Error is left empty. A
  /// value that no trait, field or page can have is an error too, with the nearest that they can.
  /// `allows_source` false refuses the name `source` (assertions look at actions, not emissions).
  static Result<Predicate> parse(std::string_view text, const TrackingPlan& plan, SimTime start,
                                 bool allows_source = true);

  bool matches(const Action& action, Source side) const;
  /// What is left of it for actions of that type as that side sees them. `*this` must outlive it.
  NarrowPredicate narrow(std::uint16_t action_type, Source side, const TrackingPlan& plan) const;
  bool matches_everything() const { return program_ == nullptr; }
  /// As written; empty for the one that matches everything.
  const std::string& text() const { return text_; }
  /// True when no name but user traits and `user` occurs: the condition never changes in a run.
  /// `session_traits`: bit i set = trait i is drawn anew for each session, and so is no user trait.
  bool depends_on_user_only(std::uint32_t session_traits = 0) const;

  struct Program;  ///< Its own business: predicate_program.h.

 private:
  /// False when it matches no such action, whatever else there is to it. True says nothing.
  bool may_match(std::uint16_t action_type, Source side) const;

  std::shared_ptr<const Program> program_;
  std::string text_;
};

/// A predicate before actions of one type as one side sees them: what these two decide is decided,
/// and a condition over a single trait is the set of its values. For whoever asks it of every
/// event.
class NarrowPredicate {
 public:
  /// Matches everything.
  NarrowPredicate() = default;
  /// Whether it matches nothing at all.
  bool never() const { return whole_ == nullptr && values_ == 0; }
  /// Precondition: an action of its type, seen by its side.
  bool matches(const Action& action, Source side) const {
    if (whole_ != nullptr) return whole_->matches(action, side);
    return (values_ >> action.traits[trait_] % values_max & 1) != 0;
  }

 private:
  friend class Predicate;
  static constexpr std::size_t values_max = 64;
  const Predicate* whole_ = nullptr;  ///< To be asked for all of it.
  std::uint64_t values_ = ~std::uint64_t{0};
  std::size_t trait_ = 0;
};

}  // namespace parallax
