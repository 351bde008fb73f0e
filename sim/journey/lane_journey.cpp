// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/lane_journey.h"

#include <algorithm>
#include <cassert>

#include "sim/journey/draws.h"

namespace parallax {
namespace {

/// The draw has its number even where nothing hangs on it: a wait moves no choice of the next
/// state.
Micros pause(const World::State& state, Draw draw) {
  if (state.waits) return state.think;
  return static_cast<Micros>(static_cast<double>(state.think) * draw.exponential());
}

}  // namespace

LaneJourney::LaneJourney(const World& world, LaneIndex lane)
    : world_(&world),
      lane_(lane),
      users_(world.users_in(lane)),
      end_(world.end()),
      arrivals_(world.arrivals(lane)),
      session_streams_(world.sessions(lane)),
      start_at_(world.start()) {
  open_hour();
  find_start();
  next_at_ = start_at_;
}

/// Takes over the rate of the hour in which `start_at_` lies.
void LaneJourney::open_hour() {
  const SimTime begins = start_at_.floor(hour);
  hour_ends_ = std::min(begins + hour, end_);
  rate_ = world_->sessions_in(lane_, begins) / static_cast<double>(hour);
}

/// Moves `start_at_` on to the start of the next session.
void LaneJourney::find_start() {
  double left = arrivals_.at(sessions_ + 1).exponential();
  while (start_at_ < end_) {
    const Micros room = hour_ends_ - start_at_;
    const double fits = static_cast<double>(room) * rate_;
    if (left < fits) {
      start_at_ = start_at_ + std::min(static_cast<Micros>(left / rate_), room - 1);
      return;
    }
    left -= fits;
    start_at_ = hour_ends_;
    open_hour();
  }
  start_at_ = end_of_time;
}

// Flattened: a step is many small ones, most of which hand the session on.
[[gnu::flatten]] bool LaneJourney::next(Step& out) {
  if (next_at_ == end_of_time) return false;
  if (start_at_ < due_at()) {
    start(out);
  } else {
    go_on(out);
  }
  const SimTime next = std::min(start_at_, due_at());
  next_at_ = next == end_of_time ? next : std::min(next, end_);
  return true;
}

LaneJourney::Session& LaneJourney::new_session() {
  const std::uint32_t slot = under_way_.take();
  Session& session = under_way_[slot];
  session.slot = slot;
  return session;
}

void LaneJourney::start(Step& out) {
  Session& session = new_session();
  const std::uint64_t ordinal = sessions_++;
  session.stream = session_streams_.keyed(ordinal);
  session.at = start_at_;
  session.steps = 0;
  session.origin = no_origin;
  session.leaving = false;
  session.owes_result = false;
  session.journey = &world_->pick_journey(session.stream.at(session_draws::journey));
  session.state = session.journey->start;
  Action& who = session.who;
  who = nobody_;
  who.at = start_at_;
  who.session = session.stream.at(session_draws::id).bits();
  const std::uint64_t place = session.stream.at(session_draws::user).below(users_);
  const auto user = static_cast<std::uint32_t>(place) * lane_count + lane_;
  const Prng person = world_->person(user);
  world_->introduce(user, person, session.stream, who);
  session.opts_out = world_->opts_out(person);
  out = {Step::Kind::session_start, session.slot, start_at_, &who};
  if (session.journey->states[session.state].does == World::State::only_thinks)
    move_on(session, session.stream.keyed(0));
  due_.push({session.at, ordinal, &session});
  find_start();
}

/// The next step of the session that is due.
void LaneJourney::go_on(Step& out) {
  const Due due = due_.top();
  Session& session = *due.session;
  if (session.leaving || session.at >= end_) return end(session, out);
  out = {Step::Kind::action, session.slot, session.at, &session.who};
  if (session.owes_result) {
    act_result(session);
  } else {
    act(session);
  }
  // Before this one may end, so that none of them takes its place while it is looked at.
  if (!world_->outcome(session.who.type).is_simple && !session.who.refused)
    begin_processes(session);
  if (session.origin != no_origin && is_over(session)) {
    due_.pop();
    end_process(session);
  } else {
    due_.replace_top({session.at, due.ordinal, &session});
  }
}

void LaneJourney::end(Session& session, Step& out) {
  due_.pop();
  under_way_.give(session.slot);
  session.who.at = std::min(session.at, end_);
  out = {Step::Kind::session_end, session.slot, session.who.at, &session.who};
}

void LaneJourney::make_action(Session& session, std::uint16_t type, const Prng& draw) {
  Action& action = session.who;
  const std::uint16_t type_before = action.type;
  action.id = {make_lane_id(lane_, actions_++)};
  action.at = session.at;
  action.type = type;
  ++action.sequence;
  action.consent = session.at >= session.opts_out ? Consent::denied : Consent::granted;
  if (!world_->has_fields(type) && !world_->has_fields(type_before)) return;
  if (session.origin == no_origin) {
    world_->fill_fields(action, type_before, draw);
  } else {
    world_->fill_fields(action, type_before, origins_[session.origin], draw);
  }
}

/// The current state: its action, then the way to the next state that has one.
void LaneJourney::act(Session& session) {
  const World::State& state = session.journey->states[session.state];
  assert(state.does != World::State::only_thinks);
  const World::Outcome& outcome = world_->outcome(state.does);
  const Prng draw = session.stream.keyed(++session.steps);
  session.who.page = state.page;
  make_action(session, state.does, draw);
  if (outcome.is_simple) {
    session.who.refused = false;
    return move_on(session, draw);
  }
  session.refused =
      outcome.succeeds != Ratio::whole() && !draw.at(step_draws::success).chance(outcome.succeeds);
  session.owes_result = outcome.result != World::Outcome::no_result;
  // An attempt did happen, whatever comes of it: refused is its result.
  session.who.refused = session.refused && !session.owes_result;
  if (!session.owes_result) return move_on(session, draw);
  session.at = session.at + outcome.after;
}

void LaneJourney::act_result(Session& session) {
  const World::Outcome& outcome = world_->outcome(session.who.type);
  const auto attempted = session.who.values;
  const Prng draw = session.stream.keyed(session.steps);
  make_action(session, outcome.result, draw.keyed(outcome.result));
  for (const World::Outcome::Join& join : outcome.joins)
    session.who.values[join.to] = attempted[join.from];
  session.who.refused = session.refused;
  session.owes_result = false;
  move_on(session, draw);
}

void LaneJourney::move_on(Session& session, Prng draw) {
  const World::Journey& journey = *session.journey;
  const World::State* state = &journey.states[session.state];
  session.at = session.at + pause(*state, draw.draw());
  while (true) {
    const std::uint32_t to =
        state->next.empty() ? StatePlan::leaves : state->next.pick(draw.draw());
    session.leaving = to == StatePlan::leaves || session.steps >= journey.steps_max;
    if (session.leaving) return;
    session.state = to;
    state = &journey.states[to];
    if (state->does != World::State::only_thinks) return;
    ++session.steps;
    session.at = session.at + pause(*state, draw.draw());
  }
}

}  // namespace parallax
