// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "fault/chain.h"
#include "sim/core/ledger.h"
#include "sim/journey/instrument.h"
#include "sim/journey/lane_journey.h"
#include "sim/sdk/sdk.h"
#include "sim/wire/format.h"

namespace parallax {

/// What all lanes of a run share. Everything outlives the lanes.
struct LaneContext {
  const World& world;
  const Instrumentation& instrumentation;
  const FaultChain& faults;
  const WireFormat& format;
  Prng network;  ///< Round trips.
  Prng jitter;   ///< Backoff.
  /// For SentAt::wall: the wall clock, read by the runner.
  std::function<SimTime()> wall_clock;
};

/// An attempt on its way to the target.
struct Outgoing {
  AttemptId id;
  SimTime arrives;
  Strike strike = Strike::none;
  std::uint16_t size = 0;  ///< Events in it.
  std::string body;
};

/// One lane played in virtual time, from journeys to the wire: a sequential discrete-event
/// simulation that stops whenever an attempt reaches the target, and goes on with its outcome.
///
///   while (const Outgoing* out = lane.next()) { ...deliver...; lane.answer(receipt, status); }
///
/// Every record goes to the journal before the attempt it belongs to is returned. After the traffic
/// span the faults are lifted and the SDK queues are flushed; then the lane ends by itself.
class Lane {
 public:
  Lane(const LaneContext& context, LaneIndex index, Journal& journal);
  Lane(Lane&&) = default;

  /// The next attempt that reaches the target, or null when the lane has finished. It stays valid
  /// until the next call. Precondition: the previous one was answered.
  Outgoing* next();
  /// The outcome of the attempt that `next` returned.
  void answer(Receipt receipt, std::uint16_t status);
  /// Stops playing new actions from here on: the run was interrupted. The queues still drain.
  void stop_traffic() { stopped_ = true; }

  SimTime now() const { return now_; }
  bool draining() const { return draining_; }

 private:
  enum class EventKind : std::uint8_t { capture, sdk_due, arrival, outcome };
  struct Event {
    SimTime at;
    std::uint64_t order;
    std::uint32_t index;
    EventKind kind;
    /// For a min-heap: later first.
    friend bool operator<(const Event& a, const Event& b) {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  /// An emission held by captures under way, or by an SDK.
  struct Slot {
    Emission emission;
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
    std::uint32_t host = 0;
    SimTime known;             ///< When the sender's HTTP layer would see an answer.
    std::uint16_t answer = 0;  ///< For Strike::answered.
    SdkOutcome outcome = SdkOutcome::retryable;
    bool timed_out = false;      ///< The SDK gives up before `known`; the request travels on.
    std::uint8_t open_ends = 2;  ///< Arrival and outcome; the flight is free when both are done.
  };

  bool step();
  void play(const Step& step);
  void open_page(const Action& who);
  void close_page(const Action& who);
  void capture(std::uint32_t slot);
  void enqueue(std::uint32_t slot);
  void send(std::uint32_t host_index);
  void arrive(std::uint32_t flight_index);
  void conclude(std::uint32_t flight_index, Receipt receipt, std::uint16_t status);
  void outcome(std::uint32_t flight_index);
  void land(std::uint32_t flight_index);
  void release();
  void begin_drain();
  bool flush_more();
  void wake(std::uint32_t host_index);
  void push(SimTime at, EventKind kind, std::uint32_t index);
  std::uint32_t hold(const Emission& emission, bool faulted);
  std::uint32_t new_host(Source source, std::uint64_t session, std::uint64_t device);
  SimTime state_sent_at(Host& host, const Emission& first);

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
  std::uint64_t attempts_ = 0;
  std::uint64_t hosts_made_ = 0;
  std::uint64_t order_ = 0;
  std::vector<Event> heap_;
  std::deque<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::deque<Host> hosts_;
  std::vector<std::uint32_t> free_hosts_;
  std::deque<Flight> flights_;
  std::vector<std::uint32_t> free_flights_;
  std::unordered_map<std::uint64_t, std::uint32_t> pages_;  ///< Session -> host. Looked up only.
  /// Device -> emissions that its last page persisted. Looked up only.
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> persisted_;
  std::vector<std::uint64_t> persisted_devices_;  ///< In the order of persisting.
  std::uint32_t awaiting_ = no_flight;            ///< The flight that `next` returned.
  std::vector<Released> released_;
  Captures captures_;
  std::vector<Emission> destroyed_;
  std::vector<Emission> batch_;
  static constexpr std::uint32_t no_flight = 0xffff'ffff;
  static constexpr std::uint32_t server_host = 0;
};

}  // namespace parallax
