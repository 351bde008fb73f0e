// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/prng.h"
#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// What a selector keeps of one entity between decisions: only `burst` and `nth` need it.
struct SelectorMemory {
  std::uint64_t steps = 0;  ///< Decisions taken for this entity.
  bool in_burst = false;
};
/// Entity -> memory. Looked up, never iterated; grows with the senders seen.
using SelectorMemories = std::unordered_map<std::uint64_t, SelectorMemory>;

/// One emission, or the attempt that `emission` stands for, before a selector.
struct Candidate {
  const Emission& emission;
  /// By SelectorPlan::Scope: who draws. The first tells the candidate from all others, never by its
  /// place in the order of arrival, so that turning another fault off moves nothing.
  std::array<std::uint64_t, 5> entities;
  std::uint64_t bursts_with = 0;  ///< Whose bursts: the device, or the server host that sends.
  std::uint64_t counts_with = 0;  ///< Whose `nth`: the user, or the server host that sends.
};

/// The selector half of a fault, compiled: who is hit, and when. A candidate is reached when side,
/// `when` and `where` fit; of the reached ones the choice takes some. Immutable.
///
/// - rate: one draw for what `per` names: the emission or attempt, or its session, device or user,
///   and then the same answer each time. Raising a rate adds victims and frees none.
/// - burst: a two-state chain; in a burst the share `inside` is struck, between two `outside`.
/// - burst, nth: decide anew for each candidate, whatever `per` says, by the history of the sender.
/// - ids: event ids, users "u-17", actions "a-281474976710657" or "a-0x1000000000001".
class Selector {
 public:
  /// `stream` is keyed by the fault's name. Errors: `where` is the key of the selector at fault.
  static Result<Selector> make(const SelectorPlan& plan, std::optional<Source> default_side,
                               SimTime start, Prng stream);

  /// What is left of `where` before a side's emissions of an action type: to be asked once a type,
  /// ahead of the three below, which see only what may match it.
  NarrowPredicate narrow(std::uint16_t action_type, Source side, const TrackingPlan& plan) const {
    return where_.narrow(action_type, side, plan);
  }
  bool takes(Source side) const { return sides_[static_cast<std::size_t>(side)]; }
  /// All of `where`, of what has no action type yet: who opens a page.
  bool fits(const Action& who, Source side) const { return where_.matches(who, side); }
  /// Faults that must have struck too, a bit each.
  std::uint64_t with() const { return with_; }
  /// `when`.
  bool covers(SimTime at) const { return at >= from_ && at < until_; }
  /// Neither `when` nor `where` keeps anything out.
  bool reaches_everything() const { return always_ && where_.matches_everything(); }
  /// The choice, where it is a rate.
  std::optional<Ratio> rate() const {
    return choice_ == SelectorPlan::Choice::rate ? std::optional(rate_) : std::nullopt;
  }
  /// Whether a reached candidate is struck. Every emission comes here for every fault, mostly to a
  /// rate: one draw, in the caller's loop.
  bool chooses(const Candidate& candidate, SelectorMemories& memories) const {
    if (choice_ == SelectorPlan::Choice::rate)
      return stream_.at(entity_of(candidate)).chance(rate_);
    return chooses_otherwise(candidate, memories);
  }
  /// By SelectorPlan::Scope, in Candidate::entities: who draws.
  std::size_t scope() const { return static_cast<std::size_t>(scope_); }
  const Prng& stream() const { return stream_; }
  /// The effect's stream: keyed by what `per` names, and the same whichever choice was made.
  Prng stream_for(const Candidate& candidate) const { return stream_.keyed(entity_of(candidate)); }

 private:
  explicit Selector(Prng stream)
      : stream_(stream), bursts_(stream.stream("burst")), within_bursts_(stream.stream("within")) {}
  Result<void> parse_ids(const std::vector<std::string>& ids);
  std::uint64_t entity_of(const Candidate& candidate) const { return candidate.entities[scope()]; }
  bool chooses_otherwise(const Candidate& candidate, SelectorMemories& memories) const;
  bool listed(const Emission& emission) const;
  bool in_burst(std::uint64_t sender, SelectorMemory& memory) const;
  bool struck_by_burst(std::uint64_t sender, SelectorMemory& memory) const;

  // What every candidate asks for, close together.
  Prng stream_;
  SimTime from_;
  SimTime until_ = end_of_time;
  bool always_ = true;  ///< From before the run to after it.
  SelectorPlan::Scope scope_ = SelectorPlan::Scope::emission;
  SelectorPlan::Choice choice_ = SelectorPlan::Choice::all;
  Ratio rate_;
  std::array<bool, 2> sides_{true, true};
  Predicate where_;
  Prng bursts_;
  Prng within_bursts_;
  std::uint64_t burst_length_ = 1;
  Ratio inside_, outside_;
  std::uint64_t with_ = 0;
  std::uint64_t nth_ = 1;
  std::vector<Uuid> event_ids_;  ///< Sorted, as the two below.
  std::vector<std::uint64_t> users_;
  std::vector<std::uint64_t> actions_;
};

}  // namespace parallax
