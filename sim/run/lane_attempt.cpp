// SPDX-License-Identifier: Apache-2.0
// Attempts that do not go the usual way: struck, given up on, answered in parts, or met by
// something else of the lane before they end.
#include <algorithm>
#include <cassert>
#include <utility>

#include "sim/run/lane.h"
#include "sim/run/sender_view.h"

namespace parallax {

void Lane::note_attempt(const AttemptRecord& record, std::span<const Queued> batch) {
  journal_->append(record);
  for (const Queued& queued : batch)
    journal_->append(DeliveryRecord{record.id, queued.held->emission.key()});
}

std::span<const Queued> Lane::batch_of(const Flight& flight) {
  return flight.timed_out ? flight.batch : flight.host->sdk.batch(flight.request);
}

void Lane::hand_out(Flight& flight) {
  awaiting_ = &flight;
  const AttemptRecord& record = flight.record;
  const auto retries = static_cast<std::uint16_t>(record.number - 1);
  const std::span<const Queued> batch = batch_of(flight);
  if (handed_out_.size() < record.size) handed_out_.resize(record.size);
  const Emission** to = handed_out_.data();
  for (const Queued& queued : batch.first(record.size)) {
    queued.held->emission.retry_count = retries;
    *to++ = &queued.held->emission;
  }
  out_ = {record.id,
          record.arrives,
          record.sent_at,
          record.strike,
          record.size,
          flight.batch_name,
          {handed_out_.data(), record.size}};
  if (flight.moved > 0) state_later(flight.moved);
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
  if (fate.silent) {
    flight.known = record.at + sdk_plan(record.source).timeout;
    flight.timed_out = record.arrives > flight.known;
  }
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

/// What is not over and done with as soon as it has arrived.
void Lane::conclude_later(Flight& flight, Receipt receipt, std::uint16_t status, Micros retry_after,
                          SimTime at) {
  if (flight.timed_out) {
    for (const Queued& queued : flight.batch) let_go(queued.held);
    return land(flight);
  }
  SdkAnswer seen = seen_of(receipt, status, flight.fate, retry_after);
  const bool in_parts = flight.fate.left_out > 0 || flight.noted;
  if (in_parts && receipt == Receipt::accepted) seen.events = flight.results;
  land(flight);
  if (at >= other_business()) {
    Flight& waiting = &flight == &brief_ ? keep_in_air() : flight;
    waiting.open_ends = 1;
    waiting.seen = seen;
    return push(at, EventKind::outcome, &waiting);
  }
  now_ = at;
  outcome(flight, seen);
}

}  // namespace parallax
