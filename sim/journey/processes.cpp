// SPDX-License-Identifier: Apache-2.0
// What the server does by itself after an action: journeys that follow one.
#include "sim/journey/lane_journey.h"

namespace parallax {
namespace {

/// Where the streams of a session's processes lie, beyond those of its steps.
constexpr std::uint64_t process_streams = std::uint64_t{1} << 63;
/// Behind all sessions that are due at the same instant.
constexpr std::uint64_t process_ordinals = std::uint64_t{1} << 63;

}  // namespace

/// `session`: the stream of whatever did the action, which has it with this sequence number once.
void LaneJourney::begin_processes(Prng session, const Action& after) {
  const Prng streams = session.keyed(process_streams | after.sequence);
  for (const std::uint32_t journey : world_->processes_after(after.type))
    begin_process(journey, streams.keyed(journey), after);
}

void LaneJourney::begin_process(std::uint32_t journey, Prng stream, const Action& after) {
  const std::uint32_t slot = under_way_.take();
  Session& process = under_way_[slot];
  process.at = after.at + world_->scenario().actions[after.type].server_after;
  process.stream = stream;
  process.opts_out = world_->person(after.user).opts_out;
  process.ordinal = process_ordinals | processes_++;
  process.journey = journey;
  process.state = world_->journey(journey).start;
  process.steps = 0;
  process.leaving = false;
  process.owes_result = false;
  process.who = after;
  process.who.session = stream.next();
  process.who.sequence = 0;
  process.who.values.fill(0);
  process.origin = origins_.take();
  origins_[process.origin] = after;
  if (!world_->journey(journey).states[process.state].does)
    move_on(process, process.stream.keyed(0));
  if (is_over(process)) return end_process(slot);
  due_.push({process.at, process.ordinal, slot});
}

/// Nobody is told of its end, so it goes as soon as it will do nothing more.
bool LaneJourney::is_over(const Session& process) const {
  return process.leaving || process.at >= world_->end();
}

void LaneJourney::end_process(std::uint32_t slot) {
  origins_.give(under_way_[slot].origin);
  under_way_.give(slot);
}

}  // namespace parallax
