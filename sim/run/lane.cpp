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
      network_(context.network.keyed(index)),
      now_(context.world.start()),
      end_(context.world.end()) {
  const NetworkPlan& network = scenario_->network;
  for (const Source side : both_sources) {
    const Micros median =
        side == Source::client ? network.round_trip_client : network.round_trip_server;
    round_trips_[static_cast<std::size_t>(side)] = {median / 2, median * 3 / 2};
  }
  for (std::uint16_t type = 0; type < scenario_->plan.actions.size(); ++type)
    for (const Source side : both_sources)
      immediate_.push_back(sdk_plan(side).is_immediate(type) ? 1 : 0);
  handed_out_.resize(1);
  server_ = &new_host(Source::server, 0, 0);
  begin_process(now_);
  journey_at_ = journey_.peek();
  if (context.world.logins().login) logins_.emplace(context.world.logins(), *scenario_);
}

Lane::Slot& Lane::take_slot(std::uint32_t session, bool faulted) {
  Slot& slot = *slots_.take();
  slot.session = session;
  slot.holders = 1;
  slot.faulted = faulted;
  return slot;
}

// Flattened: what an action leads to, down to the attempt, is one run of instructions. What most
// actions do not come to is kept out of it below, or it would not fit into the first cache.
[[gnu::flatten]] const Outgoing* Lane::next(SimTime until) {
  assert(awaiting_ == nullptr);
  if (until != until_) {
    until_ = until;
    limit_ = draining_ ? until : std::min(until, end_);
  }
  while (step())
    if (awaiting_ != nullptr) return &out_;
  return nullptr;
}

void Lane::stop_traffic() {
  stopped_ = true;
  journey_at_ = end_of_time;
}

/// One step of the simulation; false when nothing is left to do before `until_`.
[[gnu::always_inline]] inline bool Lane::step() {
  const SimTime at = std::min(journey_at_, event_at_);
  if (at >= limit_) {
    if (at >= end_ && !draining_) return finish_traffic();
    if (at == end_of_time) {
      finished_ = !flush_more();
      return !finished_;
    }
    if (at >= until_) return false;
  }
  if (journey_at_ == at) return advance_journey();
  const Event event = events_.top();
  events_.pop();
  event_at_ = events_.empty() ? end_of_time : events_.top().at;
  handle(event);
  return true;
}

