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

Micros Sdk::backoff() {
  Micros wait = plan_->backoff_base;
  for (std::uint32_t i = 1; i < number_ && wait < plan_->backoff_max; ++i)
    wait = wait / 100 * plan_->backoff_factor_percent;
  wait = std::min(wait, plan_->backoff_max);
  const auto spread =
      static_cast<Micros>(static_cast<double>(wait) * plan_->backoff_jitter.value());
  return wait + jitter_.between(-spread, spread);
}

/// The oldest that waits, not one of the batch before it.
void Sdk::drop_oldest() {
  const auto batch = queue_.begin() + static_cast<std::ptrdiff_t>(gone_);
  const auto oldest = batch + static_cast<std::ptrdiff_t>(batched_);
  std::move_backward(batch, oldest, oldest + 1);
  ++gone_;
  make_room();
}

void Sdk::abandon_batch(AbandonRecord::Why why, std::vector<Released>& released) {
  for (const Queued& queued : batch()) released.push_back({queued.held, why});
  drop_batch();
}

void Sdk::fail(SdkOutcome outcome, SimTime now, std::vector<Released>& released) {
  if (outcome == SdkOutcome::refused) {
    abandon_batch(AbandonRecord::Why::refused, released);
  } else if (unloaded_ && plan_->unload == SdkPlan::Unload::beacon) {
    abandon_batch(AbandonRecord::Why::unload, released);
  } else if (number_ > plan_->retries_max) {
    abandon_batch(AbandonRecord::Why::exhausted, released);
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
      for (std::size_t i = 0; i < queued(); ++i)
        released.push_back({waiting(i).held, AbandonRecord::Why::unload});
      queue_.resize(gone_ + batched_);
      if (!busy_) abandon_batch(AbandonRecord::Why::unload, released);
      break;
  }
}

void Sdk::flush(SimTime now) {
  if (queued() > 0) due_by_ = now;
  if (batched_ > 0 && !busy_) retry_at_ = now;
}

std::vector<Held> Sdk::take_persisted() {
  assert(!busy_);
  std::vector<Held> kept;
  for (std::size_t i = gone_; i < queue_.size(); ++i) kept.push_back(queue_[i].held);
  queue_.clear();
  gone_ = batched_ = 0;
  return kept;
}

}  // namespace parallax
