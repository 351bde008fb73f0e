// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/core/prng.h"
#include "sim/core/time.h"
#include "sim/scenario/sdk_plan.h"
#include "sim/sdk/parcel.h"
#include "sim/sdk/sdk_answer.h"

namespace parallax {

/// One SDK instance (a page's, or a server process's) as a state machine in virtual time. Pure: it
/// reads no clock and sends nothing. What it does is the plan's: sdk_plan.h explains each rule.
///
///   enqueue -> wants() == t -> begin(t) -> (the caller sends) -> finish(answer) -> wants() ...
///
/// The first try of a batch stays in the queue's memory, since nearly all end well. What waits for
/// another try, skips the queue or comes from an earlier page is a parcel, set aside.
class Sdk {
 public:
  /// `plan` must outlive the SDK; `jitter` is this instance's stream; `now` is when its page or
  /// process starts.
  Sdk(const SdkPlan& plan, Prng jitter, SimTime now) { restart(plan, jitter, now); }
  /// To be restarted before anything else.
  Sdk() = default;
  /// A fresh instance in the place and the memory of this one. Precondition: idle().
  void restart(const SdkPlan& plan, Prng jitter, SimTime now);

  /// Puts an emission into the queue, or past it where it is `immediate`. What the queue's bound or
  /// the rate limit drops goes to `released`.
  void enqueue(Held held, SimTime now, std::vector<Released>& released, bool immediate = false);

  /// Nothing is left of what came before, so an immediate emission leaves by itself.
  bool at_rest() const {
    return queue_.size() == gone_ && batched_ + parcels_used_ + rejoined_ == 0 && !alone_;
  }
  /// Takes one more emission out of what the rate limit grants; false where it is used up.
  bool lets_in(SimTime now);
  /// `enqueue` of an immediate emission that was let in, and `begin`, in one. Precondition:
  /// at_rest().
  std::span<const Queued> begin_alone(Held held, SimTime now);
  /// The same and its success, where nothing happens in between: `held` need not be told.
  void pass_alone();
  /// One event waits in the queue, and nothing else is left of what came before.
  bool holds_one() const {
    return queue_.size() - gone_ == 1 && batched_ + evicted_ + parcels_used_ + rejoined_ == 0;
  }
  /// Precondition of the two below: holds_one(). The event.
  Held only_one() const { return queue_[gone_].held; }
  /// `begin` and its success, where nothing happens in between: it need not be told.
  void pass_only_one();
  /// What `serial` names the batch that begins next.
  std::uint64_t next_serial() const { return serial_; }

  /// When the next attempt is due: `end_of_time` while none may begin or there is nothing to send.
  SimTime wants() const;

  /// Starts the attempt that is due at `now` and returns its batch, valid until the next call.
  /// Precondition: wants() <= now.
  std::span<const Queued> begin(SimTime now);
  /// Of the attempt that began last.
  RequestId request() const { return begun_; }
  std::uint16_t number() const { return number_; }  ///< 1 = first try.
  /// When the first try of the batch that began last did: what SDKs that repeat it state as
  /// sent_at.
  SimTime first_begun() const {
    return begun_ == queue_request_ ? queue_begun_ : parcels_[parcel_of(begun_)].first_begun;
  }

  /// Names the batch that began last, within this instance and through all its tries.
  std::uint64_t serial() const {
    return begun_ == queue_request_ ? queue_serial_ : parcels_[parcel_of(begun_)].serial;
  }

  /// The batch of a request under way; valid until the next call that changes anything.
  std::span<const Queued> batch(RequestId request) const;
  bool busy() const { return open_ > 0; }  ///< An attempt is under way.

  /// Ends an attempt under way. Returns the handles that are the caller's again, valid until the
  /// next call: delivered as far as the SDK knows, or taken over by a copy (see unload).
  std::span<const Queued> finish(RequestId request, const SdkAnswer& answer, SimTime now,
                                 std::vector<Released>& released);

  /// The page closes or the process ends, as plan.unload says. Handles that the SDK from now on
  /// holds once more than before, since a request under way and a copy of it both do, are appended
  /// to `doubled`.
  void unload(SimTime now, std::vector<Released>& released, std::vector<Held>& doubled);
  /// The page or process is gone before it could do anything of that: what has waited since `since`
  /// or less long goes to `released`.
  void lose(SimTime since, std::vector<Released>& released);
  /// The user opts out.
  void opt_out(std::vector<Released>& released);

  /// The drain phase of a run: whatever waits is due now, also a retry in its backoff. From here on
  /// nothing is tried without end, and nothing is kept for later.
  void flush(SimTime now);

  /// What the page has left on the device since it closed, oldest first.
  bool keeps() const { return !kept_.empty(); }
  std::vector<Kept> take_kept();
  /// Takes up what an earlier page left.
  void restore(std::span<const Kept> kept, SimTime now);

