// SPDX-License-Identifier: Apache-2.0
// What follows an answer that is not simply yes.
#include <algorithm>
#include <utility>

#include "sim/sdk/sdk.h"

namespace parallax {

std::optional<std::uint32_t> retry_marker(const SdkPlan& plan, std::uint16_t number) {
  if (number < 2 || plan.retry_marker.empty()) return std::nullopt;
  return plan.retry_marker_first + number - 2U;
}

std::span<const Queued> Sdk::finish_slowly(RequestId request, const SdkAnswer& answer, SimTime now,
                                           std::vector<Released>& released) {
  done_.clear();
  const std::size_t evicted = std::exchange(evicted_, 0);
  const bool from_queue = request == queue_request_;
  if (from_queue) set_batch_aside();
  const std::size_t index = from_queue ? parcels_used_ - 1 : parcel_of(request);
  Parcel& parcel = parcels_[index];
  if (parcel.torn) {
    done_ = parcel.batch;
    drop_parcel(index);
    return done_;
  }
  parcel.request = 0;
  --open_;
  const bool by_event = plan_->per_event && !answer.events.empty();
  if (by_event) settle_events(parcel, answer, released);
  const Reading reading = by_event ? Reading::retry : read_answer(*plan_, answer);
  if (parcel.batch.empty()) {
    drop_parcel(index);
  } else if (reading == Reading::delivered) {
    rejoined_ = 0;
    done_ = parcel.batch;
    drop_parcel(index);
    drop_waiting(std::min(evicted, queued()), AbandonRecord::Why::overflow, released);
  } else if (reading == Reading::misread) {
    abandon(index, AbandonRecord::Why::misread, released);
  } else if (reading == Reading::refused) {
    abandon(index, AbandonRecord::Why::refused, released);
  } else {
    const auto gone = parcel.batch.begin() + static_cast<std::ptrdiff_t>(evicted);
    for (auto queued = parcel.batch.begin(); queued != gone; ++queued)
      released.push_back({queued->held, AbandonRecord::Why::overflow});
    parcel.batch.erase(parcel.batch.begin(), gone);
    reading == Reading::too_large ? halve(index, now, released)
                                  : fail(index, answer, now, released);
  }
  return done_;
}

/// Leaves in the parcel what the collector wants to have again.
void Sdk::settle_events(Parcel& parcel, const SdkAnswer& answer, std::vector<Released>& released) {
  assert(answer.events.size() == parcel.batch.size());
  std::size_t left = 0;
  for (std::size_t i = 0; i < parcel.batch.size(); ++i) {
    const Queued queued = parcel.batch[i];
    switch (answer.events[i]) {
      case EventResult::taken:
        done_.push_back(queued);
        break;
      case EventResult::dropped:
        released.push_back({queued.held, AbandonRecord::Why::refused});
        break;
      case EventResult::again:
        parcel.batch[left++] = queued;
        break;
    }
  }
  parcel.batch.resize(left);
}

void Sdk::abandon(std::size_t parcel, AbandonRecord::Why why, std::vector<Released>& released) {
  for (const Queued& queued : parcels_[parcel].batch) released.push_back({queued.held, why});
  drop_parcel(parcel);
}

/// Two requests of half the size, at once; the limit stays for all later ones.
void Sdk::halve(std::size_t index, SimTime now, std::vector<Released>& released) {
  const std::size_t size = parcels_[index].batch.size();
  if (size == 1) return abandon(index, AbandonRecord::Why::refused, released);
  batch_max_ = static_cast<std::uint32_t>(size / 2);
  put_back(parcels_[index].batch);
  drop_parcel(index);
  due_by_ = now;
}

/// Decides what becomes of a batch that was not taken and is not refused.
void Sdk::fail(std::size_t index, const SdkAnswer& answer, SimTime now,
               std::vector<Released>& released) {
  Parcel& parcel = parcels_[index];
  const bool answered = answer.status != 0;
  std::uint32_t limit = plan_->retries_max;
  if (!answered) limit = std::min(limit, plan_->retries_unanswered);
  if (flushed_) limit = std::min(limit, flushed_retries_max);
  const SimTime due = retry_due(parcel, answer, now);
  const auto counted = static_cast<std::uint32_t>(parcel.number - parcel.uncounted);
  if (unloaded_)
    return fail_after_unload(index, counted > limit ? end_of_time : due, now, released);
  if (counted > limit) {
    if (answered || flushed_ || plan_->exhausted == SdkPlan::Exhausted::drop)
      return abandon(index, AbandonRecord::Why::exhausted, released);
    for (Queued& queued : parcel.batch) queued.since = now;
  } else if (plan_->backoff_kind == SdkPlan::Backoff::next_event) {
    rejoined_ = std::min<std::uint16_t>(parcel.number, tries_max);
  } else {
    parcel.due = due;
    if (plan_->retry_blocks && !parcel.blocks) {
      parcel.blocks = true;
      ++blocking_;
    }
    return find_due();
  }
  put_back(parcel.batch);
  drop_parcel(index);
  due_by_ = end_of_time;
  sleeps_ = true;
}

/// A page that is closed, or a process about to end, tries no more than its plan says.
void Sdk::fail_after_unload(std::size_t index, SimTime due, SimTime now,
                            std::vector<Released>& released) {
  if (plan_->unload == SdkPlan::Unload::persist) return keep_parcel(index, now);
  const bool goes_on = plan_->unload == SdkPlan::Unload::flush && due != end_of_time;
  if (goes_on && plan_->backoff_kind != SdkPlan::Backoff::next_event && due <= deadline_) {
    parcels_[index].due = due;
    return find_due();
  }
  const bool exhausted = due == end_of_time && plan_->unload == SdkPlan::Unload::flush;
  abandon(index, exhausted ? AbandonRecord::Why::exhausted : AbandonRecord::Why::unload, released);
  if (!exhausted && deadline_ != end_of_time) abandon_waiting(AbandonRecord::Why::unload, released);
}

/// When the batch is tried again, if it is.
SimTime Sdk::retry_due(Parcel& parcel, const SdkAnswer& answer, SimTime now) {
  using After = SdkPlan::RetryAfter;
  const auto retry = static_cast<std::uint32_t>(parcel.number - parcel.uncounted);
  const Micros told = std::min(answer.retry_after, plan_->retry_after_max);
  SimTime due;
  if (answer.status == 429 && plan_->throttled_wait > 0) {
    due = now + plan_->throttled_wait;
  } else if (told > 0 && plan_->retry_after == After::honoured) {
    if (parcel.uncounted < plan_->retry_after_uncounted) ++parcel.uncounted;
    due = now + told;
  } else {
    due = now + backoff(retry, plan_->retry_after == After::floor ? told : 0);
  }
  const Micros grid = plan_->retry_grid;
  if (grid == 0) return due;
  return start_ + (due - start_ + grid - 1) / grid * grid;
}

/// `retry`: 1 = the first.
Micros Sdk::backoff(std::uint32_t retry, Micros at_least) {
  std::uint32_t step = retry - 1;
  if (plan_->first_retry_high > 0) {
    if (retry == 1) return jitter_.between(plan_->first_retry_low, plan_->first_retry_high);
    --step;
  }
  Micros wait = plan_->backoff;
  if (plan_->backoff_kind == SdkPlan::Backoff::linear) {
    wait *= step + 1;
  } else {
    for (std::uint32_t i = 0; i < step && wait < plan_->backoff_max; ++i)
      wait = wait / 100 * plan_->backoff_factor;
  }
  wait = std::max(std::min(wait, plan_->backoff_max), at_least);
  const auto spread =
      static_cast<Micros>(static_cast<double>(wait) * plan_->backoff_jitter.value());
  if (plan_->jitter == SdkPlan::Jitter::around) return wait + jitter_.between(-spread, spread);
  return std::min(wait + jitter_.between(0, spread), std::max(plan_->backoff_max, at_least));
}

}  // namespace parallax
