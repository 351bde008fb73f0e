// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "fault/chain.h"
#include "sim/core/ledger.h"
#include "sim/core/min_heap.h"
#include "sim/core/pool.h"
#include "sim/journey/instrument.h"
#include "sim/journey/lane_journey.h"
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

/// An attempt on its way to the target.
struct Outgoing {
  AttemptId id;
  SimTime arrives;
  SimTime sent_at;  ///< What the batch states, or `no_time`.
  Strike strike = Strike::none;
  std::uint16_t size = 0;  ///< Events in it.
  std::span<const Emission* const> events;
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
  /// The outcome of the attempt that `next` returned.
  void answer(Receipt receipt, std::uint16_t status);
  /// Stops playing new actions from here on: the run was interrupted. The queues still drain.
  void stop_traffic();

  /// Whether nothing is left to play; `next` would return null for ever.
  bool finished() const { return finished_; }

 private:
  enum class EventKind : std::uint8_t { capture, sdk_due, arrival, outcome };
  struct Event {
    SimTime at;
    std::uint64_t order;
    std::uint32_t index;
    EventKind kind;
    bool before(const Event& other) const {
      return at != other.at ? at < other.at : order < other.order;
    }
  };
  /// An emission held by captures under way, by an SDK or by flights that outlive its patience.
  struct Slot {
    EmissionRecord record;      ///< With its fate as it goes to the journal.
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
  };
  /// An attempt between sending and the sender's knowledge of its outcome.
  struct Flight {
    Outgoing out;
    std::vector<Held> batch;  ///< Slots of its emissions.
    std::uint32_t host = 0;
    SimTime known;             ///< When the sender's HTTP layer would see an answer.
    std::uint16_t answer = 0;  ///< For Strike::answered.
    std::uint16_t number = 1;  ///< 1 = first try.
    SdkOutcome outcome = SdkOutcome::retryable;
    bool timed_out = false;      ///< The SDK gives up before `known`; the request travels on.
    std::uint8_t open_ends = 2;  ///< Arrival and outcome; the flight is free when both are done.
  };

  bool step(SimTime until);
  bool advance_journey();
  bool finish_traffic(SimTime until);
  void play_action();
  void open_page();
  void close_page();
  void handle(const Event& event);
  void capture(std::uint32_t slot);
  void queue_captured(std::uint32_t slot, Micros later);
  void enqueue(std::uint32_t slot);
  void revisit(std::uint32_t slot);
  void send(std::uint32_t host_index, Host& host);
  void arrive(std::uint32_t flight_index);
  void conclude(std::uint32_t flight_index, Flight& flight, Receipt receipt, std::uint16_t status);
  void outcome(std::uint32_t flight_index);
  void land(std::uint32_t flight_index, Flight& flight);
  void release();
  void begin_drain();
  bool flush_more();
  void wake(std::uint32_t host_index, Host& host);
  void push(SimTime at, EventKind kind, std::uint32_t index);
  std::uint32_t take_slot(std::uint32_t session, bool faulted);
  void let_go(Held held);
  void hand_out(std::uint32_t flight_index, Flight& flight);
  std::uint32_t new_host(Source source, std::uint64_t session, std::uint64_t device);
  const SdkPlan& sdk_plan(Source source) const {
    return source == Source::client ? scenario_->client_sdk : scenario_->server_sdk;
  }
  SimTime state_sent_at(Host& host, const Emission& first);
  void launch(std::uint32_t host_index, std::span<const Held> held, const AttemptRecord& record,
              Micros round_trip);
  template <class Record>
  void note(const Record& record) {
    if (journal_ != nullptr) journal_->append(record);
  }

  const LaneContext* context_;
  const Scenario* scenario_;
  LaneIndex index_;
  Journal* journal_;
  LaneJourney journey_;
  LaneFaults faults_;
  SimTime now_;
  SimTime end_;
  bool stopped_ = false;
  bool draining_ = false;
  bool finished_ = false;
  std::uint64_t attempts_ = 0;
  std::uint64_t hosts_made_ = 0;
  std::uint64_t order_ = 0;
  Step step_;           ///< The journey's, while it is played.
  SimTime journey_at_;  ///< Of the journey's next step; end_of_time when it plays no more.
  MinHeap<Event> events_;
  Pool<Slot> slots_;
  Pool<Host> hosts_;
  Pool<Flight> flights_;
  std::vector<std::uint32_t> pages_;  ///< By Step::session: the host of its page, or no_host.
  /// Device -> emissions that its last page persisted. Looked up only.
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> persisted_;
  std::vector<std::uint64_t> persisted_devices_;  ///< In the order of persisting.
  std::uint32_t awaiting_ = no_flight;            ///< The flight that `next` returned.
  std::vector<const Emission*> handed_out_;       ///< Its emissions.
  std::vector<Released> released_;
  Captures captures_;
  std::vector<Emission> destroyed_;
  /// A closed page that fires so late was opened again: where web analytics ends a session.
  static constexpr Micros revisit_after = 30 * minute;
  static constexpr std::uint32_t no_flight = 0xffff'ffff;
  static constexpr std::uint32_t no_host = 0xffff'ffff;
  static constexpr std::uint32_t server_host = 0;
};

}  // namespace parallax
