// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/prng.h"
#include "sim/journey/world.h"

namespace parallax {

/// One thing that happens in a journey. For start and end, `action` holds who and which session.
struct Step {
  enum class Kind : std::uint8_t { session_start, action, session_end };
  Kind kind = Kind::action;
  SimTime at;
  Action action;
};

/// Plays the journeys of one lane's users in the order of true time: a pull generator whose output
/// is a pure function of (scenario, seed, lane).
///
/// Sessions start as a Poisson process with the scenario's weekly curve, drawn hour by hour for the
/// lane as a whole (the superposition of its users' processes); each start then picks its user.
/// Memory: the sessions of one hour that have not started, and those under way.
class LaneJourney {
 public:
  /// `world` must outlive the journey.
  LaneJourney(const World& world, LaneIndex lane);

  /// The next step, or false at the end of the run's time span. Sessions under way at the end are
  /// cut there: their end is reported at `world.end()`.
  bool next(Step& out);
  /// Time of the next step, or `end_of_time`.
  SimTime peek();

 private:
  struct Session {
    SimTime at;  ///< Of the next step.
    Prng stream{0};
    Action who;  ///< Template of its actions.
    SimTime opts_out = end_of_time;
    std::uint64_t ordinal = 0;
    std::uint32_t journey = 0;
    std::uint32_t state = 0;
    std::uint32_t steps = 0;
    bool started = false;
    bool leaving = false;
    bool owes_result = false;  ///< The next step is the result of the attempt in `who`.
    Action attempt;            ///< Valid while owes_result.
  };
  struct Due {
    SimTime at;
    std::uint64_t ordinal;
    std::uint32_t slot;
    /// For a min-heap: later first.
    friend bool operator<(const Due& a, const Due& b) {
      return a.at != b.at ? a.at > b.at : a.ordinal > b.ordinal;
    }
  };

  void fill_hours();
  void open_session(SimTime at, Prng draw);
  void push(std::uint32_t slot);
  void start(Session& session, Step& out);
  void act(Session& session, Step& out);
  void act_result(Session& session, Step& out);
  void move_on(Session& session, Prng draw);
  Action make_action(Session& session, std::uint16_t type, Prng draw);

  const World* world_;
  LaneIndex lane_;
  SimTime hour_;
  std::uint64_t sessions_ = 0;
  std::uint64_t actions_ = 0;
  std::vector<Session> pool_;
  std::vector<std::uint32_t> free_;
  std::vector<Due> heap_;
};

}  // namespace parallax
