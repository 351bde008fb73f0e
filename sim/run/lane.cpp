// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lane.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace parallax {

Lane::Lane(const LaneContext& context, LaneIndex index, Journal* journal)
    : context_(&context),
      scenario_(&context.world.scenario()),
      index_(index),
      journal_(journal),
      journey_(context.world, index),
      faults_(context.faults),
      now_(context.world.start()),
      end_(context.world.end()) {
  new_host(Source::server, 0, 0);
  journey_at_ = journey_.peek();
}

void Lane::push(SimTime at, EventKind kind, std::uint32_t index) {
  events_.push({at, order_++, index, kind});
}

std::uint32_t Lane::take_slot(std::uint32_t session, bool faulted) {
  const std::uint32_t index = slots_.take();
  Slot& slot = slots_[index];
  slot.session = session;
  slot.holders = 1;
  slot.faulted = faulted;
  return index;
}

void Lane::let_go(Held held) {
  Slot& slot = slots_[held];
  assert(slot.holders > 0);
  if (--slot.holders == 0) slots_.give(held);
}

std::uint32_t Lane::new_host(Source source, std::uint64_t session, std::uint64_t device) {
  const std::uint32_t index = hosts_.take();
  Host& host = hosts_[index];
  host.sdk.restart(sdk_plan(source), context_->jitter.keyed(make_lane_id(index_, hosts_made_++)));
  host.session = session;
  host.device = device;
  host.source = source;
  host.wakes = end_of_time;
  host.open = true;
  return index;
}

// Flattened: the simulation is many small steps; as one function it takes a fifth fewer
// instructions.
[[gnu::flatten]] const Outgoing* Lane::next(SimTime until) {
  assert(awaiting_ == no_flight);
  while (step(until))
    if (awaiting_ != no_flight) return &flights_[awaiting_].out;
  return nullptr;
}

void Lane::stop_traffic() {
  stopped_ = true;
  journey_at_ = end_of_time;
}

/// One step of the simulation; false when nothing is left to do before `until`.
bool Lane::step(SimTime until) {
  const SimTime event_at = events_.empty() ? end_of_time : events_.top().at;
  const SimTime at = std::min(journey_at_, event_at);
  if (at >= std::min(until, end_)) {
    if (at >= end_ && !draining_) return finish_traffic(until);
    if (at >= until && at != end_of_time) return false;
    if (at == end_of_time) {
      finished_ = !flush_more();
      return !finished_;
    }
  }
  if (journey_at_ <= event_at) return advance_journey();
  const Event event = events_.top();
  events_.pop();
  handle(event);
  return true;
}

/// Session ends lie at `end_` exactly: they are played before the faults are lifted.
bool Lane::finish_traffic(SimTime until) {
  if (until <= end_) return false;
  if (stopped_ || !advance_journey()) begin_drain();
  return true;
}

/// Plays the journey's next step; false when there is none.
bool Lane::advance_journey() {
  if (!journey_.next(step_)) return false;
  journey_at_ = journey_.peek();
  now_ = std::max(now_, step_.at);
  switch (step_.kind) {
    case Step::Kind::session_start:
      open_page();
      break;
    case Step::Kind::session_end:
      close_page();
      break;
    case Step::Kind::action:
      play_action();
      break;
  }
  return true;
}

void Lane::handle(const Event& event) {
  now_ = std::max(now_, event.at);
  switch (event.kind) {
    case EventKind::capture:
      return capture(event.index);
    case EventKind::sdk_due:
      if (Host& host = hosts_[event.index]; host.wakes == event.at) send(event.index, host);
      return;
    case EventKind::arrival:
      return arrive(event.index);
    case EventKind::outcome:
      return outcome(event.index);
  }
}

void Lane::play_action() {
  note(step_.action);
  // Both slots first, then both captures: a capture may hand its own slot back for use.
  std::array<std::uint32_t, 2> slots{};
  std::array<SimTime, 2> captured;
  std::size_t count = 0;
  const ActionPlan& plan = scenario_->plan.actions[step_.action.type];
  for (const Source side : both_sources) {
    if (!plan.emits(side)) continue;
    slots[count] = take_slot(step_.session, false);
    Emission& emission = slots_[slots[count]].record.emission;
    context_->instrumentation.emit(step_.action, side, emission);
    captured[count++] = emission.captured;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (captured[i] <= now_) {
      capture(slots[i]);
    } else {
      push(captured[i], EventKind::capture, slots[i]);
    }
  }
}

