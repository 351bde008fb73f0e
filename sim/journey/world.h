// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/prng.h"
#include "sim/journey/choice.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// What is fixed about a user for the whole run.
struct Person {
  std::uint32_t user = 0;
  std::uint32_t devices = 1;
  bool sampled = true;
  SimTime opts_out = end_of_time;  ///< Consent is denied from here on; the start for refusers.
};

/// The scenario compiled for playing: weights as cumulative tables, Zipf as alias tables, one
/// random stream a purpose. Immutable and shared by all lanes; everything about a user is computed
/// from its number when asked for, so memory does not grow with the population.
class World {
 public:
  /// `scenario` must outlive the world.
  World(const Scenario& scenario, std::uint64_t seed);

  const Scenario& scenario() const { return *scenario_; }
  SimTime start() const { return scenario_->time.start; }
  SimTime end() const { return start() + scenario_->time.length; }

  Person person(std::uint32_t user) const;
  std::uint64_t device(std::uint32_t user, std::uint32_t number) const;
  /// Fills the traits of a user (and of the session, keyed by its stream).
  void traits(std::uint32_t user, Prng session, std::array<std::uint16_t, max_traits>& out) const;
  std::uint8_t currency(const std::array<std::uint16_t, max_traits>& traits) const;

  /// Users in a lane: those with `user % lane_count == lane`.
  std::uint32_t users_in(LaneIndex lane) const;
  /// Mean number of sessions that start in the lane during the hour that begins at `slot`.
  double sessions_in(LaneIndex lane, SimTime slot) const;

  /// The stream of one session: all of its choices are drawn from it, by step.
  Prng session_stream(LaneIndex lane, std::uint64_t ordinal) const {
    return session_streams_.keyed(lane).keyed(ordinal);
  }
  Prng slot_stream(LaneIndex lane, SimTime slot) const;

  const JourneyPlan& journey(std::uint32_t index) const { return scenario_->journeys[index]; }
  std::uint32_t pick_journey(Prng& draw) const { return journeys_.pick(draw); }
  /// The state after this one, or StatePlan::leaves.
  std::uint32_t pick_next(std::uint32_t journey, std::uint32_t state, Prng& draw) const {
    const WeightTable& next = next_[journey][state];
    return next.empty() ? StatePlan::leaves : next.pick(draw);
  }

  /// Gives every field of the action its value. `draw` is the action's stream; each field takes its
  /// own sub-stream, so that adding a field moves no other's value.
  void fill_fields(Action& action, Prng draw) const;
  /// The same for an action that comes of `origin`, whose fields of the same name it takes over.
  void fill_fields(Action& action, const Action& origin, Prng draw) const;
  /// The journeys that the server begins after such an action.
  const std::vector<std::uint32_t>& processes_after(std::uint16_t type) const {
    return processes_[type];
  }

 private:
  const Scenario* scenario_;
  Prng root_;
  Prng devices_stream_, sampling_stream_, consent_stream_, device_id_stream_;
  Prng session_streams_, slot_streams_;
  std::vector<Prng> trait_streams_;
  std::vector<std::uint64_t> trait_keys_;  ///< Of the session's stream, for those drawn anew.
  std::vector<WeightTable> traits_;
  WeightTable devices_;
  WeightTable journeys_;
  std::vector<std::vector<WeightTable>> next_;
  std::vector<std::vector<std::uint32_t>> processes_;  ///< By action type.
  struct Field {
    WeightTable pick;
    AliasTable zipf;
  };
  std::vector<std::vector<Field>> fields_;
  std::vector<std::int64_t> currency_scale_;  ///< Minor units per 1/100 of the currency, x1'000.

  std::int64_t field_value(const Action& action, const FieldChoice& choice, const Field& compiled,
                           const FieldPlan& plan, Prng draw) const;
};

}  // namespace parallax
