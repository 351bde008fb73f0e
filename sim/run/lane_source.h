// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "sim/drive/load_source.h"
#include "sim/run/lane.h"
#include "sim/wire/format.h"

namespace parallax {

/// As many populations as a load needs, each a world of its own: population 0 is the scenario's, as
/// a run plays it; population k has its own draws and its own user numbers. All of them play the
/// scenario's span of time, one after the other, so that times, `when` windows and withdrawals of
/// consent stay those of the story however long a load lasts. A pure function of (scenario, seed).
/// Not thread-safe: one a thread.
class Populations {
 public:
  explicit Populations(const World& first) : first_(&first) {}
  /// The world of population `number`; stays for as long as somebody holds it.
  std::shared_ptr<const World> world(std::uint32_t number);
  /// What is added to the user numbers of population `number`: keeps each user's lane. Nothing once
  /// the numbers are used up.
  std::uint32_t users_before(std::uint32_t number) const;

 private:
  const World* first_;
  std::map<std::uint32_t, std::weak_ptr<const World>> worlds_;
};

/// A request in the making: events of one side of one lane, encoded as they come.
struct LoadBatch {
  TextBuffer body;  ///< Without its end, which states when it is sent.
  std::vector<EmissionKey> emissions;
  Emission first;
  SimTime filled = no_time;  ///< True simulated time at which its latest event came.
};

/// One lane as an endless stream of batches, client's and server's apart, in true simulated time.
/// There is no SDK in between: an emission is written into its side's batch when it has been
/// captured and is through the faults, and a full batch is one request, tried once.
class LoadLane {
 public:
  struct Shared {  ///< By all lanes of a source, which it outlives.
    const LaneContext& context;
    Populations& populations;
    const WireFormat& format;
    std::uint32_t batch;
    Journal& journal;
  };
  LoadLane(const Shared& shared, LaneIndex index);

  /// Swaps the next full batch into `body` and `emissions`, with its record in `attempt`. What its
  /// emissions are is in the journal, but not the attempt. False when population after population
  /// sends nothing.
  bool next(AttemptRecord& attempt, TextBuffer& body, std::vector<EmissionKey>& emissions);
  /// Lifts the faults; from here on `leftover` gives what `next` had begun, and false when nothing
  /// is left.
  void drain();
  bool leftover(AttemptRecord& attempt, TextBuffer& body, std::vector<EmissionKey>& emissions);

  /// Populations before this one, and true simulated time: what comes first goes first.
  using Clock = std::pair<std::uint32_t, SimTime>;
  Clock clock() const { return {population_, now_}; }

 private:
  struct Late {
    SimTime at;
    std::uint64_t order;
    Emission emission;
    /// For a min-heap: later first.
    friend bool operator<(const Late& a, const Late& b) {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  void play();
  void begin(std::uint32_t population);
  void capture();
  void keep(const Emission& emission, Micros later);
  void release_late(SimTime until);
  void enqueue(EmissionRecord& record, SimTime at);
  void put_aside(LoadBatch& batch);
  void take(AttemptRecord& attempt, TextBuffer& body, std::vector<EmissionKey>& emissions);
  void describe(const LoadBatch& batch, AttemptRecord& attempt);

  const Shared* shared_;
  LaneIndex index_;
  LaneFaults faults_;
  Prng network_;  ///< One draw an attempt.
  std::uint32_t population_ = 0;
  std::shared_ptr<const World> world_;
  std::unique_ptr<LaneJourney> journey_;
  std::optional<Logins> logins_;  ///< Where the scenario has a login.
  SimTime now_;
  std::uint32_t users_before_ = 0;
  std::uint64_t actions_ = 0;  ///< Of the populations before.
  std::uint64_t played_ = 0;   ///< Of this one.
  std::uint64_t attempts_ = 0;
  std::uint64_t order_ = 0;
  EmissionRecord record_;  ///< The emission that is captured.
  std::vector<Late> late_;
  std::array<LoadBatch, 2> filling_;  ///< By Source.
  std::vector<LoadBatch> full_;       ///< Oldest first.
  std::vector<LoadBatch> spare_;      ///< Empty ones that have memory.
  Captures captures_;
  std::vector<Destroyed> destroyed_;
};

/// The lanes of one thread as the source of its load engine; the journal is written ahead of every
/// flush's sends.
class LaneSource final : public LoadSource {
 public:
  struct Options {
    std::uint32_t batch = 50;
    std::uint32_t slots = 1;
    std::vector<LaneIndex> lanes;  ///< Each with users.
    const WireFormat* format = nullptr;
  };
  LaneSource(const LaneContext& context, const Options& options, Journal journal);

  bool prepare(std::uint32_t slot, LoadRequest& out) override;
  void depart(std::uint32_t slot, LoadRequest& request) override;
  Result<void> flush() override { return journal_.flush(); }
  void conclude(std::uint32_t slot, Receipt receipt, std::uint16_t status, bool by_fault) override;
  void abandon(std::uint32_t slot) override;
  void drain() override;

  Result<void> close() { return journal_.close(); }
  /// Populations begun, 1 where the scenario's own was enough.
  std::uint32_t populations() const;

 private:
  struct Sent {
    AttemptRecord attempt;
    std::vector<EmissionKey> emissions;
  };
  bool next_batch(Sent& sent, TextBuffer& body);

  const LaneContext* context_;
  const WireFormat* format_;
  Journal journal_;
  Populations populations_;
  LoadLane::Shared shared_;
  std::deque<LoadLane> lanes_;
  std::vector<std::uint32_t> heap_;  ///< Of `lanes_`, earliest clock on top; the last plays.
  std::vector<Sent> sent_;           ///< By slot.
  Micros turn_;                      ///< How far a lane may run ahead of the others.
  LoadLane::Clock turn_ends_{};      ///< The lane on top goes on until then.
  bool draining_ = false;
  std::size_t drained_ = 0;  ///< Lanes that have nothing left.
};

}  // namespace parallax
