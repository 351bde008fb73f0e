// SPDX-License-Identifier: Apache-2.0
// What is rare enough to stay out of the simulation's loop: the end of a lane, and the ends of
// pages.
#include <algorithm>
#include <utility>

#include "sim/run/lane.h"

namespace parallax {

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
  bool any = false;
  for (const std::uint64_t device : persisted_devices_) {
    const auto kept = persisted_.find(device);
    if (kept == persisted_.end()) continue;
    revisit(device, kept->second);
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

void Lane::close_page() {
  const std::uint32_t index = std::exchange(pages_[step_.session], no_host);
  assert(index != no_host);
  Host& host = hosts_[index];
  host.open = false;
  doubled_.clear();
  host.sdk.unload(now_, released_, doubled_);
  for (const Held held : doubled_) ++slots_[held].holders;
  release();
  wake(index, host);
}

/// A device comes back once the story is over, where its SDK's plan lets it.
void Lane::revisit(std::uint64_t device, const std::vector<Kept>& kept) {
  if (scenario_->client_sdk.visits_again) {
    const std::uint32_t host = new_host(Source::client, 0, device);
    hosts_[host].sdk.restore(kept, now_);
    return;
  }
  for (const Kept& one : kept) released_.push_back({one.held, AbandonRecord::Why::unvisited});
}

/// The events of the attempt handed out say that they happened later.
void Lane::state_later(Micros moved) {
  restated_.clear();
  for (const Emission* emission : handed_out_) {
    restated_.push_back(*emission);
    SimTime& stated = restated_.back().source == Source::client ? restated_.back().client_ts
                                                                : restated_.back().server_ts;
    if (stated != no_time) stated = (stated + moved).to_millisecond();
  }
  for (std::size_t i = 0; i < restated_.size(); ++i) handed_out_[i] = &restated_[i];
}

/// The emission is not to be sent. The first one that consent forbids is when a page learns of an
/// opt-out, and with it what waits there.
void Lane::withhold(std::uint32_t index) {
  const Emission& emission = slots_[index].record.emission;
  const bool opts_out = emission.source == Source::client && emission.withheld == Withheld::consent;
  const std::uint32_t host = opts_out ? pages_[slots_[index].session] : no_host;
  if (host != no_host && hosts_[host].session == emission.seen.session) {
    hosts_[host].sdk.opt_out(released_);
    release();
  }
  let_go(index);
}

}  // namespace parallax
