// SPDX-License-Identifier: Apache-2.0
// What the server does by itself after an action: journeys that follow one.
#include "sim/journey/draws.h"
#include "sim/journey/lane_journey.h"

namespace parallax {
namespace {

/// Where the streams of a session's processes lie, beyond those of its steps.
constexpr std::uint64_t process_streams = std::uint64_t{1} << 63;
/// Behind all sessions that are due at the same instant.
constexpr std::uint64_t process_ordinals = std::uint64_t{1} << 63;

}  // namespace

/// `session` (or a process itself) has this sequence number once, so the streams are its own.
void LaneJourney::begin_processes(const Session& session) {
  const Action& after = session.who;
  const Prng streams = session.stream.keyed(process_streams | after.sequence);
  for (const std::uint32_t journey : world_->processes_after(after.type))
    begin_process(journey, streams.keyed(journey), after);
}

void LaneJourney::begin_process(std::uint32_t journey, const Prng& stream, const Action& after) {
  Session& process = new_session();
  process.at = after.at + world_->outcome(after.type).after;
  process.stream = stream;
  process.opts_out = world_->opts_out(world_->person(after.user));
  const std::uint64_t ordinal = process_ordinals | processes_++;
  process.journey = &world_->journey(journey);
  process.state = process.journey->start;
  process.steps = 0;
  process.leaving = false;
  process.owes_result = false;
  process.who = after;
  process.who.session = stream.at(session_draws::id).bits();
  process.who.sequence = 0;
  process.who.refused = false;
  process.who.values.fill(0);
  process.origin = origins_.take();
  origins_[process.origin] = after;
  if (process.journey->states[process.state].does == World::State::only_thinks)
    move_on(process, process.stream.keyed(0));
  if (is_over(process)) return end_process(process);
  due_.push({process.at, ordinal, &process});
}

/// Nobody is told of its end, so it goes as soon as it will do nothing more.
bool LaneJourney::is_over(const Session& process) const {
  return process.leaving || process.at >= end_;
}

void LaneJourney::end_process(Session& process) {
  origins_.give(process.origin);
  under_way_.give(process.slot);
}

}  // namespace parallax
