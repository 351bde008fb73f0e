// SPDX-License-Identifier: Apache-2.0
// Late returns and the end of a lane: what is rare enough to stay out of the simulation's loop.
#include <algorithm>

#include "sim/run/lane.h"

namespace parallax {

/// The user has come back to a page of before: it fires again, and is closed.
void Lane::revisit(std::uint32_t slot) {
  const Action& seen = slots_[slot].record.emission.seen;
  const std::uint32_t index = new_host(Source::client, seen.session, seen.device);
  Host& host = hosts_[index];
  host.sdk.enqueue(slot, now_, released_);
  release();
  host.sdk.flush(now_);
  host.open = false;
  wake(index, host);
}

void Lane::begin_drain() {
  draining_ = true;
  journey_at_ = end_of_time;
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
    Host& host = hosts_[i];
    if (host.sdk.idle()) continue;
    host.sdk.flush(now_);
    wake(i, host);
    any = true;
  }
  return any;
}

}  // namespace parallax
