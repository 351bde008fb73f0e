// SPDX-License-Identifier: Apache-2.0
#include "sim/journey/lane_journey.h"

#include <algorithm>
#include <cassert>

namespace parallax {
namespace {

/// Sub-streams of a session's step.
enum Purpose : std::uint64_t { purpose_move = 1, purpose_fields = 2, purpose_success = 3 };

/// The draw is taken even where nothing hangs on it: a wait moves no choice of the next state.
Micros pause(const StatePlan& state, Prng& draw) {
  const auto think = static_cast<Micros>(static_cast<double>(state.think) * draw.exponential());
  return state.wait.value_or(think);
}

}  // namespace

LaneJourney::LaneJourney(const World& world, LaneIndex lane)
    : world_(&world), lane_(lane), hour_(world.start().floor(hour)) {
  look_ahead();
}

/// Draws the sessions of the coming hours until the earliest due step lies before the next hour.
void LaneJourney::fill_hours() {
  while (hour_ < world_->end() && earliest() >= hour_) {
    // What is due no earlier than the next hour has been played but for sessions under way.
    assert(started_ == starts_.size());
    starts_.clear();
    started_ = 0;
    Prng draw = world_->slot_stream(lane_, hour_);
    const std::uint64_t count = draw.poisson(world_->sessions_in(lane_, hour_));
    for (std::uint64_t i = 0; i < count; ++i) {
      Prng one = draw.keyed(i);
      const SimTime at = hour_ + one.between(0, hour - 1);
      if (at < world_->start() || at >= world_->end()) continue;
      const auto place = static_cast<std::uint32_t>(one.below(world_->users_in(lane_)));
      starts_.push_back({at, sessions_++, place * lane_count + lane_});
    }
    std::sort(starts_.begin(), starts_.end(), [](const Start& a, const Start& b) {
      return a.at != b.at ? a.at < b.at : a.ordinal < b.ordinal;
    });
    hour_ = hour_ + hour;
  }
}

SimTime LaneJourney::earliest() const {
  const SimTime start = started_ < starts_.size() ? starts_[started_].at : end_of_time;
  return due_.empty() ? start : std::min(start, due_.top().at);
}

/// To be called whenever a step was taken: what is next, and when.
void LaneJourney::look_ahead() {
  const SimTime at = earliest();
  const bool within = at < hour_ || hour_ >= world_->end();
  if (!within) fill_hours();
  const SimTime next = within ? at : earliest();
  next_at_ = next == end_of_time ? next : std::min(next, world_->end());
}

bool LaneJourney::start_is_next() const {
  if (started_ == starts_.size()) return false;
  const Start& start = starts_[started_];
  return due_.empty() || Due{start.at, start.ordinal, 0}.before(due_.top());
}

bool LaneJourney::next(Step& out) {
  if (next_at_ == end_of_time) return false;
  if (start_is_next()) {
    start(out);
  } else {
    go_on(out);
  }
  look_ahead();
  return true;
}

/// The next step of the session that is due.
void LaneJourney::go_on(Step& out) {
  const std::uint32_t slot = due_.top().slot;
  Session& session = under_way_[slot];
  out.session = slot;
  if (session.leaving || session.at >= world_->end()) {
    due_.pop();
    under_way_.give(slot);
    out.kind = Step::Kind::session_end;
    out.at = std::min(session.at, world_->end());
    out.action = session.who;
    out.action.at = out.at;
    return;
  }
  if (session.owes_result) {
    act_result(session, out);
  } else {
    act(session, out);
  }
  if (session.origin != no_origin && is_over(session)) {
    due_.pop();
    end_process(slot);
  } else {
    due_.replace_top({session.at, session.ordinal, slot});
  }
  if (!world_->processes_after(out.action.type).empty() && !out.action.refused)
    begin_processes(session.stream, out.action);
}

void LaneJourney::start(Step& out) {
  const Start& begun = starts_[started_++];
  out.session = under_way_.take();
  Session& session = under_way_[out.session];
  session.at = begun.at;
  session.ordinal = begun.ordinal;
  session.steps = 0;
  session.leaving = false;
  session.owes_result = false;
  session.origin = no_origin;
  session.stream = world_->session_stream(lane_, session.ordinal);
  Prng draw = session.stream;
  const Person person = world_->person(begun.user);
  session.opts_out = person.opts_out;
  session.journey = world_->pick_journey(draw);
  const JourneyPlan& journey = world_->journey(session.journey);
  session.state = journey.start;
  Action& who = session.who;
  who = Action{};
  who.user = begun.user;
  who.device = world_->device(person.user, static_cast<std::uint32_t>(draw.below(person.devices)));
  who.session = draw.next();
  who.sampled = person.sampled;
  world_->traits(person.user, session.stream, who.traits);
  who.currency = world_->currency(who.traits);
  out.kind = Step::Kind::session_start;
  out.at = session.at;
  out.action = who;
  out.action.at = out.at;
  if (!journey.states[session.state].does) move_on(session, session.stream.keyed(0));
  due_.push({session.at, session.ordinal, out.session});
}

void LaneJourney::make_action(Session& session, std::uint16_t type, Prng draw, Action& out) {
  out = session.who;
  out.id = {make_lane_id(lane_, actions_++)};
  out.at = session.at;
  out.type = type;
  out.sequence = ++session.who.sequence;
  out.consent = session.at >= session.opts_out ? Consent::denied : Consent::granted;
  if (session.origin == no_origin) {
    world_->fill_fields(out, draw.keyed(purpose_fields));
  } else {
    world_->fill_fields(out, origins_[session.origin], draw.keyed(purpose_fields));
  }
}

/// The current state: its action if it has one, then the way to the next state. A state that only
/// thinks yields its next one at once, so that every call returns a step.
void LaneJourney::act(Session& session, Step& out) {
  const StatePlan& state = world_->journey(session.journey).states[session.state];
  Prng draw = session.stream.keyed(++session.steps);
  session.who.page = state.page;
  out.kind = Step::Kind::action;
  out.at = session.at;
  assert(state.does);
  const ActionChoice& choice = world_->scenario().actions[*state.does];
  make_action(session, *state.does, draw, out.action);
  const bool success =
      choice.succeeds == Ratio::whole() || draw.keyed(purpose_success).chance(choice.succeeds);
  if (choice.result) {
    session.owes_result = true;
    session.attempt = out.action;
    session.attempt.refused = !success;
    session.at = session.at + choice.server_after;
  } else {
    out.action.refused = !success;
    move_on(session, draw);
  }
}

void LaneJourney::act_result(Session& session, Step& out) {
  const Action& attempt = session.attempt;
  const Scenario& scenario = world_->scenario();
  const std::uint16_t type = *scenario.actions[attempt.type].result;
  Prng draw = session.stream.keyed(session.steps);
  out.kind = Step::Kind::action;
  out.at = session.at;
  make_action(session, type, draw.keyed(type), out.action);
  out.action.refused = attempt.refused;
  // Fields that both carry under one name are the join key between attempt and result.
  const ActionPlan& from = scenario.plan.actions[attempt.type];
  const ActionPlan& to = scenario.plan.actions[type];
  for (std::size_t i = 0; i < to.fields.size(); ++i)
    if (const auto same = from.field_index(to.fields[i].name))
      out.action.values[i] = attempt.values[*same];
  session.owes_result = false;
  move_on(session, draw);
}

void LaneJourney::move_on(Session& session, Prng draw) {
  const JourneyPlan& journey = world_->journey(session.journey);
  Prng move = draw.keyed(purpose_move);
  session.at = session.at + pause(journey.states[session.state], move);
  do {
    const std::uint32_t to = world_->pick_next(session.journey, session.state, move);
    session.leaving = to == StatePlan::leaves || session.steps >= journey.steps_max;
    if (session.leaving) return;
    session.state = to;
    if (journey.states[to].does) return;
    ++session.steps;
    session.at = session.at + pause(journey.states[to], move);
  } while (true);
}

}  // namespace parallax
