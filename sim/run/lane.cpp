// SPDX-License-Identifier: Apache-2.0
#include "sim/run/lane.h"

#include <algorithm>
#include <cassert>

namespace parallax {

Lane::Lane(const LaneContext& context, LaneIndex index, Journal& journal)
    : context_(&context),
      scenario_(&context.world.scenario()),
      index_(index),
      journal_(&journal),
      journey_(context.world, index),
      faults_(context.faults),
      now_(context.world.start()),
      end_(context.world.end()) {
  new_host(Source::server, 0, 0);
}

void Lane::push(SimTime at, EventKind kind, std::uint32_t index) {
  heap_.push_back({at, order_++, index, kind});
  std::push_heap(heap_.begin(), heap_.end());
}

std::uint32_t Lane::hold(const Emission& emission, bool faulted) {
  if (free_slots_.empty()) {
    slots_.push_back({emission, faulted});
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  slots_[slot] = {emission, faulted};
  return slot;
}

std::uint32_t Lane::new_host(Source source, std::uint64_t session, std::uint64_t device) {
  const SdkPlan& plan = source == Source::client ? scenario_->client_sdk : scenario_->server_sdk;
  Host host{Sdk(plan, context_->jitter.keyed(make_lane_id(index_, hosts_made_++))),
            session,
            device,
            source,
            end_of_time,
            true};
  if (free_hosts_.empty()) {
    hosts_.push_back(std::move(host));
    return static_cast<std::uint32_t>(hosts_.size() - 1);
  }
  const std::uint32_t index = free_hosts_.back();
  free_hosts_.pop_back();
  hosts_[index] = std::move(host);
  return index;
}

Outgoing* Lane::next() {
  assert(awaiting_ == no_flight);
  while (step())
    if (awaiting_ != no_flight) return &flights_[awaiting_].out;
  return nullptr;
}

/// One step of the simulation; false when nothing is left to do.
bool Lane::step() {
  const SimTime journey_at = draining_ || stopped_ ? end_of_time : journey_.peek();
  const SimTime event_at = heap_.empty() ? end_of_time : heap_.front().at;
  if (!draining_ && std::min(journey_at, event_at) >= end_) {
    // Session ends lie at `end_` exactly: play them before the faults are lifted.
    Step last;
    if (!stopped_ && journey_.next(last)) {
      play(last);
      return true;
    }
    begin_drain();
    return true;
  }
  if (journey_at == end_of_time && event_at == end_of_time) return flush_more();
  if (journey_at <= event_at) {
    Step step;
    if (journey_.next(step)) play(step);
    return true;
  }
  std::pop_heap(heap_.begin(), heap_.end());
  const Event event = heap_.back();
  heap_.pop_back();
  now_ = std::max(now_, event.at);
  switch (event.kind) {
    case EventKind::capture:
      capture(event.index);
      break;
    case EventKind::sdk_due:
      if (hosts_[event.index].wakes == event.at) send(event.index);
      break;
    case EventKind::arrival:
      arrive(event.index);
      break;
    case EventKind::outcome:
      outcome(event.index);
      break;
  }
  return true;
}

void Lane::play(const Step& step) {
  now_ = std::max(now_, step.at);
  if (step.kind == Step::Kind::session_start) return open_page(step.action);
  if (step.kind == Step::Kind::session_end) return close_page(step.action);
  journal_->append(step.action);
  std::array<Emission, 2> emissions;
  const std::size_t count = context_->instrumentation.emit(step.action, emissions);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t slot = hold(emissions[i], false);
    if (emissions[i].captured <= now_) {
      capture(slot);
    } else {
      push(emissions[i].captured, EventKind::capture, slot);
    }
  }
}

/// Runs a fresh emission through the faults; what comes out at once or later is queued.
void Lane::capture(std::uint32_t slot) {
  if (slots_[slot].faulted) return enqueue(slot);
  captures_.items.clear();
  destroyed_.clear();
  faults_.capture(slots_[slot].emission, captures_, destroyed_);
  free_slots_.push_back(slot);
  for (const Emission& emission : destroyed_) {
    journal_->append(EmissionRecord{emission, Fate::destroyed});
  }
  for (const Captures::Item& item : captures_.items) {
    const std::uint32_t held = hold(item.emission, true);
    if (item.later == 0) {
      enqueue(held);
    } else {
      push(item.emission.captured + item.later, EventKind::capture, held);
    }
  }
}

void Lane::enqueue(std::uint32_t slot) {
  Emission& emission = slots_[slot].emission;
  if (emission.withheld != Withheld::no) {
    journal_->append(EmissionRecord{emission, Fate::withheld});
    free_slots_.push_back(slot);
    return;
  }
  journal_->append(EmissionRecord{emission, Fate::queued});
  std::uint32_t host = server_host;
  if (emission.source == Source::client) {
    const auto page = pages_.find(emission.seen.session);
    if (page == pages_.end()) {  // The page was closed before the code ran.
      released_.push_back({slot, false, AbandonRecord::Why::unload});
      return release();
    }
    host = page->second;
  }
  hosts_[host].sdk.enqueue(slot, now_, released_);
  release();
  if (draining_) hosts_[host].sdk.flush(now_);
  wake(host);
}

void Lane::open_page(const Action& who) {
  const std::uint32_t host = new_host(Source::client, who.session, who.device);
  pages_[who.session] = host;
  const auto kept = persisted_.find(who.device);
  if (kept == persisted_.end()) return;
  for (const std::uint32_t slot : kept->second) hosts_[host].sdk.enqueue(slot, now_, released_);
  persisted_.erase(kept);
  release();
  wake(host);
}

void Lane::close_page(const Action& who) {
  const auto page = pages_.find(who.session);
  assert(page != pages_.end());
  const std::uint32_t host = page->second;
  pages_.erase(page);
  hosts_[host].open = false;
  hosts_[host].sdk.unload(now_, released_);
  release();
  wake(host);
}

/// Schedules the host's next attempt, and retires a closed page that has nothing left.
void Lane::wake(std::uint32_t index) {
  Host& host = hosts_[index];
  const bool persists = host.source == Source::client && !host.open && !host.sdk.busy() &&
                        scenario_->client_sdk.unload == SdkPlan::Unload::persist;
  if (persists && !host.sdk.idle()) {
    auto& kept = persisted_[host.device];
    if (kept.empty()) persisted_devices_.push_back(host.device);
    for (const Held held : host.sdk.take_persisted()) kept.push_back(held);
  }
  if (!host.open && host.sdk.idle() && index != server_host) {
    host.wakes = end_of_time;
    free_hosts_.push_back(index);
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
  const SdkPlan& plan =
      host.source == Source::client ? scenario_->client_sdk : scenario_->server_sdk;
  if (host.sdk.number() == 1 || !plan.keeps_sent_at) host.sdk.first_sent_at = simulated;
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

void Lane::send(std::uint32_t host_index) {
  Host& host = hosts_[host_index];
  host.wakes = end_of_time;
  const std::span<const Held> held = host.sdk.begin(now_);
  const std::uint16_t number = host.sdk.number();
  AttemptRecord record;
  record.id = {make_lane_id(index_, attempts_++)};
  batch_.clear();
  for (const Held slot : held) {
    batch_.push_back(slots_[slot].emission);
    batch_.back().retry_count = static_cast<std::uint16_t>(number - 1);
  }
  const WireFate fate =
      faults_.send(batch_.front(), record.id, number, now_, record.struck, record.skipped);
  const bool client = host.source == Source::client;
  const NetworkPlan& network = scenario_->network;
  const Micros median = client ? network.round_trip_client : network.round_trip_server;
  Prng draw = context_->network.keyed(record.id.value);
  const Micros round_trip = draw.between(median / 2, median * 3 / 2);
  record.at = now_;
  record.arrives = now_ + round_trip / 2 + fate.delay;
  record.sent_at = state_sent_at(host, batch_.front());
  record.source = host.source;
  record.strike = fate.strike;
  record.answer = fate.answer;
  record.number = number;
  record.size = static_cast<std::uint16_t>(held.size());
  journal_->append(record);
  for (const Emission& emission : batch_)
    journal_->append(DeliveryRecord{record.id, emission.key()});

  std::uint32_t index;
  if (free_flights_.empty()) {
    index = static_cast<std::uint32_t>(flights_.size());
    flights_.emplace_back();
  } else {
    index = free_flights_.back();
    free_flights_.pop_back();
  }
  Flight& flight = flights_[index];
  flight.out.id = record.id;
  flight.out.arrives = record.arrives;
  flight.out.strike = fate.strike;
  flight.out.size = record.size;
  flight.host = host_index;
  flight.known = record.arrives + round_trip / 2;
  flight.answer = fate.answer;
  flight.outcome = SdkOutcome::retryable;
  flight.open_ends = 2;
  const SimTime gives_up = now_ + (client ? scenario_->client_sdk : scenario_->server_sdk).timeout;
  flight.timed_out = flight.known > gives_up;
  context_->format.batch(batch_, record.sent_at, flight.out.body);
  push(record.arrives, EventKind::arrival, index);
  if (flight.timed_out) push(gives_up, EventKind::outcome, index);
}

/// The attempt reaches the target, or the point where a fault ends it: what never leaves the sender
/// is concluded here, the rest is handed out by `next`.
void Lane::arrive(std::uint32_t index) {
  const Flight& flight = flights_[index];
  switch (flight.out.strike) {
    case Strike::before_send:
      return conclude(index, Receipt::rejected, 0);
    case Strike::answered:  // The target never saw it, whatever the status would mean from it.
      return conclude(index, Receipt::rejected, flight.answer);
    case Strike::none:
    case Strike::during_body:
    case Strike::after_commit:
      awaiting_ = index;
  }
}

void Lane::answer(Receipt receipt, std::uint16_t status) {
  assert(awaiting_ != no_flight);
  const std::uint32_t index = awaiting_;
  awaiting_ = no_flight;
  conclude(index, receipt, status);
}

void Lane::conclude(std::uint32_t index, Receipt receipt, std::uint16_t status) {
  Flight& flight = flights_[index];
  ReceiptRecord record;
  record.attempt = flight.out.id;
  record.at = std::max(flight.known, now_);
  record.receipt = receipt;
  record.status = status;
  record.by_fault = flight.out.strike != Strike::none;
  journal_->append(record);
  if (!flight.timed_out) {
    flight.outcome = sdk_outcome(receipt, status);
    push(record.at, EventKind::outcome, index);
  }
  land(index);
}

void Lane::outcome(std::uint32_t index) {
  const std::uint32_t host = flights_[index].host;
  hosts_[host].sdk.finish(flights_[index].outcome, now_, released_);
  land(index);
  release();
  wake(host);
}

/// One of the flight's two ends is done.
void Lane::land(std::uint32_t index) {
  if (--flights_[index].open_ends == 0) free_flights_.push_back(index);
}

/// Records what the SDKs gave up, and frees what they no longer hold.
void Lane::release() {
  for (const Released& released : released_) {
    if (!released.delivered)
      journal_->append(AbandonRecord{slots_[released.held].emission.key(), now_, released.why});
    free_slots_.push_back(released.held);
  }
  released_.clear();
}

void Lane::begin_drain() {
  draining_ = true;
  now_ = std::max(now_, end_);
  faults_.lift();
  flush_more();
}

/// Makes everything that waits due: retries in backoff, queues below their thresholds, what closed
/// pages persisted. False when there was nothing.
bool Lane::flush_more() {
  bool any = false;
  for (const std::uint64_t device : persisted_devices_) {
    const auto kept = persisted_.find(device);
    if (kept == persisted_.end()) continue;
    const std::uint32_t host = new_host(Source::client, 0, device);
    for (const std::uint32_t slot : kept->second) hosts_[host].sdk.enqueue(slot, now_, released_);
    persisted_.erase(kept);
  }
  persisted_devices_.clear();
  release();
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
    if (hosts_[i].sdk.idle()) continue;
    hosts_[i].sdk.flush(now_);
    wake(i);
    any = true;
  }
  return any;
}

}  // namespace parallax