/// Session ends lie at `end_` exactly: they are played before the faults are lifted.
[[gnu::noinline]] bool Lane::finish_traffic() {
  if (until_ <= end_) return false;
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

[[gnu::noinline]] void Lane::handle(const Event& event) {
  now_ = std::max(now_, event.at);
  switch (event.kind()) {
    case EventKind::capture:
      return capture(*static_cast<Slot*>(event.subject), true);
    case EventKind::sdk_due:
      if (Host& host = *static_cast<Host*>(event.subject); host.wakes == event.at) send(host);
      return;
    case EventKind::arrival:
      return arrive(*static_cast<Flight*>(event.subject));
    case EventKind::outcome: {
      Flight& flight = *static_cast<Flight*>(event.subject);
      return outcome(flight, flight.seen);
    }
  }
}

void Lane::play_action() {
  const Action& action = *step_.action;
  note(action);
  if (logins_) logins_->begin(action);
  // Both slots first, then both captures: a capture may hand its own slot back for use.
  const Instrumentation& code = context_->instrumentation;
  Slot* const client =
      code.emits(action.type, Source::client) ? &film(action, Source::client) : nullptr;
  Slot* const server =
      code.emits(action.type, Source::server) ? &film(action, Source::server) : nullptr;
  if (logins_) logins_->end(action);
  const bool alone = client == nullptr || server == nullptr;
  for (Slot* const slot : {client, server})
    if (slot != nullptr) take_up(*slot, alone);
}

/// Captures the emission when its side does. `alone`: the action has no other.
[[gnu::always_inline]] inline void Lane::take_up(Slot& slot, bool alone) {
  const SimTime captured = slot.emission.captured;
  if (captured > now_) {
    if (captured >= other_business()) return push(captured, EventKind::capture, &slot);
    now_ = captured;
    alone = true;
  }
  capture(slot, alone);
}

/// What one side's code makes of the action, before any fault.
[[gnu::always_inline]] inline Lane::Slot& Lane::film(const Action& action, Source side) {
  Slot& slot = take_slot(step_.session, false);
  context_->instrumentation.emit(action, side, slot.emission);
  if (logins_) logins_->say(slot.emission);
  return slot;
}

/// A fresh emission goes through the faults; what comes out at once or later is queued. `last`:
/// nothing else of its action is captured at this instant.
[[gnu::always_inline]] inline void Lane::capture(Slot& slot, bool last) {
  const bool is_spared = slot.faulted || faults_.spares_emissions();
  if (is_spared || gets_past_faults(slot, last)) enqueue(slot, last);
}

[[gnu::noinline]] bool Lane::gets_past_faults(Slot& slot, bool last) {
  slot.faulted = true;
  const CaptureFate fate = faults_.capture_in_place(slot.emission, captures_, destroyed_);
  if (fate.struck) take_struck(slot, fate, last);
  return !fate.struck;
}

void Lane::queue_captured(Slot& slot, Micros later, bool last) {
  if (later == 0) return enqueue(slot, last);
  push(slot.emission.captured + later, EventKind::capture, &slot);
}

void Lane::enqueue(Slot& slot, bool last) {
  if (faults_.strikes_hosts() && comes_too_early(slot)) return;
  const Emission& emission = slot.emission;
  slot.fate = emission.withheld == Withheld::no ? Fate::queued : Fate::withheld;
  note<EmissionRecord>(slot);
  if (emission.withheld != Withheld::no) return withhold(slot);
  Host* host = server_;
  if (emission.source == Source::client) {
    host = pages_[slot.session];
    // The page was closed before the code ran; its number may be another session's by now.
    if (host == nullptr || host->session != emission.seen.session) {
      if (now_ >= emission.seen.at + revisit_after) return reopen_page(slot);
      released_.push_back({&slot, AbandonRecord::Why::unload});
      return release();
    }
  }
  const bool immediate = is_immediate(emission);
  if (immediate && last && host->sdk.at_rest() && now_ < other_business()) [[likely]]
    return launch_alone(*host, slot);
  host->sdk.enqueue(&slot, now_, released_, immediate);
  if (!released_.empty()) release();
  if (draining_) host->sdk.flush(now_);
  wake(*host);
}

/// What the batch that goes out now states, by the clock of its first event's side.
inline SimTime Lane::sent_at(Source source, SimTime first_begun, const Emission& first) const {
  switch (scenario_->sent_at) {
    case Scenario::SentAt::simulated: {
      const SimTime at = sdk_plan(source).keeps_sent_at ? first_begun : now_;
      return (at + first.clock_error).to_millisecond();
    }
    case Scenario::SentAt::wall:
      return context_->wall_clock();
    case Scenario::SentAt::omitted:
      break;
  }
  return no_time;
}

[[gnu::noinline]] void Lane::send(Host& host) {
  host.wakes = end_of_time;
  if (host.fate.ends <= now_) return end_processes();
  if (host.sdk.holds_one()) [[likely]] {
    Slot& slot = static_cast<Slot&>(*host.sdk.only_one());
    slot.emission.retry_count = 0;
    return leave_alone(host, slot, true);
  }
  const std::span<const Queued> batch = host.sdk.begin(now_);
  wake(host);
  launch(host, batch);
}

/// What becomes of an attempt that the sender has begun, and when.
void Lane::launch(Host& host, std::span<const Queued> batch) {
  describe(host, batch.front().held->emission,
           {host.sdk.number(), static_cast<std::uint16_t>(batch.size()), host.sdk.first_begun(),
            host.sdk.serial()});
  take_off(batch);
}

/// The attempt goes into `brief_`.
[[gnu::always_inline]] inline void Lane::describe(Host& host, const Emission& first,
                                                  const Try& begun) {
  const SdkPlan& plan = sdk_plan(host.source);
  Flight& flight = brief_;
  AttemptRecord& record = flight.record;
  record.id = {make_lane_id(index_, attempts_++)};
  record.at = now_;
  record.source = host.source;
  record.number = begun.number;
  record.size = begun.size;
  record.struck = record.skipped = 0;
  if (std::exchange(flight.struck, false)) flight.fate = {};
  if (!faults_.spares_attempts()) {
    faults_.send({first, record.number, record.size, now_}, record.id, flight.fate, record.struck,
                 record.skipped);
    flight.struck = record.struck != 0;
  }
  const RoundTrip& range = round_trips_[static_cast<std::size_t>(host.source)];
  const Micros half = network_.between(range.shortest, range.longest) / 2;
  record.arrives = now_ + half;
  record.sent_at = sent_at(host.source, begun.first_begun, first);
  record.strike = Strike::none;
  record.answer = 0;
  flight.known = record.arrives + half;
  if (flight.struck) {
    const WireFate& fate = flight.fate;
    record.arrives = record.arrives + fate.delay;
    record.strike = fate.strike;
    record.answer = fate.answer;
    flight.known = flight.known + fate.delay + fate.answer_delay;
  }
  flight.host = &host;
  flight.batch_name = {make_lane_id(index_, 0) ^ host.session, host.began, begun.serial};
  flight.noted = false;
  flight.moved = plan.moves_time ? now_ - begun.first_begun : 0;
  flight.timed_out = flight.known > now_ + plan.timeout;
}

/// `brief_` leaves the sender, whose SDK has begun it.
void Lane::take_off(std::span<const Queued> batch) {
  Flight& flight = brief_;
  const AttemptRecord& record = flight.record;
  flight.request = flight.host->sdk.request();
  if (flight.struck || flight.timed_out) return launch_oddly(batch);
  if (journal_ != nullptr) note_attempt(record, batch);
  if (record.arrives >= other_business())
    return push(record.arrives, EventKind::arrival, &keep_in_air());
  now_ = record.arrives;
  arrive(flight);
}

/// One event that need not wait, from an SDK at rest.
[[gnu::always_inline]] inline void Lane::launch_alone(Host& host, Slot& slot) {
  if (!host.sdk.lets_in(now_)) {
    released_.push_back({&slot, AbandonRecord::Why::limited});
    return release();
  }
  leave_alone(host, slot, false);
}

/// One event, the only one that its SDK has. Where its answer too would come before anything else,
/// the SDK is told only if that is no success: as nearly all are, it would begin and end an attempt
/// for nothing.
[[gnu::always_inline]] inline void Lane::leave_alone(Host& host, Slot& slot, bool has_waited) {
  Flight& flight = brief_;
  const AttemptRecord& record = flight.record;
  describe(host, slot.emission, {1, 1, now_, host.sdk.next_serial()});
  alone_waited_ = has_waited;
  if (flight.struck || flight.timed_out || flight.known >= other_business())
    return take_off(begin_alone(host, slot, now_));
  note(record);
  note(DeliveryRecord{record.id, slot.emission.key()});
  now_ = record.arrives;
  alone_ = &slot;
  awaiting_ = &flight;
  handed_out_.front() = &slot.emission;
  out_ = {record.id, record.arrives,    record.sent_at,         record.strike,
          1,         flight.batch_name, {handed_out_.data(), 1}};
}

/// The SDK is told of it after all.
std::span<const Queued> Lane::begin_alone(Host& host, Slot& slot, SimTime at) {
  return alone_waited_ ? host.sdk.begin(at) : host.sdk.begin_alone(&slot, at);
}

[[gnu::always_inline]] inline void Lane::conclude_alone(Flight& flight, Slot& slot,
                                                        std::uint16_t status) {
  note(ReceiptRecord{flight.record.id, flight.known, Receipt::accepted, status, false});
  now_ = flight.known;
  Host& host = *flight.host;
  if (alone_waited_) {
    host.sdk.pass_only_one();
    let_go(&slot);
    return wake(host);
  }
  host.sdk.pass_alone();
  let_go(&slot);
  if (host.wakes != end_of_time) wake_up(host);
}

/// The attempt reaches the target, or the point where a fault ends it: what never leaves the sender
/// is concluded here, the rest is handed out by `next`.
[[gnu::always_inline]] inline void Lane::arrive(Flight& flight) {
  switch (flight.record.strike) {
    case Strike::before_send:
      return conclude(flight, Receipt::rejected, 0, 0);
    case Strike::answered:  // The target never saw it, whatever the status would mean from it.
      return conclude(flight, Receipt::rejected, flight.record.answer, 0);
    case Strike::none:
    case Strike::during_body:
    case Strike::after_commit:
      hand_out(flight);
  }
}

[[gnu::flatten]] void Lane::answer(Receipt receipt, std::uint16_t status, Micros retry_after,
                                   std::span<const EventResult> results) {
  assert(awaiting_ != nullptr);
  Flight& flight = *std::exchange(awaiting_, nullptr);
  if (alone_ != nullptr) {
    Slot& slot = *std::exchange(alone_, nullptr);
    if (receipt == Receipt::accepted && results.empty())
      return conclude_alone(flight, slot, status);
    (void)begin_alone(*flight.host, slot, flight.record.at);
    flight.request = flight.host->sdk.request();
  }
  if (!results.empty()) take_results(flight, status, results);
  conclude(flight, receipt, status, retry_after);
}

void Lane::conclude(Flight& flight, Receipt receipt, std::uint16_t status, Micros retry_after) {
  const SimTime at = std::max(flight.known, now_);
  if (!flight.noted)
    note(
        ReceiptRecord{flight.record.id, at, receipt, status, flight.record.strike != Strike::none});
  const bool usual =
      receipt == Receipt::accepted && !flight.struck && !flight.timed_out && !flight.noted;
  if (!usual || at >= other_business())
    return conclude_later(flight, receipt, status, retry_after, at);
  now_ = at;
  land(flight);
  outcome(flight, SdkAnswer::of(200));
}

void Lane::outcome(Flight& flight, const SdkAnswer& seen) {
  Host& host = *flight.host;
  for (const Queued& queued : host.sdk.finish(flight.request, seen, now_, released_))
    let_go(queued.held);
  land(flight);
  if (!released_.empty()) release();
  wake(host);
}

}  // namespace parallax
