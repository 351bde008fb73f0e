// SPDX-License-Identifier: Apache-2.0
// The queue and what is set aside from it. Failures are in sdk_failures.cpp, the end of a page in
// sdk_unload.cpp.
#include "sim/sdk/sdk.h"

#include <utility>

namespace parallax {

void Sdk::restart(const SdkPlan& plan, Prng jitter, SimTime now) {
  assert(idle());
  if (plan_ != &plan) {
    plan_ = &plan;
    batch_limit_ = plan.batch_limit();
    event_price_ = second / plan.rate_limit;
  }
  jitter_ = jitter;
  start_ = paid_until_ = now;
  queue_.clear();
  gone_ = batched_ = evicted_ = 0;
  due_by_ = parcel_due_ = deadline_ = end_of_time;
  const bool simple =
      plan.interval_from == SdkPlan::IntervalFrom::oldest && plan.flush_interval != SdkPlan::never;
  interval_ = simple ? plan.flush_interval : -1;
  alone_ = plan.first_alone;
  flush_at_ = alone_ ? 1 : plan.flush_at;
  batch_max_ = alone_ ? 1 : batch_limit_;
  requests_max_ = plan.requests_max;
  open_ = blocking_ = 0;
  queue_request_ = begun_ = 0;
  number_ = rejoined_ = 0;
  sleeps_ = unloaded_ = flushed_ = false;
  serial_ = 0;
  kept_.clear();
}

void Sdk::take_full_batches() {
  alone_ = false;
  flush_at_ = plan_->flush_at;
  batch_max_ = batch_limit_;
}

SimTime Sdk::queue_due_slowly() const {
  if (sleeps_) return due_by_;
  if (queued() >= flush_at_) return std::min(due_by_, waiting(flush_at_ - 1).since);
  const Micros interval = plan_->flush_interval;
  if (interval == SdkPlan::never) return due_by_;
  const Micros since_start = waiting(0).since - start_;
  const Micros ticks = std::max<Micros>(1, (since_start + interval - 1) / interval);
  return std::min(due_by_, start_ + ticks * interval);
}

/// Room for one more in a queue that may be full; false when the new one has none.
bool Sdk::make_place(Held held, std::vector<Released>& released) {
  const bool miscounts = plan_->overflow == SdkPlan::Overflow::miscounts;
  const std::size_t stored = queued() + (miscounts ? batched_ - evicted_ : 0);
  if (stored < plan_->queue_max) return true;
  if (plan_->overflow == SdkPlan::Overflow::drop_new) {
    released.push_back({held, AbandonRecord::Why::overflow});
    return false;
  }
  if (miscounts && evicted_ < batched_) {
    ++evicted_;
  } else {
    drop_waiting(1, AbandonRecord::Why::overflow, released);
  }
  return true;
}

/// Drops the oldest that wait, not those of the batch before them.
void Sdk::drop_waiting(std::size_t count, AbandonRecord::Why why, std::vector<Released>& released) {
  const auto batch = queue_.begin() + static_cast<std::ptrdiff_t>(gone_);
  const auto oldest = batch + static_cast<std::ptrdiff_t>(batched_);
  const auto end = oldest + static_cast<std::ptrdiff_t>(count);
  for (auto queued = oldest; queued != end; ++queued) released.push_back({queued->held, why});
  std::move_backward(batch, oldest, end);
  gone_ += count;
  make_room();
}

/// Before all that waits.
void Sdk::put_back(std::span<const Queued> batch) {
  queue_.insert(queue_.begin() + static_cast<std::ptrdiff_t>(gone_ + batched_), batch.begin(),
                batch.end());
}

Parcel& Sdk::add_parcel(SimTime due) {
  if (parcels_used_ == parcels_.size()) parcels_.emplace_back();
  Parcel& parcel = parcels_[parcels_used_++];
  parcel.batch.clear();
  parcel.due = due;
  parcel.first_begun = no_time;
  parcel.serial = serial_++;
  parcel.request = 0;
  parcel.number = parcel.uncounted = 0;
  parcel.blocks = parcel.torn = false;
  parcel_due_ = std::min(parcel_due_, due);
  return parcel;
}

void Sdk::drop_parcel(std::size_t index) {
  if (parcels_[index].blocks) --blocking_;
  std::swap(parcels_[index], parcels_[--parcels_used_]);
  find_due();
}

std::size_t Sdk::parcel_of(RequestId request) const {
  std::size_t index = 0;
  while (parcels_[index].request != request) ++index;
  assert(index < parcels_used_);
  return index;
}

/// The first try of a batch under way becomes a parcel under way.
Parcel& Sdk::set_batch_aside() {
  const std::span<const Queued> batch{queue_.data() + gone_, batched_};
  Parcel& parcel = add_parcel(end_of_time);
  parcel.batch.assign(batch.begin(), batch.end());
  parcel.first_begun = queue_begun_;
  parcel.serial = queue_serial_;
  parcel.request = std::exchange(queue_request_, 0);
  parcel.number = static_cast<std::uint16_t>(rejoined_ + 1);
  gone_ += std::exchange(batched_, 0);
  return parcel;
}

void Sdk::find_due() {
  parcel_due_ = end_of_time;
  for (std::size_t i = 0; i < parcels_used_; ++i)
    parcel_due_ = std::min(parcel_due_, parcels_[i].due);
}

std::span<const Queued> Sdk::begin_parcel(SimTime now) {
  std::size_t first = parcels_used_;
  for (std::size_t i = 0; i < parcels_used_; ++i) {
    if (parcels_[i].due != parcel_due_) continue;
    if (first == parcels_used_ || parcels_[i].serial < parcels_[first].serial) first = i;
  }
  Parcel& parcel = parcels_[first];
  parcel.due = end_of_time;
  parcel.request = ++begun_;
  if (parcel.first_begun == no_time) parcel.first_begun = now;
  if (parcel.number <= tries_max) ++parcel.number;
  number_ = parcel.number;
  ++open_;
  find_due();
  return parcel.batch;
}

void Sdk::flush(SimTime now) {
  flushed_ = true;
  if (queued() > 0) due_by_ = now;
  for (std::size_t i = 0; i < parcels_used_; ++i)
    if (parcels_[i].request == 0) parcels_[i].due = now;
  find_due();
}

void Sdk::restore(std::span<const Kept> kept, SimTime now) {
  if (plan_->resend == SdkPlan::Resend::next_event) {
    std::vector<Queued> batch;
    for (const Kept& one : kept) {
      batch.push_back({one.held, one.since});
      rejoined_ = std::max(rejoined_, std::min(one.tries, tries_max));
    }
    put_back(batch);
    sleeps_ = true;
    return;
  }

  for (std::size_t i = 0; i < kept.size();) {
    const SimTime due = std::max(now + plan_->resend_after, kept[i].since + plan_->resend_age);
    Parcel& parcel = add_parcel(due);
    parcel.number = kept[i].tries;
    do {
      parcel.batch.push_back({kept[i].held, kept[i].since});
      ++i;
    } while (i < kept.size() && parcel.batch.size() < batch_limit_ &&
             kept[i].tries == parcel.number && kept[i].since == kept[i - 1].since);
  }
}

}  // namespace parallax