/// Runs a fresh emission through the faults; what comes out at once or later is queued.
void Lane::capture(std::uint32_t index) {
  Slot& slot = slots_[index];
  if (slot.faulted || faults_.spares_emissions()) return enqueue(index);
  slot.faulted = true;
  captures_.items.clear();
  destroyed_.clear();
  const std::uint32_t session = slot.session;
  const CaptureFate fate = faults_.capture_in_place(slot.record.emission, captures_, destroyed_);
  for (const Emission& emission : destroyed_) note(EmissionRecord{emission, Fate::destroyed});
  if (fate.destroyed) {
    let_go(index);
  } else {
    queue_captured(index, fate.later);
  }
  for (const Captures::Item& item : captures_.items) {
    const std::uint32_t copy = take_slot(session, true);
    slots_[copy].record.emission = item.emission;
    queue_captured(copy, item.later);
  }
}

void Lane::queue_captured(std::uint32_t slot, Micros later) {
  if (later == 0) return enqueue(slot);
  push(slots_[slot].record.emission.captured + later, EventKind::capture, slot);
}

void Lane::enqueue(std::uint32_t index) {
  Slot& slot = slots_[index];
  const Emission& emission = slot.record.emission;
  slot.record.fate = emission.withheld == Withheld::no ? Fate::queued : Fate::withheld;
  note(slot.record);
  if (emission.withheld != Withheld::no) return let_go(index);
  std::uint32_t host_index = server_host;
  if (emission.source == Source::client) {
    host_index = pages_[slot.session];
    // The page was closed before the code ran; its number may be another session's by now.
    if (host_index == no_host || hosts_[host_index].session != emission.seen.session) {
      if (now_ >= emission.seen.at + revisit_after) return revisit(index);
      released_.push_back({index, false, AbandonRecord::Why::unload});
      return release();
    }
  }
  Host& host = hosts_[host_index];
  host.sdk.enqueue(index, now_, released_);
  release();
  if (draining_) host.sdk.flush(now_);
  wake(host_index, host);
}

void Lane::open_page() {
  const Action& who = step_.action;
  const std::uint32_t host = new_host(Source::client, who.session, who.device);
  if (step_.session >= pages_.size()) pages_.resize(step_.session + 1, no_host);
  pages_[step_.session] = host;
  const auto kept = persisted_.find(who.device);
  if (kept == persisted_.end()) return;
  for (const std::uint32_t slot : kept->second) hosts_[host].sdk.enqueue(slot, now_, released_);
  persisted_.erase(kept);
  release();
  wake(host, hosts_[host]);
}

void Lane::close_page() {
  const std::uint32_t index = std::exchange(pages_[step_.session], no_host);
  assert(index != no_host);
  Host& host = hosts_[index];
  host.open = false;
  host.sdk.unload(now_, released_);
  release();
  wake(index, host);
}

/// Schedules the host's next attempt, and retires a closed page that has nothing left.
void Lane::wake(std::uint32_t index, Host& host) {
  const bool persists = host.source == Source::client && !host.open && !host.sdk.busy() &&
                        scenario_->client_sdk.unload == SdkPlan::Unload::persist;
  if (persists && !host.sdk.idle()) {
    auto& kept = persisted_[host.device];
    if (kept.empty()) persisted_devices_.push_back(host.device);
    for (const Held held : host.sdk.take_persisted()) kept.push_back(held);
  }
  if (!host.open && host.sdk.idle() && index != server_host) {
    host.wakes = end_of_time;
    hosts_.give(index);
    return;
  }
  const SimTime wants = host.sdk.wants();
  if (wants == end_of_time) {
    host.wakes = end_of_time;
    return;
  }
  const SimTime at = std::max(wants, now_);
  if (host.wakes == at) return;
  host.wakes = at;
  push(at, EventKind::sdk_due, index);
}

SimTime Lane::state_sent_at(Host& host, const Emission& first) {
  const SimTime simulated = (now_ + first.clock_error).to_millisecond();
  if (host.sdk.number() == 1 || !sdk_plan(host.source).keeps_sent_at)
    host.sdk.first_sent_at = simulated;
  switch (scenario_->sent_at) {
    case Scenario::SentAt::simulated:
      return host.sdk.first_sent_at;
    case Scenario::SentAt::wall:
      return context_->wall_clock();
    case Scenario::SentAt::omitted:
      break;
  }
  return no_time;
}

