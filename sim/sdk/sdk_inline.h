// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every request goes through: of sdk.h, which includes it. Failures and endings are in the
// sources.
#include "sim/sdk/sdk.h"

namespace parallax {

/// A token bucket as the instant up to which its tokens are spent: each event spends 1 / rate.
inline bool Sdk::lets_in(SimTime now) {
  if (plan_->rate_limit == SdkPlan::unlimited) return true;
  const SimTime from = std::max(paid_until_, now);
  if (from - now > event_price_ * (plan_->rate_burst - 1)) return false;
  paid_until_ = from + event_price_;
  return true;
}

inline void Sdk::enqueue(Held held, SimTime now, std::vector<Released>& released, bool immediate) {
  if (!lets_in(now)) return released.push_back({held, AbandonRecord::Why::limited});
  sleeps_ = false;
  if (immediate) {
    add_parcel(now).batch.push_back({held, now});
    return;
  }
  if (queue_.size() - gone_ >= plan_->queue_max && !make_place(held, released)) return;
  queue_.push_back({held, now});
}

/// Moves the rest down only when at least half of the memory is of those gone, so that each element
/// is moved about once.
inline void Sdk::make_room() {
  if (gone_ * 2 < queue_.size()) return;
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(gone_));
  gone_ = 0;
}

inline SimTime Sdk::queue_due() const {
  if (queued() == 0) return end_of_time;
  if (interval_ < 0 || sleeps_) return queue_due_slowly();
  if (queued() >= flush_at_) return std::min(due_by_, waiting(flush_at_ - 1).since);
  return std::min(due_by_, waiting(0).since + interval_);
}

inline SimTime Sdk::wants() const {
  if (open_ >= requests_max_) return end_of_time;
  if (blocking_ > 0) return parcel_due_;
  return std::min(parcel_due_, queue_due());
}

inline std::span<const Queued> Sdk::batch(RequestId request) const {
  if (request == queue_request_) return {queue_.data() + gone_, batched_};
  return parcels_[parcel_of(request)].batch;
}

inline std::span<const Queued> Sdk::begin(SimTime now) {
  assert(wants() <= now);
  if (parcel_due_ != end_of_time && (blocking_ > 0 || parcel_due_ <= queue_due()))
    return begin_parcel(now);
  if (batched_ > 0) set_batch_aside();
  make_room();
  const std::size_t size = std::min<std::size_t>(queued(), batch_max_);
  if (alone_) take_full_batches();
  if (queued() == size) due_by_ = end_of_time;
  return begin_queued(size, now);
}

/// The oldest of the queue are under way.
inline std::span<const Queued> Sdk::begin_queued(std::size_t size, SimTime now) {
  batched_ = size;
  number_ = static_cast<std::uint16_t>(rejoined_ + 1);
  queue_begun_ = now;
  queue_serial_ = serial_++;
  queue_request_ = ++begun_;
  ++open_;
  return {queue_.data() + gone_, batched_};
}

inline std::span<const Queued> Sdk::begin_alone(Held held, SimTime now) {
  assert(at_rest());
  sleeps_ = false;
  make_room();
  queue_.push_back({held, now});
  return begin_queued(1, now);
}

/// Nobody asks any more for what else `begin_queued` keeps.
inline void Sdk::pass_alone() {
  assert(at_rest());
  sleeps_ = false;
  ++serial_;
  ++begun_;
}

inline void Sdk::pass_only_one() {
  assert(holds_one());
  if (alone_) take_full_batches();
  due_by_ = end_of_time;
  queue_.clear();
  gone_ = 0;
  ++serial_;
  ++begun_;
}

inline std::span<const Queued> Sdk::finish(RequestId request, const SdkAnswer& answer, SimTime now,
                                           std::vector<Released>& released) {
  assert(request != 0);
  const bool as_usual = request == queue_request_ && answer.plain() && evicted_ == 0;
  if (!as_usual) return finish_slowly(request, answer, now, released);
  --open_;
  rejoined_ = 0;
  queue_request_ = 0;
  const std::size_t first = gone_;
  const std::size_t size = batched_;
  gone_ += size;
  batched_ = 0;
  return {queue_.data() + first, size};
}

}  // namespace parallax
