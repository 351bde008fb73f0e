// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sim/core/ledger.h"
#include "sim/core/prng.h"
#include "sim/core/time.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// Handle of an emission kept by the caller (an index into its pool). The SDK model moves handles;
/// it never looks inside an emission.
using Held = std::uint32_t;

/// What the SDK learnt about its attempt, as its own HTTP layer would.
enum class SdkOutcome : std::uint8_t {
  success,    ///< 2xx.
  retryable,  ///< No answer, timeout, 408, 429, 5xx.
  refused,    ///< Another status: the SDK drops the batch.
};
SdkOutcome sdk_outcome(Receipt receipt, std::uint16_t status);

/// A handle in an SDK's queue.
struct Queued {
  Held held = 0;
  SimTime since;
};

/// A handle that the SDK gave up.
struct Released {
  Held held = 0;
  AbandonRecord::Why why = AbandonRecord::Why::unload;
};

/// One SDK instance (a page's, or a server process's) as a state machine in virtual time: queue,
/// batch, flush by count or interval, one attempt under way at a time, retries with backoff and
/// jitter, the queue's bound, and what happens at unload. Pure: it reads no clock and sends
/// nothing.
///
///   enqueue -> wants() == t -> begin(t) -> (the caller sends) -> finish(outcome) -> wants() ...
///
/// Sources of the defaults and profiles: sim/scenario (profiles), from measured SDK behaviour.
class Sdk {
 public:
  /// `plan` must outlive the SDK; `jitter` is this instance's stream.
  Sdk(const SdkPlan& plan, Prng jitter) { restart(plan, jitter); }
  /// To be restarted before anything else.
  Sdk() = default;
  /// A fresh instance in the place and the memory of this one.
  void restart(const SdkPlan& plan, Prng jitter);

  /// Puts an emission into the queue. At the bound the oldest is dropped into `released`.
  void enqueue(Held held, SimTime now, std::vector<Released>& released);

  /// When the next attempt is due: `end_of_time` while one is under way or there is nothing to
  /// send.
  SimTime wants() const;

  /// Starts the due attempt at `now` and returns its batch, valid until the next call.
  /// Precondition: wants() <= now.
  std::span<const Queued> begin(SimTime now);
  /// What is under way or waits for its retry; valid until the next call that changes anything.
  std::span<const Queued> batch() const { return {queue_.data() + gone_, batched_}; }
  std::uint16_t number() const { return number_; }  ///< Of the attempt under way: 1 = first try.
  bool busy() const { return busy_; }               ///< An attempt is under way.

  /// Ends the attempt under way. A batch that succeeded is the caller's again.
  void finish(SdkOutcome outcome, SimTime now, std::vector<Released>& released);

  /// The page closes or the process ends. `beacon` and `flush` make everything due at once, once,
  /// without another try after it; `persist` leaves the queue in `kept()`; `lose` abandons it.
  void unload(SimTime now, std::vector<Released>& released);

  /// The drain phase of a run: whatever waits is due now, also a retry in its backoff.
  void flush(SimTime now);

  /// Hands over what unload persisted, oldest first; the SDK is then empty.
  std::vector<Held> take_persisted();

  /// Nothing queued, nothing under way.
  bool idle() const { return gone_ == queue_.size(); }
  bool unloaded() const { return unloaded_; }
  /// First sent_at of the batch under way, for SDKs that repeat it; `no_time` before it was set.
  SimTime first_sent_at = no_time;

 private:
  void fail(SdkOutcome outcome, SimTime now, std::vector<Released>& released);
  void abandon_batch(AbandonRecord::Why why, std::vector<Released>& released);
  Micros backoff();

  std::size_t queued() const { return queue_.size() - gone_ - batched_; }
  const Queued& waiting(std::size_t nth) const { return queue_[gone_ + batched_ + nth]; }
  void drop_batch();
  void drop_oldest();
  void make_room();

  const SdkPlan* plan_ = nullptr;
  Prng jitter_{0};
  /// Oldest first: `gone_` that have left it, then `batched_` of the batch, then those that wait.
  std::vector<Queued> queue_;
  std::size_t gone_ = 0;
  std::size_t batched_ = 0;
  SimTime retry_at_ = end_of_time;
  SimTime due_by_ = end_of_time;  ///< The queue goes earlier than the rules say: unload, flush.
  std::uint16_t number_ = 0;
  bool busy_ = false;
  bool unloaded_ = false;
};

// What every request goes through is inline; failures and endings are in sdk.cpp.

inline void Sdk::restart(const SdkPlan& plan, Prng jitter) {
  plan_ = &plan;
  jitter_ = jitter;
  queue_.clear();
  gone_ = batched_ = 0;
  retry_at_ = due_by_ = end_of_time;
  number_ = 0;
  busy_ = unloaded_ = false;
  first_sent_at = no_time;
}

inline void Sdk::enqueue(Held held, SimTime now, std::vector<Released>& released) {
  if (queued() >= plan_->queue_max) {
    released.push_back({waiting(0).held, AbandonRecord::Why::overflow});
    drop_oldest();
  }
  queue_.push_back({held, now});
}

inline void Sdk::drop_batch() {
  gone_ += std::exchange(batched_, 0);
  make_room();
}

/// Moves the rest down only when at least half of the memory is of those gone, so that each element
/// is moved about once.
inline void Sdk::make_room() {
  if (gone_ * 2 < queue_.size()) return;
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(gone_));
  gone_ = 0;
}

inline SimTime Sdk::wants() const {
  if (busy_) return end_of_time;
  if (batched_ > 0) return retry_at_;
  if (queued() == 0) return end_of_time;
  if (queued() >= plan_->flush_at) return std::min(due_by_, waiting(plan_->flush_at - 1).since);
  return std::min(due_by_, waiting(0).since + plan_->flush_interval);
}

inline std::span<const Queued> Sdk::begin(SimTime now) {
  assert(!busy_ && wants() <= now);
  if (batched_ == 0) {
    batched_ = std::min<std::size_t>(queued(), plan_->batch_max);
    number_ = 0;
    first_sent_at = no_time;
  }
  if (queued() == 0) due_by_ = end_of_time;
  ++number_;
  busy_ = true;
  retry_at_ = end_of_time;
  return batch();
}

inline void Sdk::finish(SdkOutcome outcome, SimTime now, std::vector<Released>& released) {
  assert(busy_);
  busy_ = false;
  if (outcome != SdkOutcome::success) return fail(outcome, now, released);
  drop_batch();
}

}  // namespace parallax
