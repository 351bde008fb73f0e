// SPDX-License-Identifier: Apache-2.0
// What is rare enough to stay out of the simulation's loop: what SDKs give up, what outlives a
// page, and the end of the lane.
#include <algorithm>
#include <cassert>
#include <utility>

#include "sim/run/lane.h"

namespace parallax {

/// Records what the SDKs gave up, and frees what they no longer hold.
void Lane::release() {
  for (const Released& released : released_) {
    note(AbandonRecord{released.held->emission.key(), now_, released.why});
    let_go(released.held);
  }
  released_.clear();
}

/// What faults have left of an emission: perhaps nothing, perhaps copies in `captures_`.
void Lane::take_struck(Slot& slot, const CaptureFate& fate, bool last) {
  const std::uint32_t session = slot.session;
  if (journal_ != nullptr)
    for (const Destroyed& destroyed : destroyed_) note_destroyed(destroyed, *journal_);
  destroyed_.clear();
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
  captures_.items.clear();
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

void Lane::open_page() {
  const Action& who = *step_.action;
  Host& host = new_host(Source::client, who.session, who.device);
  if (step_.session >= pages_.size()) pages_.resize(step_.session + 1, nullptr);
  pages_[step_.session] = &host;
  if (faults_.strikes_hosts()) host.fate = faults_.begin(who, Source::client, who.session, now_);
  if (!kept_.empty()) take_over_kept(host);
}

/// Plans what `wake` has found to do.
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
