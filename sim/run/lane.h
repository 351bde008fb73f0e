// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "fault/chain.h"
#include "sim/core/ledger.h"
#include "sim/core/min_heap.h"
#include "sim/core/object_pool.h"
#include "sim/journey/instrument.h"
#include "sim/journey/lane_journey.h"
#include "sim/journey/logins.h"
#include "sim/run/lane_event.h"
#include "sim/run/outgoing.h"
#include "sim/sdk/sdk.h"

namespace parallax {

/// What all lanes of a run share. Everything outlives the lanes.
struct LaneContext {
  const World& world;
  const Instrumentation& instrumentation;
  const FaultChain& faults;
  Prng network;  ///< Round trips.
  Prng jitter;   ///< Backoff.
  /// For SentAt::wall: the wall clock, read by the runner.
  std::function<SimTime()> wall_clock;
};

/// One lane played in virtual time, from journeys to the wire: a sequential discrete-event
/// simulation that stops whenever an attempt reaches the target, and goes on with its outcome.
///
///   while (const Outgoing* out = lane.next()) { ...deliver...; lane.answer(receipt, status); }
///
/// Every record goes to the journal before the attempt it belongs to is returned. After the traffic
/// span the faults are lifted and the SDK queues are flushed; then the lane ends by itself. Where
/// it is interrupted in between, by `until`, changes nothing.
/// Memory: the sessions and emissions under way; it comes from pools, so that playing on allocates
/// nothing.
class Lane {
 public:
  /// `journal` null: no ledger is kept.
  Lane(const LaneContext& context, LaneIndex index, Journal* journal);
  Lane(Lane&&) = default;

  /// The next attempt that reaches the target before `until`, or null when there is none before it,
  /// or none any more. It and its emissions stay valid until it is answered. Precondition: the
  /// previous one was answered.
  const Outgoing* next(SimTime until = end_of_time);
  /// The outcome of the attempt that `next` returned. `retry_after`: as the target says; 0: not.
  /// `results`: what an answer that took the request says of its events; empty: it took them all.
  void answer(Receipt receipt, std::uint16_t status, Micros retry_after = 0,
              std::span<const EventResult> results = {});
  /// Stops playing new actions from here on: the run was interrupted. The queues still drain.
  void stop_traffic();

  /// Whether nothing is left to play; `next` would return null for ever.
  bool finished() const { return finished_; }

 private:
  using Event = LaneEvent;
  using EventKind = Event::Kind;
  /// An emission held by captures under way, by an SDK or by flights that outlive its patience,
  /// with its fate as it goes to the journal.
  struct Slot : EmissionRecord {
    std::uint32_t session = 0;  ///< Step::session of the action's.
    std::uint16_t holders = 0;
    bool faulted = false;  ///< Has been through the fault chain.
  };
  /// An SDK instance: a page (client) or the lane's server host.
  struct Host {
    Sdk sdk;
    std::uint64_t session = 0;
    std::uint64_t device = 0;
    Source source = Source::client;
    SimTime wakes = end_of_time;  ///< The due event in the heap that counts.
    bool open = false;
    SimTime began;
    HostFate fate;  ///< What faults make of it.
  };
  /// An attempt between sending and the sender's knowledge of its outcome.
  struct Flight {
    AttemptRecord record;
    SimTime known;              ///< When the sender's HTTP layer would see an answer.
    std::vector<Queued> batch;  ///< Where it timed out; otherwise the SDK still has it.
    Host* host = nullptr;
    WireFate fate;                     ///< What faults make of its answer.
    Micros moved = 0;                  ///< Its events state their times so much later.
    std::vector<EventResult> results;  ///< Where some of its batch are turned away.
    RequestId request = 0;             ///< Its host's SDK's.
    BatchName batch_name;
    SdkAnswer seen;              ///< By the sender, once it is known.
    bool struck = false;         ///< Some fault did: `fate` is not just nothing.
    bool noted = false;          ///< Its receipts are, one for each part of its batch.
    bool timed_out = false;      ///< The SDK gives up before `known`; the request travels on.
    std::uint8_t open_ends = 2;  ///< Arrival and outcome; the flight is free when both are done.
  };
  struct Try {  ///< Of a batch, by the SDK that begins it.
    std::uint16_t number = 1;
    std::uint16_t size = 1;
    SimTime first_begun;
    std::uint64_t serial = 0;
  };
  struct RoundTrip {  ///< Without faults, both ends included.
    Micros shortest = 0, longest = 0;
  };