  /// Nothing queued, set aside or under way.
  bool idle() const { return queued() + batched_ + parcels_used_ == 0; }

 private:
  SimTime queue_due() const;
  SimTime queue_due_slowly() const;
  std::size_t queued() const { return queue_.size() - gone_ - batched_; }
  const Queued& waiting(std::size_t nth) const { return queue_[gone_ + batched_ + nth]; }
  void make_room();
  std::span<const Queued> begin_queued(std::size_t size, SimTime now);
  void take_full_batches();
  bool make_place(Held held, std::vector<Released>& released);
  void drop_waiting(std::size_t count, AbandonRecord::Why why, std::vector<Released>& released);
  void put_back(std::span<const Queued> batch);

  Parcel& add_parcel(SimTime due);
  void drop_parcel(std::size_t index);
  std::size_t parcel_of(RequestId request) const;
  Parcel& set_batch_aside();
  std::span<const Queued> begin_parcel(SimTime now);
  void find_due();

  std::span<const Queued> finish_slowly(RequestId request, const SdkAnswer& answer, SimTime now,
                                        std::vector<Released>& released);
  void settle_events(Parcel& parcel, const SdkAnswer& answer, std::vector<Released>& released);
  void fail(std::size_t parcel, const SdkAnswer& answer, SimTime now,
            std::vector<Released>& released);
  void fail_after_unload(std::size_t parcel, SimTime due, SimTime now,
                         std::vector<Released>& released);
  void halve(std::size_t parcel, SimTime now, std::vector<Released>& released);
  void abandon(std::size_t parcel, AbandonRecord::Why why, std::vector<Released>& released);
  void abandon_waiting(AbandonRecord::Why why, std::vector<Released>& released);
  SimTime retry_due(Parcel& parcel, const SdkAnswer& answer, SimTime now);
  Micros backoff(std::uint32_t retry, Micros at_least);
  void keep_parcel(std::size_t parcel, SimTime now);
  void tear(SimTime now, std::vector<Held>& doubled);
  void keep_all(SimTime now, std::vector<Held>* doubled);

  /// Tries are counted up to here.
  static constexpr std::uint16_t tries_max = 0xfffe;
  static constexpr std::uint32_t flushed_retries_max = 1'000;

  const SdkPlan* plan_ = nullptr;
  std::uint32_t batch_limit_ = 0;  ///< The plan's.
  Micros event_price_ = 0;         ///< What an event takes of the rate limit.
  Prng jitter_{0};
  /// Oldest first: `gone_` that have left it, then `batched_` under way on their first try, then
  /// those that wait.
  std::vector<Queued> queue_;
  std::size_t gone_ = 0;
  std::size_t batched_ = 0;
  SimTime due_by_ = end_of_time;      ///< The queue goes earlier than the rules say: unload, flush.
  SimTime parcel_due_ = end_of_time;  ///< The earliest.
  Micros interval_ = 0;               ///< From the oldest; negative: see queue_due_slowly.
  std::uint32_t flush_at_ = 1;
  std::uint32_t batch_max_ = 1;
  std::uint32_t requests_max_ = 1;
  std::uint32_t open_ = 0;       ///< Requests under way.
  std::uint32_t blocking_ = 0;   ///< Parcels that block.
  RequestId queue_request_ = 0;  ///< Of `batched_`.
  RequestId begun_ = 0;
  std::uint16_t number_ = 0;
  std::uint16_t rejoined_ = 0;  ///< Tries of what a failure put back into the queue.
  bool sleeps_ = false;         ///< The queue waits for its next event.
  bool unloaded_ = false;
  bool flushed_ = false;
  bool alone_ = false;  ///< The first event is still to be sent, by itself.
  SimTime queue_begun_ = no_time;
  std::uint64_t queue_serial_ = 0;  ///< Of `batched_`, should it become a parcel.

  std::vector<Parcel> parcels_;  ///< The first `parcels_used_`; the others keep their memory.
  std::size_t parcels_used_ = 0;
  std::uint64_t serial_ = 0;
  std::size_t evicted_ = 0;  ///< Of `batched_`, by an overflow that miscounts.
  SimTime start_;
  SimTime paid_until_;  ///< Rate limit: the virtual instant up to which events have been let in.
  SimTime deadline_ = end_of_time;  ///< Of unload by flush.
  std::vector<Kept> kept_;
  std::vector<Queued> done_;  ///< What finish_slowly returns.
};

/// What a retry states at SdkPlan::retry_marker; nothing on a first try or without a marker.
std::optional<std::uint32_t> retry_marker(const SdkPlan& plan, std::uint16_t number);

}  // namespace parallax

#include "sim/sdk/sdk_inline.h"
