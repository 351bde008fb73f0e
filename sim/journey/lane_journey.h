// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/min_heap.h"
#include "sim/core/pool.h"
#include "sim/core/prng.h"
#include "sim/journey/world.h"

namespace parallax {

/// One thing that happens in a journey. For start and end, `action` holds who and which session.
struct Step {
  enum class Kind : std::uint8_t { session_start, action, session_end };
  Kind kind = Kind::action;
  /// Tells the lane's sessions under way apart by small numbers; used again after session_end.
  std::uint32_t session = 0;
  SimTime at;
  Action action;
};

/// Plays the journeys of one lane's users in the order of true time: a pull generator whose output
/// is a pure function of (scenario, seed, lane).
///
/// A journey that follows an action is played beside the sessions: its actions come as steps
/// without a session_start or session_end, since no client opens a page for it.
///
/// Sessions start as a Poisson process with the scenario's weekly curve, drawn hour by hour for the
/// lane as a whole (the superposition of its users' processes); each start then picks its user.
/// Memory: 24 bytes a session of the hour that has not started, and the sessions and processes
/// under way.
class LaneJourney {
 public:
  /// `world` must outlive the journey.
  LaneJourney(const World& world, LaneIndex lane);

  /// The next step, or false at the end of the run's time span. Sessions under way at the end are
  /// cut there: their end is reported at `world.end()`.
  bool next(Step& out);
  /// Time of the next step, or `end_of_time`.
  SimTime peek() const { return next_at_; }

 private:
  static constexpr std::uint32_t no_origin = 0xffff'ffff;
  struct Session {
    SimTime at;  ///< Of the next step.
    Prng stream{0};
    SimTime opts_out = end_of_time;
    std::uint64_t ordinal = 0;
    std::uint32_t journey = 0;
    std::uint32_t state = 0;
    std::uint32_t steps = 0;
    bool leaving = false;
    bool owes_result = false;  ///< The next step is the result of `attempt`.
    Action who;                ///< Template of its actions.
    Action attempt;            ///< Valid while owes_result.
    /// Of a process of the server: the action that it follows, in origins_. Otherwise no_origin.
    std::uint32_t origin = no_origin;
  };
  /// A session of the hour that has not started.
  struct Start {
    SimTime at;
    std::uint64_t ordinal;
    std::uint32_t user;
  };
  struct Due {
    SimTime at;
    std::uint64_t ordinal;
    std::uint32_t slot;
    bool before(const Due& other) const {
      return at != other.at ? at < other.at : ordinal < other.ordinal;
    }
  };

  void fill_hours();
  SimTime earliest() const;
  bool start_is_next() const;
  void look_ahead();
  void go_on(Step& out);
  void start(Step& out);
  void act(Session& session, Step& out);
  void act_result(Session& session, Step& out);
  void move_on(Session& session, Prng draw);
  void begin_processes(Prng session, const Action& after);
  void begin_process(std::uint32_t journey, Prng stream, const Action& after);
  bool is_over(const Session& process) const;
  void end_process(std::uint32_t slot);
  void make_action(Session& session, std::uint16_t type, Prng draw, Action& out);

  const World* world_;
  LaneIndex lane_;
  SimTime hour_;                ///< Whose sessions are to be drawn next.
  SimTime next_at_;             ///< Of the next step.
  std::uint64_t sessions_ = 0;  ///< Drawn so far: the next ordinal.
  std::uint64_t actions_ = 0;
  std::vector<Start> starts_;  ///< Of the hours opened, by time; those before `started_` are over.
  std::size_t started_ = 0;
  Pool<Session> under_way_;
  std::uint64_t processes_ = 0;  ///< Begun so far.
  Pool<Action> origins_;
  MinHeap<Due> due_;
};

}  // namespace parallax
