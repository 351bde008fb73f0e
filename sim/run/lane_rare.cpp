// SPDX-License-Identifier: Apache-2.0
// What is rare enough to stay out of the simulation's loop: what SDKs give up, what outlives a page
// or an SDK's patience, and the end of the lane.
#include <algorithm>
#include <cassert>
#include <utility>

#include "sim/run/lane.h"

namespace parallax {

void Lane::note_attempt(const AttemptRecord& record, std::span<const Queued> batch) {
  journal_->append(record);
  for (const Queued& queued : batch)
    journal_->append(DeliveryRecord{record.id, queued.held->emission.key()});
}

/// Records what the SDKs gave up, and frees what they no longer hold.
void Lane::release() {
  for (const Released& released : released_) {
    note(AbandonRecord{released.held->emission.key(), now_, released.why});
    let_go(released.held);
  }
  released_.clear();
}

/// A place of its own for the flight that begins.
Lane::Flight& Lane::keep_in_air() {
  Flight& kept = *flights_.take();
  kept = brief_;
  return kept;
}

/// The rest of `launch` for an attempt that a fault strikes, or whose SDK gives up on it.
void Lane::launch_oddly(std::span<const Queued> batch) {
  Flight& flight = keep_in_air();
  const WireFate& fate = flight.fate;
  AttemptRecord& record = flight.record;
  record.size = static_cast<std::uint16_t>(batch.size() - fate.left_out);
  record.struck &= ~(fate.again_by | fate.left_by);
  if (journal_ != nullptr) note_attempt(record, batch.first(record.size));
  if (flight.timed_out) keep_flying(flight, record.at + sdk_plan(record.source).timeout);
  if (fate.left_out > 0) turn_away(flight, batch);
  if (fate.again) send_again(flight);
  push(record.arrives, EventKind::arrival, &flight);
}

/// The SDK gives up at `gives_up`, while the request travels on: from now on it may let go of an
/// emission that is still on its way.
void Lane::keep_flying(Flight& flight, SimTime gives_up) {
  flight.seen = SdkAnswer::none(SdkAnswer::Failure::broken);
  const std::span<const Queued> batch = flight.host->sdk.batch(flight.request);
  flight.batch.assign(batch.begin(), batch.end());
  for (const Queued& queued : batch) ++static_cast<Slot&>(*queued.held).holders;
  push(gives_up, EventKind::outcome, &flight);
}

/// The emission is not to be sent. The first one that consent forbids is when a page learns of an
/// opt-out, and with it what waits there.
void Lane::withhold(Slot& slot) {
  const Emission& emission = slot.emission;
  const bool opts_out = emission.source == Source::client && emission.withheld == Withheld::consent;
  Host* const page = opts_out ? pages_[slot.session] : nullptr;
  if (page != nullptr && page->session == emission.seen.session) {
    page->sdk.opt_out(released_);
    release();
  }
  let_go(&slot);
}

/// The events of the attempt handed out say that they happened later.
void Lane::state_later(Micros moved) {
  restated_.clear();
  for (const Emission* emission : out_.events) {
    restated_.push_back(*emission);
    SimTime& stated = restated_.back().source == Source::client ? restated_.back().client_ts
                                                                : restated_.back().server_ts;
    if (stated != no_time) stated = (stated + moved).to_millisecond();
  }
  for (std::size_t i = 0; i < restated_.size(); ++i) handed_out_[i] = &restated_[i];
}

void Lane::close_page() {
  Host* const host = std::exchange(pages_[step_.session], nullptr);
  assert(host != nullptr);
  host->open = false;
  if (host->fate.loses_last > 0) lose(*host, now_ - host->fate.loses_last, now_);
  if (host->sdk.idle()) return wake(*host);
  doubled_.clear();
  host->sdk.unload(now_, released_, doubled_);
  for (const Held held : doubled_) ++static_cast<Slot&>(*held).holders;
  release();
  wake(*host);
}

/// The user has come back to a page of before: it fires once more, and is closed.
void Lane::reopen_page(Slot& slot) {
  const Action& seen = slot.emission.seen;
  Host& host = new_host(Source::client, seen.session, seen.device);
  host.sdk.enqueue(&slot, now_, released_, sdk_plan(Source::client).is_immediate(seen.type));
  release();
  host.sdk.flush(now_);
  host.open = false;
  wake(host);
}

/// Keeps what a closed page has left on its device, for the device's next page.
void Lane::keep(Host& host) {
  auto& kept = kept_[host.device];
  if (kept.empty()) keeping_devices_.push_back(host.device);
  for (const Kept& one : host.sdk.take_kept()) kept.push_back(one);
}

void Lane::take_over_kept(Host& host) {
  const auto kept = kept_.find(host.device);
  if (kept == kept_.end()) return;
  if (host.fate.wiped != no_time) wipe(host.fate, kept->second);
  host.sdk.restore(kept->second, now_);
  kept_.erase(kept);
  wake(host);
}

/// A device comes back once the story is over, where its SDK's plan lets it.
void Lane::revisit(std::uint64_t device, const std::vector<Kept>& kept) {
  if (scenario_->client_sdk.visits_again)
    return new_host(Source::client, 0, device).sdk.restore(kept, now_);
  for (const Kept& one : kept) released_.push_back({one.held, AbandonRecord::Why::unvisited});
}

/// Before the SDK of its page is there: true where the emission is lost, or waits for it.
bool Lane::comes_too_early(Slot& slot) {
  Emission& emission = slot.emission;
  if (emission.source == Source::server) {
    if (server_->fate.ends <= now_) end_processes();
    return false;
  }
  const Host* const page = pages_[slot.session];
  if (page == nullptr || page->session != emission.seen.session) return false;
  const SimTime ready = page->began + page->fate.ready_after;
  if (now_ >= ready || emission.withheld != Withheld::no) return false;
  emission.struck |= page->fate.struck_at(HostPoint::start);
  slot.faulted = true;
  if (page->fate.calls_wait) {
    const Micros later = ready - now_;
    emission.captured = ready;
    if (emission.client_ts != no_time)
      emission.client_ts = (emission.client_ts + later).to_millisecond();
    push(ready, EventKind::capture, &slot);
  } else {
    slot.fate = Fate::destroyed;
    note<EmissionRecord>(slot);
    let_go(&slot);
  }
  return true;
}

/// What earlier pages left on the device before its storage was wiped is gone.
void Lane::wipe(const HostFate& fate, std::vector<Kept>& kept) {
  const auto gone = std::stable_partition(kept.begin(), kept.end(),
                                          [&](const Kept& one) { return one.since >= fate.wiped; });
  for (auto one = gone; one != kept.end(); ++one) {
    note(AbandonRecord{one->held->emission.key(), fate.wiped, AbandonRecord::Why::lost,
                       fate.struck_at(HostPoint::storage)});
    let_go(one->held);
  }
  kept.erase(gone, kept.end());
}

/// A page or process ends at `at` without a word, and with it what has waited since `since`.
void Lane::lose(Host& host, SimTime since, SimTime at) {
  assert(released_.empty());
  host.sdk.lose(since, released_);
  for (const Released& released : released_) {
    note(AbandonRecord{released.held->emission.key(), at, released.why,
                       host.fate.struck_at(HostPoint::end)});
    let_go(released.held);
  }
  released_.clear();
}

void Lane::begin_process(SimTime at) {
  server_->fate = faults_.begin(Action{}, Source::server, make_lane_id(index_, processes_++), at);
}

/// Server processes end without a flush, and others begin.
void Lane::end_processes() {
  while (server_->fate.ends <= now_) {
    const SimTime ends = server_->fate.ends;
    lose(*server_, no_time, ends);
    begin_process(ends);
  }
  wake(*server_);
}

/// The same request reaches the target once more. Nobody waits for that answer.
void Lane::send_again(const Flight& flight) {
  Flight& again = *flights_.take();
  const std::span<const Queued> batch =
      flight.host->sdk.batch(flight.request).first(flight.record.size);
  again.record = flight.record;
  again.record.id = {make_lane_id(index_, attempts_++)};
  again.record.struck = flight.fate.again_by;
  again.record.skipped = 0;
  again.record.strike = Strike::none;
  again.record.arrives = flight.record.arrives + *flight.fate.again;
  if (flight.fate.again_states_time) {
    again.record.at = again.record.at + *flight.fate.again;
    if (again.record.sent_at != no_time)
      again.record.sent_at = (again.record.sent_at + *flight.fate.again).to_millisecond();
  }
  again.host = flight.host;
  again.fate = WireFate{};
  again.struck = false;
  again.request = flight.request;
  again.batch_name = flight.batch_name;
  again.noted = false;
  again.moved = flight.moved;
  again.known = flight.known + *flight.fate.again;
  again.batch.assign(batch.begin(), batch.end());
  for (const Queued& queued : batch) ++static_cast<Slot&>(*queued.held).holders;
  again.timed_out = true;
  again.open_ends = 1;
  if (journal_ != nullptr) note_attempt(again.record, batch);
  push(again.record.arrives, EventKind::arrival, &again);
}

/// The batch's last emissions are refused while the others are taken: an attempt of their own.
void Lane::turn_away(Flight& flight, std::span<const Queued> batch) {
  const WireFate& fate = flight.fate;
  flight.results.assign(flight.record.size, EventResult::taken);
  flight.results.resize(batch.size(), fate.left_again ? EventResult::again : EventResult::dropped);
  AttemptRecord left = flight.record;
  left.id = {make_lane_id(index_, attempts_++)};
  left.struck = fate.left_by;
  left.skipped = 0;
  left.strike = Strike::answered;
  left.answer = fate.left_status;
  left.size = fate.left_out;
  if (journal_ == nullptr) return;
  note_attempt(left, batch.subspan(flight.record.size));
  note(ReceiptRecord{left.id, flight.known, Receipt::rejected, left.answer, true});
}

/// Unique among the batches of a run: a host is known by whose it is and when it began.
std::uint64_t Lane::batch_name(const Host& host) const {
  const std::uint64_t who = mix64(make_lane_id(index_, 0) ^ host.session);
  return mix64(mix64(who ^ static_cast<std::uint64_t>(host.began.since_epoch)) + host.sdk.serial());
}

/// The target took the request and named events of it that it did not take. The request as a whole
/// was then not taken; those that it did take, and those that it dropped for good, are attempts of
/// their own: deliveries stay one receipt each. What it wants again is left with the whole.
void Lane::take_results(Flight& flight, std::uint16_t status,
                        std::span<const EventResult> results) {
  assert(results.size() == flight.record.size);
  const SimTime at = std::max(flight.known, now_);
  if (flight.fate.left_out == 0) flight.results.resize(results.size());
  std::copy(results.begin(), results.end(), flight.results.begin());
  flight.noted = true;
  note(ReceiptRecord{flight.record.id, at, Receipt::rejected, status, false});
  note_part(flight, EventResult::taken, {{}, at, Receipt::accepted, status, false});
  // As a refusal of the whole request for good would read.
  constexpr std::uint16_t refusal = 400;
  note_part(flight, EventResult::dropped, {{}, at, Receipt::rejected, refusal, false});
}

/// `receipt` gets the part's id.
void Lane::note_part(const Flight& flight, EventResult part, ReceiptRecord receipt) {
  std::vector<Queued> events;
  const std::span<const Queued> batch = batch_of(flight);
  for (std::size_t i = 0; i < flight.record.size; ++i)
    if (flight.results[i] == part) events.push_back(batch[i]);
  if (events.empty()) return;
  AttemptRecord record = flight.record;
  record.id = receipt.attempt = {make_lane_id(index_, attempts_++)};
  record.size = static_cast<std::uint16_t>(events.size());
  if (journal_ != nullptr) note_attempt(record, events);
  note(receipt);
}

void Lane::begin_drain() {
  draining_ = true;
  if (server_->fate.ends <= end_) end_processes();
  server_->fate = HostFate{};
  limit_ = until_;
  journey_at_ = end_of_time;
  now_ = std::max(now_, end_);
  faults_.lift();
  flush_more();
}

/// Makes everything that waits due: retries in backoff, queues below their thresholds, what closed
/// pages persisted. False when there was nothing.
bool Lane::flush_more() {
  for (const std::uint64_t device : keeping_devices_) {
    const auto kept = kept_.find(device);
    if (kept == kept_.end()) continue;
    revisit(device, kept->second);
    kept_.erase(kept);
  }
  keeping_devices_.clear();
  release();
  bool any = false;
  hosts_.for_each([&](Host& host) {
    if (host.sdk.idle()) return;
    host.sdk.flush(now_);
    wake(host);
    any = true;
  });
  return any;
}

}  // namespace parallax
