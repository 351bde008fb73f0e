// SPDX-License-Identifier: Apache-2.0
// What is rare enough to stay out of the simulation's loop: what SDKs give up, what outlives a page
// or an SDK's patience, and the end of the lane.
#include <algorithm>

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

/// The SDK gives up at `gives_up`, while the request travels on: from now on it may let go of an
/// emission that is still on its way.
void Lane::keep_flying(Flight& flight, SimTime gives_up) {
  const std::span<const Queued> batch = flight.host->sdk.batch();
  flight.batch.assign(batch.begin(), batch.end());
  for (const Queued& queued : batch) ++static_cast<Slot&>(*queued.held).holders;
  push(gives_up, EventKind::outcome, &flight);
}

/// Keeps what a closed page still has for the next page of its device.
void Lane::persist(Host& host) {
  if (host.sdk.idle()) return;
  auto& kept = persisted_[host.device];
  if (kept.empty()) persisted_devices_.push_back(host.device);
  for (const Held held : host.sdk.take_persisted()) kept.push_back(held);
}

void Lane::take_over_persisted(Host& host) {
  const auto kept = persisted_.find(host.device);
  if (kept == persisted_.end()) return;
  for (const Held held : kept->second) host.sdk.enqueue(held, now_, released_);
  persisted_.erase(kept);
  release();
  wake(host);
}

void Lane::begin_drain() {
  draining_ = true;
  limit_ = until_;
  journey_at_ = end_of_time;
  now_ = std::max(now_, end_);
  faults_.lift();
  flush_more();
}

/// Makes everything that waits due: retries in backoff, queues below their thresholds, what closed
/// pages persisted. False when there was nothing.
bool Lane::flush_more() {
  for (const std::uint64_t device : persisted_devices_) {
    const auto kept = persisted_.find(device);
    if (kept == persisted_.end()) continue;
    Host& host = new_host(Source::client, 0, device);
    for (const Held held : kept->second) host.sdk.enqueue(held, now_, released_);
    persisted_.erase(kept);
  }
  persisted_devices_.clear();
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
