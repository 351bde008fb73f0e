// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
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

/// Why handles come back to the caller.
struct Released {
  Held held = 0;
  bool delivered = false;  ///< False: abandoned, for `why`.
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
  std::span<const Held> begin(SimTime now);
  std::uint16_t number() const { return number_; }  ///< Of the attempt under way: 1 = first try.
  bool busy() const { return busy_; }               ///< An attempt is under way.

  /// Ends the attempt under way.
  void finish(SdkOutcome outcome, SimTime now, std::vector<Released>& released);

  /// The page closes or the process ends. `beacon` and `flush` make everything due at once, once,
  /// without another try after it; `persist` leaves the queue in `kept()`; `lose` abandons it.
  void unload(SimTime now, std::vector<Released>& released);

  /// The drain phase of a run: whatever waits is due now, also a retry in its backoff.
  void flush(SimTime now);

  /// Hands over what unload persisted, oldest first; the SDK is then empty.
  std::vector<Held> take_persisted();

  /// Nothing queued, nothing under way.
  bool idle() const { return queued() == 0 && batch_.empty(); }
  bool unloaded() const { return unloaded_; }
  /// First sent_at of the batch under way, for SDKs that repeat it; `no_time` before it was set.
  SimTime first_sent_at = no_time;

 private:
  void abandon(std::vector<Held>& list, AbandonRecord::Why why, std::vector<Released>& released);
  Micros backoff();

  std::size_t queued() const { return queue_.size() - taken_; }
  void take_from_queue(std::size_t count);

  const SdkPlan* plan_ = nullptr;
  Prng jitter_{0};
  struct Queued {
    Held held;
    SimTime since;
  };
  std::vector<Queued> queue_;  ///< Oldest first; the first `taken_` have left it.
  std::size_t taken_ = 0;
  std::vector<Held> batch_;  ///< Under way, or waiting for its retry.
  SimTime retry_at_ = end_of_time;
  SimTime due_by_ = end_of_time;  ///< The queue goes earlier than the rules say: unload, flush.
  std::uint16_t number_ = 0;
  bool busy_ = false;
  bool unloaded_ = false;
};

}  // namespace parallax
