// SPDX-License-Identifier: Apache-2.0
// The end of a page or process, and what it leaves on the device.
#include <algorithm>
#include <utility>

#include "sim/sdk/sdk.h"

namespace parallax {

void Sdk::unload(SimTime now, std::vector<Released>& released, std::vector<Held>& doubled) {
  unloaded_ = true;
  switch (plan_->unload) {
    case SdkPlan::Unload::beacon:
      if (plan_->unload_in_flight) tear(now, doubled);
      if (plan_->beacon_keeps) keep_all(now, &doubled);
      batch_max_ = std::min(batch_max_, plan_->beacon_limit());
      requests_max_ = SdkPlan::unlimited;
      for (std::size_t i = 0; i < parcels_used_; ++i) parcels_[i].blocks = false;
      blocking_ = 0;
      return flush(now);
    case SdkPlan::Unload::persist:
      if (plan_->unload_in_flight) tear(now, doubled);
      return keep_all(now, nullptr);
    case SdkPlan::Unload::lose:
      return abandon_waiting(AbandonRecord::Why::unload, released);
    case SdkPlan::Unload::flush:
      deadline_ = now + plan_->shutdown_timeout;
      return flush(now);
  }
}

void Sdk::lose(SimTime since, std::vector<Released>& released) {
  while (queued() > 0 && queue_.back().since >= since) {
    released.push_back({queue_.back().held, AbandonRecord::Why::lost});
    queue_.pop_back();
  }
  for (std::size_t i = parcels_used_; i-- > 0;)
    if (parcels_[i].request == 0 && parcels_[i].batch.front().since >= since)
      abandon(i, AbandonRecord::Why::lost, released);
}

void Sdk::opt_out(std::vector<Released>& released) {
  if (plan_->opt_out == SdkPlan::OptOut::drops)
    abandon_waiting(AbandonRecord::Why::opted_out, released);
}

/// Requests under way lose their page: each becomes a copy that waits, and the original, whose
/// answer nobody reads.
void Sdk::tear(SimTime now, std::vector<Held>& doubled) {
  if (batched_ > 0) set_batch_aside();
  evicted_ = 0;
  const std::size_t before = parcels_used_;
  std::sort(parcels_.begin(), parcels_.begin() + static_cast<std::ptrdiff_t>(before),
            [](const Parcel& a, const Parcel& b) { return a.serial < b.serial; });
  for (std::size_t i = 0; i < before; ++i) {
    if (parcels_[i].request == 0 || parcels_[i].torn) continue;
    Parcel& copy = add_parcel(now);
    Parcel& torn = parcels_[i];
    copy.batch = torn.batch;
    copy.first_begun = torn.first_begun;
    copy.number = torn.number;
    copy.uncounted = torn.uncounted;
    for (const Queued& queued : torn.batch) doubled.push_back(queued.held);
    if (std::exchange(torn.blocks, false)) --blocking_;
    torn.torn = true;
    --open_;
  }
}

/// Leaves all that waits on the device, as well as in the SDK where `doubled` is given.
void Sdk::keep_all(SimTime now, std::vector<Held>* doubled) {
  const std::size_t before = kept_.size();
  std::vector<const Parcel*> order;
  for (std::size_t i = 0; i < parcels_used_; ++i)
    if (parcels_[i].request == 0) order.push_back(&parcels_[i]);
  std::sort(order.begin(), order.end(),
            [](const Parcel* a, const Parcel* b) { return a->serial < b->serial; });
  for (const Parcel* parcel : order)
    for (const Queued& queued : parcel->batch) kept_.push_back({queued.held, now, parcel->number});
  for (std::size_t i = 0; i < queued(); ++i) kept_.push_back({waiting(i).held, now, 0});
  if (doubled != nullptr) {
    for (std::size_t i = before; i < kept_.size(); ++i) doubled->push_back(kept_[i].held);
    return;
  }
  queue_.resize(gone_ + batched_);
  for (std::size_t i = parcels_used_; i-- > 0;)
    if (parcels_[i].request == 0) drop_parcel(i);
}

void Sdk::keep_parcel(std::size_t index, SimTime now) {
  for (const Queued& queued : parcels_[index].batch)
    kept_.push_back({queued.held, now, parcels_[index].number});
  drop_parcel(index);
}

void Sdk::abandon_waiting(AbandonRecord::Why why, std::vector<Released>& released) {
  drop_waiting(queued(), why, released);
  for (std::size_t i = parcels_used_; i-- > 0;)
    if (parcels_[i].request == 0) abandon(i, why, released);
}

std::vector<Kept> Sdk::take_kept() { return std::exchange(kept_, {}); }

}  // namespace parallax
