// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "fault/chain.h"
#include "sim/core/ledger.h"
#include "sim/proxy/sighting.h"

namespace parallax::proxy {

/// Most events that a book knows: about 150 bytes each.
constexpr std::size_t events_max = 5'000'000;

/// One request with events on its way, as the ledger has it.
struct Delivery {
  AttemptRecord record;
  WireFate fate;
  std::vector<EmissionKey> events;
};

/// The ledger of real traffic, in the journal that a run has too. An action is an event id, however
/// often and from whichever side it is seen; each side's record is an emission, and what says
/// something else under the same id and side is a copy of it, as of an app that fired twice. All of
/// it lies in lane 0: a request may carry events of any users, and a lane holds whole requests.
///
/// Whether a fault strikes is drawn for (first event's id, its side, number of the attempt at it):
/// not for the order in which requests come. Not thread-safe.
class Book {
 public:
  static Result<Book> create(const std::filesystem::path& journal);

  bool full() const { return known_.size() >= events_max; }
  /// Registers the events and decides what becomes of the attempt. Nothing is on the disk before
  /// `flush`. `can_leave(n)`: the request can be forwarded without its last n events; asked only
  /// where a fault wants it.
  Delivery begin(std::span<const Sighted> events, SimTime at, LaneFaults& faults,
                 const std::function<bool(std::size_t)>& can_leave);
  /// The request that reaches the target once more: an attempt of its own.
  Delivery begin_again(const Delivery& first);
  void conclude(const Delivery& delivery, Receipt receipt, std::uint16_t status, SimTime at);
  /// Before a request is forwarded, and before its answer is.
  Result<void> flush() { return journal_.flush(); }
  Result<void> close() { return journal_.close(); }

  std::uint64_t actions() const { return actions_; }
  std::uint64_t attempts() const { return attempts_; }

 private:
  struct Known {
    std::uint64_t action = 0;
    /// By side: contents seen, the copy's number is the place; and attempts.
    std::array<std::vector<std::uint64_t>, 2> contents;
    std::array<std::uint16_t, 2> attempts{};
  };
  struct IdHash {
    std::size_t operator()(const Uuid& id) const { return static_cast<std::size_t>(id.low); }
  };
  explicit Book(Journal journal) : journal_(std::move(journal)) {}
  EmissionKey note(const Sighted& event);
  void write(const Delivery& delivery);
  /// The attempt at what the target is not shown of a batch.
  void turn_away(Delivery& delivery);

  Journal journal_;
  std::unordered_map<Uuid, Known, IdHash> known_;  ///< Looked up, never iterated.
  std::uint64_t actions_ = 0, attempts_ = 0;
};

}  // namespace parallax::proxy
