// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/prng.h"
#include "sim/journey/choice.h"
#include "sim/scenario/login_plan.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// The scenario compiled for playing: weights as alias tables, names as numbers, one random stream
/// a purpose. Immutable and shared by all lanes; everything about a user is computed from its
/// number when asked for, so memory does not grow with the population.
class World {
 public:
  /// `scenario` must outlive the world.
  World(const Scenario& scenario, std::uint64_t seed);

  const Scenario& scenario() const { return *scenario_; }
  SimTime start() const { return scenario_->time.start; }
  SimTime end() const { return start() + scenario_->time.length; }

  /// A state of a journey: do something, think, go on.
  struct State {
    static constexpr std::uint16_t only_thinks = 0xffff;
    Micros think = 0;  ///< Mean; exact where it waits.
    bool waits = false;
    std::uint16_t does = only_thinks;  ///< Action type.
    std::uint16_t page = 0;
    AliasTable next;  ///< Of states, or StatePlan::leaves. Empty: leaves.
  };
  struct Journey {
    std::vector<State> states;
    std::uint32_t start = 0;
    std::uint32_t steps_max = 0;
  };
  /// How the backend takes an action, and what follows it.
  struct Outcome {
    static constexpr std::uint16_t no_result = 0xffff;
    Ratio succeeds;
    std::uint16_t result = no_result;  ///< Action type.
    Micros after = 0;                  ///< Until the result.
    bool is_simple = false;            ///< Always succeeds, has no result and no process follows.
    struct Join {
      std::uint8_t from, to;
    };
    std::vector<Join>
        joins;  ///< Fields that both carry under one name: the attempt's, the result's.
  };
  const Journey& pick_journey(Draw draw) const { return journeys_[pick_.pick(draw)]; }
  const Journey& journey(std::uint32_t index) const { return journeys_[index]; }
  /// The journeys that the server begins after such an action.
  const std::vector<std::uint32_t>& processes_after(std::uint16_t action_type) const {
    return processes_[action_type];
  }
  const Outcome& outcome(std::uint16_t action_type) const { return outcomes_[action_type]; }

  /// The stream of all that is drawn once for a user.
  Prng person(std::uint32_t user) const { return users_.keyed(user); }
  /// Fills in who the user is and what its stream and the session's say about it: user, device,
  /// traits, currency, whether it is sampled. Precondition: `who.at` is when the session starts.
  void introduce(std::uint32_t user, const Prng& person, const Prng& session, Action& who) const;
  const LoginPlan& logins() const { return logins_; }
  /// From when on the user's consent is denied: the start for those who refuse, or `end_of_time`.
  SimTime opts_out(const Prng& person) const;

  /// Users in a lane: those with `user % lane_count == lane`.
  std::uint32_t users_in(LaneIndex lane) const;
  /// Mean number of sessions that start in the lane during the hour that begins at `slot`.
  double sessions_in(LaneIndex lane, SimTime slot) const;

  /// When sessions of a lane start: one draw a session, by its number.
  Prng arrivals(LaneIndex lane) const { return arrivals_.keyed(lane); }
  /// Keyed by a session's number: the stream from which all its choices are drawn, by step.
  Prng sessions(LaneIndex lane) const { return sessions_.keyed(lane); }

  bool has_fields(std::uint16_t action_type) const { return !fields_[action_type].empty(); }
  /// Gives every field of the action its value, and zero to those of the type before. `draw` is the
  /// action's stream, of which each field takes a draw of its own: adding a field moves no other's.
  void fill_fields(Action& action, std::uint16_t type_before, const Prng& draw) const;
  /// The same for an action that comes of `origin`, whose fields of the same name it takes over.
  void fill_fields(Action& action, std::uint16_t type_before, const Action& origin,
                   const Prng& draw) const;

 private:
  struct Field {
    const FieldChoice* choice;
    bool money;
    AliasTable table;  ///< Of `pick` and `zipf`.
  };
  struct Trait {
    std::uint64_t key;  ///< Of its draw: the name's hash.
    bool per_session;
    AliasTable values;
    SimTime changes = end_of_time;  ///< From when on `later` decides.
    AliasTable later = {};
  };
  void add_journey(const JourneyPlan& plan);
  void add_action(const ActionPlan& plan, const ActionChoice& choice);
  std::int64_t field_value(const Action& action, const Field& field, Draw draw) const;
  void clear_rest(Action& action, std::uint16_t type_before) const;

  const Scenario* scenario_;
  Prng users_, sessions_, arrivals_;
  std::vector<Trait> traits_;
  AliasTable devices_;
  LoginPlan logins_;
  AliasTable pick_;  ///< Among the journeys.
  std::vector<Journey> journeys_;
  std::vector<std::vector<std::uint32_t>> processes_;  ///< By action type, as the next two.
  std::vector<Outcome> outcomes_;
  std::vector<std::vector<Field>> fields_;
  std::vector<std::int64_t> currency_scale_;  ///< Minor units per 1/100 of the currency, x1'000.
};

}  // namespace parallax
