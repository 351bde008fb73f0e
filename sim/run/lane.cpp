// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lane.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "sim/run/sender_view.h"

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

Lane::Host& Lane::new_host(Source source, std::uint64_t session, std::uint64_t device) {
  Host& host = *hosts_.take();
  host.sdk.restart(sdk_plan(source), context_->jitter.keyed(make_lane_id(index_, hosts_made_++)),
                   now_);
  host.session = session;
  host.device = device;
  host.source = source;
  host.wakes = end_of_time;
  host.open = true;
  host.began = now_;
  host.fate = HostFate{};
  return host;
}

const Outgoing* Lane::next(SimTime until) {
  assert(awaiting_ == nullptr);
  until_ = until;
  limit_ = draining_ ? until : std::min(until, end_);
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
  const SimTime at = std::min(journey_at_, event_at());
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
  handle(event);
  return true;
}

/// Session ends lie at `end_` exactly: they are played before the faults are lifted.
bool Lane::finish_traffic() {
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

[[gnu::always_inline]] inline void Lane::handle(const Event& event) {
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
  std::array<Slot*, 2> slots;
  std::size_t count = 0;
  const Instrumentation& code = context_->instrumentation;
  for (const Source side : both_sources) {
    if (!code.emits(action.type, side)) continue;
    slots[count] = &take_slot(step_.session, false);
    Emission& emission = slots[count++]->emission;
    code.emit(action, side, emission);
    if (logins_) logins_->say(emission);
  }
  if (logins_) logins_->end(action);
  for (std::size_t i = 0; i < count; ++i) {
    const SimTime captured = slots[i]->emission.captured;
    if (captured <= now_) {
      capture(*slots[i], count == 1);
    } else {
      push(captured, EventKind::capture, slots[i]);
    }
  }
}

/// A fresh emission goes through the faults; what comes out at once or later is queued. `last`:
/// nothing else of its action is captured at this instant.
[[gnu::always_inline]] inline void Lane::capture(Slot& slot, bool last) {
  if (slot.faulted || faults_.spares_emissions()) return enqueue(slot, last);
  strike(slot, last);
}

void Lane::strike(Slot& slot, bool last) {
  slot.faulted = true;
  captures_.items.clear();
  destroyed_.clear();
  const std::uint32_t session = slot.session;
  const CaptureFate fate = faults_.capture_in_place(slot.emission, captures_, destroyed_);
  for (const Emission& emission : destroyed_) note(EmissionRecord{emission, Fate::destroyed});
  if (fate.destroyed) {
    let_go(&slot);
  } else {
    queue_captured(slot, fate.later, last && captures_.items.empty());
  }
  for (const Captures::Item& item : captures_.items) {
    Slot& copy = take_slot(session, true);
    copy.emission = item.emission;
    queue_captured(copy, item.later, false);
  }
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
  const bool immediate = sdk_plan(emission.source).is_immediate(emission.seen.type);
  if (immediate && last && host->sdk.at_rest() && now_ < other_business()) {
    const std::span<const Queued> batch = host->sdk.begin_at_once(&slot, now_, released_);
    if (!released_.empty()) return release();
    return launch(*host, batch);
  }
  host->sdk.enqueue(&slot, now_, released_, immediate);
  if (!released_.empty()) release();
  if (draining_) host->sdk.flush(now_);
  wake(*host);
}

void Lane::open_page() {
  const Action& who = *step_.action;
  Host& host = new_host(Source::client, who.session, who.device);
  if (step_.session >= pages_.size()) pages_.resize(step_.session + 1, nullptr);
  pages_[step_.session] = &host;
  if (faults_.strikes_hosts()) host.fate = faults_.begin(who, Source::client, who.session, now_);
  if (!kept_.empty()) take_over_kept(host);
}

void Lane::wake_up(Host& host) {
  if (!host.open) {
    if (host.sdk.keeps()) keep(host);
    if (host.sdk.idle()) {
      host.wakes = end_of_time;
      return hosts_.give(&host);
    }
  }
  const SimTime wants = host.sdk.wants();
  const SimTime at = wants == end_of_time ? wants : std::max(wants, now_);
  if (host.wakes == at) return;
  host.wakes = at;
  if (at != end_of_time) push(at, EventKind::sdk_due, &host);
}

/// What the batch that goes out now states, by the clock of its first event's side.
inline SimTime Lane::sent_at(const Host& host, const Emission& first) const {
  switch (scenario_->sent_at) {
    case Scenario::SentAt::simulated: {
      const SimTime at = sdk_plan(host.source).keeps_sent_at ? host.sdk.first_begun() : now_;
      return (at + first.clock_error).to_millisecond();
    }
    case Scenario::SentAt::wall:
      return context_->wall_clock();
    case Scenario::SentAt::omitted:
      break;
  }
  return no_time;
}

void Lane::send(Host& host) {
  host.wakes = end_of_time;
  if (host.fate.ends <= now_) return end_processes();
  const std::span<const Queued> batch = host.sdk.begin(now_);
  wake(host);
  launch(host, batch);
}

/// What becomes of an attempt that the sender has begun, and when.
void Lane::launch(Host& host, std::span<const Queued> batch) {
  const Emission& first = batch.front().held->emission;
  const SdkPlan& plan = sdk_plan(host.source);
  Flight& flight = *flights_.take();
  AttemptRecord& record = flight.record;
  record.id = {make_lane_id(index_, attempts_++)};
  record.at = now_;
  record.source = host.source;
  record.number = host.sdk.number();
  record.struck = record.skipped = 0;
  flight.fate = {};
  const WireFate& fate = flight.fate;
  if (!faults_.spares_attempts())
    flight.fate =
        faults_.send({first, record.number, static_cast<std::uint16_t>(batch.size()), now_},
                     record.id, record.struck, record.skipped);
  const RoundTrip& range = round_trips_[static_cast<std::size_t>(host.source)];
  const Micros round_trip = network_.between(range.shortest, range.longest);
  record.size = static_cast<std::uint16_t>(batch.size() - fate.left_out);
  record.struck &= ~(fate.again_by | fate.left_by);
  record.arrives = now_ + round_trip / 2 + fate.delay;
  record.sent_at = sent_at(host, first);
  record.strike = fate.strike;
  record.answer = fate.answer;
  if (journal_ != nullptr) note_attempt(record, batch.first(record.size));
  flight.host = &host;
  flight.request = host.sdk.request();
  flight.moved = plan.moves_time ? now_ - host.sdk.first_begun() : 0;
  flight.known = record.arrives + round_trip / 2 + fate.answer_delay;
  flight.open_ends = 2;
  flight.timed_out = flight.known > now_ + plan.timeout;
  if (flight.timed_out) keep_flying(flight, now_ + plan.timeout);
  if (fate.left_out > 0) turn_away(flight, batch);
  if (fate.again) send_again(flight);
  if (record.arrives >= other_business()) return push(record.arrives, EventKind::arrival, &flight);
  now_ = record.arrives;
  arrive(flight);
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

void Lane::hand_out(Flight& flight) {
  awaiting_ = &flight;
  const AttemptRecord& record = flight.record;
  const auto retries = static_cast<std::uint16_t>(record.number - 1);
  const std::span<const Queued> batch =
      flight.timed_out ? flight.batch : flight.host->sdk.batch(flight.request);
  handed_out_.resize(record.size);
  for (std::size_t i = 0; i < handed_out_.size(); ++i) {
    batch[i].held->emission.retry_count = retries;
    handed_out_[i] = &batch[i].held->emission;
  }
  if (flight.moved > 0) state_later(flight.moved);
  out_ = {record.id, record.arrives, record.sent_at, record.strike, record.size, handed_out_};
}

void Lane::answer(Receipt receipt, std::uint16_t status, Micros retry_after) {
  assert(awaiting_ != nullptr);
  conclude(*std::exchange(awaiting_, nullptr), receipt, status, retry_after);
}

void Lane::conclude(Flight& flight, Receipt receipt, std::uint16_t status, Micros retry_after) {
  const SimTime at = std::max(flight.known, now_);
  note(ReceiptRecord{flight.record.id, at, receipt, status, flight.record.strike != Strike::none});
  if (flight.timed_out) {
    for (const Queued& queued : flight.batch) let_go(queued.held);
    return land(flight);
  }
  SdkAnswer seen = seen_of(receipt, status, flight.fate, retry_after);
  if (flight.fate.left_out > 0 && receipt == Receipt::accepted) seen.events = flight.results;
  land(flight);
  if (at >= other_business()) {
    flight.seen = seen;
    return push(at, EventKind::outcome, &flight);
  }
  now_ = at;
  outcome(flight, seen);
}

[[gnu::always_inline]] inline void Lane::outcome(Flight& flight, const SdkAnswer& seen) {
  Host& host = *flight.host;
  for (const Queued& queued : host.sdk.finish(flight.request, seen, now_, released_))
    let_go(queued.held);
  land(flight);
  if (!released_.empty()) release();
  wake(host);
}

}  // namespace parallax
