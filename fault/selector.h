// SPDX-License-Identifier: Apache-2.0
#pragma once
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
  SimTime at;  ///< True time of capture or of sending.
  /// What tells it from all others, for scope `emission`: never its place in the order of arrival,
  /// so that turning another fault off moves nothing.
  std::uint64_t entity = 0;
  std::uint64_t step = 0;
  std::uint64_t bursts_with = 0;  ///< Whose bursts: the device, or the server host that sends.
  std::uint64_t counts_with = 0;  ///< Whose `nth`: the user, or the server host that sends.
};

/// The selector half of a fault, compiled: who is hit, and when. A candidate is reached when side,
/// `when` and `where` fit; of the reached ones the choice takes some. Immutable.
///
/// - rate: one draw for what `per` names: the emission or attempt, or its session, device or user,
///   and then the same answer each time. Raising a rate adds victims and frees none.
/// - burst, nth: decide anew for each candidate, whatever `per` says, by the history of the sender.
/// - ids: event ids, users "u-17", actions "a-281474976710657" or "a-0x1000000000001".
class Selector {
 public:
  /// `stream` is keyed by the fault's name. Errors: `where` is the key of the selector at fault.
  static Result<Selector> make(const SelectorPlan& plan, std::optional<Source> default_side,
                               SimTime start, Prng stream);

  /// False when nothing that the side makes of such an action is ever reached: to be asked once a
  /// type, ahead of the two below, which see only what passes here.
  bool may_reach(std::uint16_t action_type, Source source) const {
    return sides_[static_cast<std::size_t>(source)] && where_.may_match(action_type, source);
  }
  /// Cheap part of "reached": `when`.
  bool covers(SimTime at) const { return at >= from_ && at < until_; }
  /// The rest of it: `where`.
  bool matches(const Emission& emission) const {
    return where_.matches_everything() || where_.matches(emission.seen, emission.source);
  }
  /// Whether a reached candidate is struck. `draw` becomes the effect's stream: keyed by what `per`
  /// names, and the same whichever choice was made.
  bool chooses(const Candidate& candidate, SelectorMemories& memories, Prng& draw) const {
    draw = draw_for(candidate);
    // Every emission comes here for every fault, mostly to a rate: kept in the caller's loop.
    if (choice_ == SelectorPlan::Choice::rate) return draw.chance(rate_);
    draw.next();  // The selector's draw, taken or not: the effect's draws are the same either way.
    return chooses_otherwise(candidate, memories);
  }

 private:
  explicit Selector(Prng stream) : stream_(stream), bursts_(stream.stream("burst")) {}
  Result<void> parse_ids(const std::vector<std::string>& ids);
  Prng draw_for(const Candidate& candidate) const {
    const Action& seen = candidate.emission.seen;
    switch (scope_) {
      case SelectorPlan::Scope::emission:
        break;
      case SelectorPlan::Scope::session:
        return stream_.keyed(seen.session);
      case SelectorPlan::Scope::device:
        return stream_.keyed(seen.device);
      case SelectorPlan::Scope::user:
        return stream_.keyed(seen.user);
    }
    return stream_.keyed(candidate.entity).keyed(candidate.step);
  }
  bool chooses_otherwise(const Candidate& candidate, SelectorMemories& memories) const;
  bool listed(const Emission& emission) const;
  bool in_burst(std::uint64_t sender, SelectorMemory& memory) const;

  Prng stream_;
  Prng bursts_;
  Predicate where_;
  bool sides_[2] = {true, true};
  SimTime from_;
  SimTime until_ = end_of_time;
  SelectorPlan::Scope scope_ = SelectorPlan::Scope::emission;
  SelectorPlan::Choice choice_ = SelectorPlan::Choice::all;
  Ratio rate_;
  std::uint64_t burst_length_ = 1;
  std::uint64_t nth_ = 1;
  std::vector<Uuid> event_ids_;  ///< Sorted, as the two below.
  std::vector<std::uint64_t> users_;
  std::vector<std::uint64_t> actions_;
};

}  // namespace parallax