  bool step();
  bool advance_journey();
  bool finish_traffic();
  void play_action();
  Slot& film(const Action& action, Source side);
  void take_up(Slot& slot, bool alone);
  void open_page();
  void take_over_kept(Host& host);
  void close_page();
  void keep(Host& host);
  void revisit(std::uint64_t device, const std::vector<Kept>& kept);
  void handle(const Event& event);
  void capture(Slot& slot, bool last);
  bool gets_past_faults(Slot& slot, bool last);
  void take_struck(Slot& slot, const CaptureFate& fate, bool last);
  void queue_captured(Slot& slot, Micros later, bool last);
  void enqueue(Slot& slot, bool last);
  void withhold(Slot& slot);
  void reopen_page(Slot& slot);
  bool comes_too_early(Slot& slot);
  void begin_process(SimTime at);
  void wipe(const HostFate& fate, std::vector<Kept>& kept);
  void end_processes();
  void lose(Host& host, SimTime since, SimTime at);
  void send_again(const Flight& flight);
  void turn_away(Flight& flight, std::span<const Queued> batch);
  void send(Host& host);
  void launch(Host& host, std::span<const Queued> batch);
  void launch_alone(Host& host, Slot& slot);
  void leave_alone(Host& host, Slot& slot, bool has_waited);
  std::span<const Queued> begin_alone(Host& host, Slot& slot, SimTime at);
  void conclude_alone(Flight& flight, Slot& slot, std::uint16_t status);
  void describe(Host& host, const Emission& first, const Try& begun);
  void take_off(std::span<const Queued> batch);
  void launch_oddly(std::span<const Queued> batch);
  Flight& keep_in_air();
  void note_attempt(const AttemptRecord& record, std::span<const Queued> batch);
  void keep_flying(Flight& flight, SimTime gives_up);
  void arrive(Flight& flight);
  void hand_out(Flight& flight);
  void state_later(Micros moved);
  void take_results(Flight& flight, std::uint16_t status, std::span<const EventResult> results);
  void note_part(const Flight& flight, EventResult part, ReceiptRecord receipt);
  void conclude(Flight& flight, Receipt receipt, std::uint16_t status, Micros retry_after);
  void conclude_later(Flight& flight, Receipt receipt, std::uint16_t status, Micros retry_after,
                      SimTime at);
  void outcome(Flight& flight, const SdkAnswer& seen);
  void release();
  void begin_drain();
  bool flush_more();
  void wake_up(Host& host);
  Slot& take_slot(std::uint32_t session, bool faulted);
  Host& new_host(Source source, std::uint64_t session, std::uint64_t device);
  SimTime sent_at(Source source, SimTime first_begun, const Emission& first) const;
  static std::span<const Queued> batch_of(const Flight& flight);

  void push(SimTime at, EventKind kind, void* subject) {
    events_.push({at, order_++, kind, subject});
    event_at_ = std::min(event_at_, at);
  }
  /// When the lane has something else to do, or may not go on. What comes before it need not wait
  /// for its turn among the events.
  SimTime other_business() const { return std::min(std::min(journey_at_, limit_), event_at_); }
  /// Schedules the host's next attempt, and retires a closed page that has nothing left.
  void wake(Host& host) {
    const bool rests = host.wakes == end_of_time && host.sdk.wants() == end_of_time;
    if (!rests || !host.open) wake_up(host);
  }
  void let_go(Held held) {
    auto& slot = static_cast<Slot&>(*held);
    assert(slot.holders > 0);
    if (--slot.holders == 0) slots_.give(&slot);
  }
  /// One of the flight's two ends is done.
  void land(Flight& flight) {
    if (&flight != &brief_ && --flight.open_ends == 0) flights_.give(&flight);
  }
  bool is_immediate(const Emission& emission) const {
    return immediate_[std::size_t{emission.seen.type} * both_sources.size() +
                      static_cast<std::size_t>(emission.source)] != 0;
  }
  const SdkPlan& sdk_plan(Source source) const {
    return source == Source::client ? scenario_->client_sdk : scenario_->server_sdk;
  }
  template <class Record>
  void note(const Record& record) {
    if (journal_ != nullptr) journal_->append(record);
  }

  const LaneContext* context_;
  const Scenario* scenario_;
  LaneIndex index_;
  Journal* journal_;
  LaneJourney journey_;
  std::optional<Logins> logins_;  ///< Where the scenario has a login.
  LaneFaults faults_;
  std::array<RoundTrip, 2> round_trips_;  ///< By Source.
  std::vector<std::uint8_t> immediate_;   ///< By action type and side: 1 skips the SDK's queue.
  Prng network_;                          ///< One draw an attempt.
  SimTime now_;
  SimTime end_;
  SimTime until_ = no_time;  ///< Of the last `next`.
  SimTime limit_ = no_time;  ///< `until_`, or the end of the traffic before it.
  bool stopped_ = false;
  bool draining_ = false;
  bool finished_ = false;
  std::uint64_t attempts_ = 0;
  std::uint64_t hosts_made_ = 0;
  std::uint64_t processes_ = 0;  ///< Of the server, begun.
  std::uint64_t order_ = 0;
  Step step_;           ///< The journey's, while it is played.
  SimTime journey_at_;  ///< Of the journey's next step; end_of_time when it plays no more.
  MinHeap<Event> events_;
  SimTime event_at_ = end_of_time;  ///< Of the first of them.
  ObjectPool<Slot> slots_;
  ObjectPool<Host> hosts_;
  ObjectPool<Flight> flights_;
  Host* server_ = nullptr;
  std::vector<Host*> pages_;  ///< By Step::session: the host of its page, or null.
  /// Device -> emissions that its last page kept. Looked up only.
  std::unordered_map<std::uint64_t, std::vector<Kept>> kept_;
  std::vector<std::uint64_t> keeping_devices_;  ///< In the order of keeping.
  Flight brief_;           ///< The one that begins: nearly all end before anything else happens.
  Slot* alone_ = nullptr;  ///< Its one event, where nothing comes before its answer: untold to
  bool alone_waited_ = false;                ///< the SDK, in whose queue it waited.
  Flight* awaiting_ = nullptr;               ///< The flight that `next` returned,
  Outgoing out_;                             ///< what it returned of it,
  std::vector<const Emission*> handed_out_;  ///< and its emissions,
  std::vector<Emission> restated_;           ///< of which these state another time.
  std::vector<Released> released_;
  std::vector<Held> doubled_;  ///< By an unload.
  Captures captures_;
  std::vector<Destroyed> destroyed_;
  /// A closed page that fires so late was opened again: where web analytics ends a session.
  static constexpr Micros revisit_after = 30 * minute;
};

}  // namespace parallax
