// SPDX-License-Identifier: Apache-2.0
#include "sim/sdk/sdk.h"

#include <algorithm>
#include <cassert>

namespace parallax {

SdkOutcome sdk_outcome(Receipt receipt, std::uint16_t status) {
  if (receipt == Receipt::accepted) return SdkOutcome::success;
  const bool final_answer = status >= 300 && status < 500 && status != 408 && status != 429;
  return final_answer ? SdkOutcome::refused : SdkOutcome::retryable;
}

void Sdk::restart(const SdkPlan& plan, Prng jitter) {
  plan_ = &plan;
  jitter_ = jitter;
  queue_.clear();
  taken_ = 0;
  batch_.clear();
  retry_at_ = due_by_ = end_of_time;
  number_ = 0;
  busy_ = unloaded_ = false;
  first_sent_at = no_time;
}

void Sdk::enqueue(Held held, SimTime now, std::vector<Released>& released) {
  if (queued() >= plan_->queue_max) {
    released.push_back({queue_[taken_].held, false, AbandonRecord::Why::overflow});
    take_from_queue(1);
  }
  queue_.push_back({held, now});
}

/// Drops the oldest. Moves the rest down only when at least half of the memory is of those gone, so
/// that each element is moved about once.
void Sdk::take_from_queue(std::size_t count) {
  taken_ += count;
  if (taken_ * 2 < queue_.size()) return;
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
}

SimTime Sdk::wants() const {
  if (busy_) return end_of_time;
  if (!batch_.empty()) return retry_at_;
  if (queued() == 0) return end_of_time;
  if (queued() >= plan_->flush_at)
    return std::min(due_by_, queue_[taken_ + plan_->flush_at - 1].since);
  return std::min(due_by_, queue_[taken_].since + plan_->flush_interval);
}

std::span<const Held> Sdk::begin(SimTime now) {
  assert(!busy_ && wants() <= now);
  if (batch_.empty()) {
    const std::size_t size = std::min<std::size_t>(queued(), plan_->batch_max);
    for (std::size_t i = 0; i < size; ++i) batch_.push_back(queue_[taken_ + i].held);
    take_from_queue(size);
    number_ = 0;
    first_sent_at = no_time;
  }
  if (queued() == 0) due_by_ = end_of_time;
  ++number_;
  busy_ = true;
  retry_at_ = end_of_time;
  return batch_;
}

Micros Sdk::backoff() {
  Micros wait = plan_->backoff_base;
  for (std::uint32_t i = 1; i < number_ && wait < plan_->backoff_max; ++i)
    wait = wait / 100 * plan_->backoff_factor_percent;
  wait = std::min(wait, plan_->backoff_max);
  const auto spread =
      static_cast<Micros>(static_cast<double>(wait) * plan_->backoff_jitter.value());
  return wait + jitter_.between(-spread, spread);
}

void Sdk::abandon(std::vector<Held>& list, AbandonRecord::Why why,
                  std::vector<Released>& released) {
  for (const Held held : list) released.push_back({held, false, why});
  list.clear();
}

void Sdk::finish(SdkOutcome outcome, SimTime now, std::vector<Released>& released) {
  assert(busy_);
  busy_ = false;
  if (outcome == SdkOutcome::success) {
    for (const Held held : batch_) released.push_back({held, true, AbandonRecord::Why::unload});
    batch_.clear();
  } else if (outcome == SdkOutcome::refused) {
    abandon(batch_, AbandonRecord::Why::refused, released);
  } else if (unloaded_ && plan_->unload == SdkPlan::Unload::beacon) {
    abandon(batch_, AbandonRecord::Why::unload, released);
  } else if (number_ > plan_->retries_max) {
    abandon(batch_, AbandonRecord::Why::exhausted, released);
  } else {
    retry_at_ = now + backoff();
  }
}

void Sdk::unload(SimTime now, std::vector<Released>& released) {
  unloaded_ = true;
  switch (plan_->unload) {
    case SdkPlan::Unload::beacon:
    case SdkPlan::Unload::flush:
      flush(now);
      break;
    case SdkPlan::Unload::persist:
      break;
    case SdkPlan::Unload::lose:
      for (std::size_t i = taken_; i < queue_.size(); ++i)
        released.push_back({queue_[i].held, false, AbandonRecord::Why::unload});
      take_from_queue(queued());
      if (!busy_) abandon(batch_, AbandonRecord::Why::unload, released);
      break;
  }
}

void Sdk::flush(SimTime now) {
  if (queued() > 0) due_by_ = now;
  if (!batch_.empty() && !busy_) retry_at_ = now;
}

std::vector<Held> Sdk::take_persisted() {
  assert(!busy_);
  std::vector<Held> kept(batch_);
  for (std::size_t i = taken_; i < queue_.size(); ++i) kept.push_back(queue_[i].held);
  batch_.clear();
  take_from_queue(queued());
  return kept;
}

}  // namespace parallax