void Lane::send(std::uint32_t host_index, Host& host) {
  host.wakes = end_of_time;
  const std::span<const Held> held = host.sdk.begin(now_);
  const Emission& first = slots_[held.front()].record.emission;
  AttemptRecord record;
  record.id = {make_lane_id(index_, attempts_++)};
  record.number = host.sdk.number();
  const WireFate fate =
      faults_.send(first, record.id, record.number, now_, record.struck, record.skipped);
  const NetworkPlan& network = scenario_->network;
  const Micros median =
      host.source == Source::client ? network.round_trip_client : network.round_trip_server;
  Prng draw = context_->network.keyed(record.id.value);
  const Micros round_trip = draw.between(median / 2, median * 3 / 2);
  record.at = now_;
  record.arrives = now_ + round_trip / 2 + fate.delay;
  record.sent_at = state_sent_at(host, first);
  record.source = host.source;
  record.strike = fate.strike;
  record.answer = fate.answer;
  record.size = static_cast<std::uint16_t>(held.size());
  note(record);
  if (journal_ != nullptr)
    for (const Held slot : held)
      journal_->append(DeliveryRecord{record.id, slots_[slot].record.emission.key()});
  launch(host_index, held, record, round_trip);
}

void Lane::launch(std::uint32_t host_index, std::span<const Held> held, const AttemptRecord& record,
                  Micros round_trip) {
  const std::uint32_t index = flights_.take();
  Flight& flight = flights_[index];
  flight.out.id = record.id;
  flight.out.arrives = record.arrives;
  flight.out.sent_at = record.sent_at;
  flight.out.strike = record.strike;
  flight.out.size = record.size;
  flight.batch.assign(held.begin(), held.end());
  flight.host = host_index;
  flight.known = record.arrives + round_trip / 2;
  flight.answer = record.answer;
  flight.number = record.number;
  flight.outcome = SdkOutcome::retryable;
  flight.open_ends = 2;
  const SimTime gives_up = now_ + sdk_plan(record.source).timeout;
  flight.timed_out = flight.known > gives_up;
  push(record.arrives, EventKind::arrival, index);
  if (!flight.timed_out) return;
  // Only now can the SDK let go of an emission while it is still on its way.
  for (const Held slot : held) ++slots_[slot].holders;
  push(gives_up, EventKind::outcome, index);
}

/// The attempt reaches the target, or the point where a fault ends it: what never leaves the sender
/// is concluded here, the rest is handed out by `next`.
void Lane::arrive(std::uint32_t index) {
  Flight& flight = flights_[index];
  switch (flight.out.strike) {
    case Strike::before_send:
      return conclude(index, flight, Receipt::rejected, 0);
    case Strike::answered:  // The target never saw it, whatever the status would mean from it.
      return conclude(index, flight, Receipt::rejected, flight.answer);
    case Strike::none:
    case Strike::during_body:
    case Strike::after_commit:
      hand_out(index, flight);
  }
}

void Lane::hand_out(std::uint32_t index, Flight& flight) {
  awaiting_ = index;
  handed_out_.clear();
  for (const Held held : flight.batch) {
    Emission& emission = slots_[held].record.emission;
    emission.retry_count = static_cast<std::uint16_t>(flight.number - 1);
    handed_out_.push_back(&emission);
  }
  flight.out.events = handed_out_;
}

void Lane::answer(Receipt receipt, std::uint16_t status) {
  assert(awaiting_ != no_flight);
  const std::uint32_t index = awaiting_;
  awaiting_ = no_flight;
  conclude(index, flights_[index], receipt, status);
}

void Lane::conclude(std::uint32_t index, Flight& flight, Receipt receipt, std::uint16_t status) {
  ReceiptRecord record;
  record.attempt = flight.out.id;
  record.at = std::max(flight.known, now_);
  record.receipt = receipt;
  record.status = status;
  record.by_fault = flight.out.strike != Strike::none;
  note(record);
  if (!flight.timed_out) {
    flight.outcome = sdk_outcome(receipt, status);
    push(record.at, EventKind::outcome, index);
  } else {
    for (const Held held : flight.batch) let_go(held);
  }
  land(index, flight);
}

void Lane::outcome(std::uint32_t index) {
  Flight& flight = flights_[index];
  const std::uint32_t host_index = flight.host;
  Host& host = hosts_[host_index];
  host.sdk.finish(flight.outcome, now_, released_);
  land(index, flight);
  release();
  wake(host_index, host);
}

/// One of the flight's two ends is done.
void Lane::land(std::uint32_t index, Flight& flight) {
  if (--flight.open_ends == 0) flights_.give(index);
}

/// Records what the SDKs gave up, and frees what they no longer hold.
void Lane::release() {
  for (const Released& released : released_) {
    if (!released.delivered)
      note(AbandonRecord{slots_[released.held].record.emission.key(), now_, released.why});
    let_go(released.held);
  }
  released_.clear();
}

}  // namespace parallax
