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

/// One thing that happens in a journey.
struct Step {
  enum class Kind : std::uint8_t { session_start, action, session_end };
  Kind kind = Kind::action;
  /// Tells the lane's sessions under way apart by small numbers; used again after session_end.
  std::uint32_t session = 0;
  SimTime at;
  /// For start and end it holds who and which session. It lies in the journey, which plays the
  /// session on in it: valid until the next step is asked for.
  const Action* action = nullptr;
};

/// Plays the journeys of one lane's users in the order of true time: a pull generator whose output
/// is a pure function of (scenario, seed, lane).
///
/// Sessions start as a Poisson process with the scenario's weekly curve, drawn for the lane as a
/// whole (the superposition of its users' processes): from one start to the next it is an
/// exponential time, spent as fast as the hour's rate says. Each start picks its user.
///
/// A journey that follows an action is played beside the sessions: its actions come as steps
/// without a session_start or session_end, since no client opens a page for it.
/// Memory: the sessions and processes under way.
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
    Action who;  ///< The last action, or who will do the first.
    SimTime at;  ///< Of the next step.
    Prng stream{0};
    SimTime opts_out = end_of_time;
    const World::Journey* journey = nullptr;
    std::uint32_t slot = 0;  ///< Its place in under_way_.
    std::uint32_t state = 0;
    std::uint32_t steps = 0;
    /// Of a process of the server: the action that it follows, in origins_. Otherwise no_origin.
    std::uint32_t origin = no_origin;
    bool leaving = false;
    bool owes_result = false;  ///< The next step is the result of `who`, an attempt.
    bool refused = false;      ///< What that result will say.
  };
  struct Due {
    SimTime at;
    std::uint64_t ordinal;  ///< Of the session.
    Session* session;
    bool before(const Due& other) const {
      return at != other.at ? at < other.at : ordinal < other.ordinal;
    }
  };

  SimTime due_at() const { return due_.empty() ? end_of_time : due_.top().at; }
  void find_start();
  void open_hour();
  void start(Step& out);
  void go_on(Step& out);
  void end(Session& session, Step& out);
  Session& new_session();
  void act(Session& session);
  void act_result(Session& session);
  void move_on(Session& session, Prng draw);
  void begin_processes(const Session& session);
  void begin_process(std::uint32_t journey, const Prng& stream, const Action& after);
  bool is_over(const Session& process) const;
  void end_process(Session& process);
  void make_action(Session& session, std::uint16_t type, const Prng& draw);

  const World* world_;
  LaneIndex lane_;
  /// What a new session copies: cheaper than the string instruction that compilers zero 192 bytes
  /// by.
  Action nobody_;
  std::uint32_t users_;
  SimTime end_;  ///< The world's.
  Prng arrivals_;
  Prng session_streams_;
  SimTime start_at_;            ///< Of the next session; end_of_time after the last.
  SimTime hour_ends_;           ///< The hour that `start_at_` lies in, cut at the end of the run.
  double rate_ = 0;             ///< Session starts a microsecond in this hour.
  SimTime next_at_;             ///< Of the next step.
  std::uint64_t sessions_ = 0;  ///< Started so far: the next one's ordinal.
  std::uint64_t actions_ = 0;
  std::uint64_t processes_ = 0;  ///< Begun so far.
  Pool<Session> under_way_;
  Pool<Action> origins_;
  MinHeap<Due> due_;
};

}  // namespace parallax
