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

void Sdk::abandon(std::vector<Held>& list, AbandonRecord::Why why,
                  std::vector<Released>& released) {
  for (const Held held : list) released.push_back({held, false, why});
  list.clear();
}

void Sdk::fail(SdkOutcome outcome, SimTime now, std::vector<Released>& released) {
  if (outcome == SdkOutcome::refused) {
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
