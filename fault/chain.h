// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "fault/fault.h"
#include "fault/selector.h"

namespace parallax {

/// The faults of a scenario, ready to strike: selectors and effects in the scenario's order.
/// Immutable, shared by all lanes.
class FaultChain {
 public:
  /// `seed` is the run's. Errors: see make_fault and Selector::make; faults that together could
  /// make more copies of an emission than can be told apart. `where` is the pointer
  /// "/faults/3/offset".
  static Result<FaultChain> make(const Scenario& scenario, std::uint64_t seed);
  FaultChain(FaultChain&&) noexcept;
  FaultChain& operator=(FaultChain&&) noexcept;
  ~FaultChain();

  struct Compiled;
  const Compiled& compiled() const { return *compiled_; }

 private:
  explicit FaultChain(std::unique_ptr<Compiled>);
  std::unique_ptr<Compiled> compiled_;
};

/// How often each fault decided what; index = fault index of the scenario. "Not reached" is what is
/// in neither: the emission did not fit side, `when` or `where`, or was destroyed before.
struct FaultCounts {
  std::uint64_t struck = 0;
  std::uint64_t skipped = 0;
};

/// What became of an emission that was struck where it stands.
struct CaptureFate {
  bool struck = false;  ///< By any fault; otherwise the rest is nothing.
  bool destroyed = false;
  Micros later = 0;  ///< Captured so much later than it says; >= 0.
};

/// An emission that is no more.
struct Destroyed {
  Emission emission;
  std::uint64_t from_queue = 0;  ///< The fault that took it from the SDK's queue, a bit; 0: none.
};
/// Writes what became of it: lost at capture, or queued and then taken from the queue.
void note_destroyed(const Destroyed& destroyed, Journal& journal);

template <class Effect>
struct FaultGate;  ///< Of the chain: its own business.

/// The chain applied within one lane. Holds the few bits of state that selectors need (a device's
/// burst, a user's count for `nth`). Not thread-safe: one per lane.
///
/// Determinism: a decision depends on (seed, fault name, scope entity) alone, never on other
/// faults' draws. With `burst` and `nth` it depends on the sender's history too: on what reached
/// the fault.
class LaneFaults {
 public:
  explicit LaneFaults(const FaultChain& chain);

  /// Runs the emission through every emission fault in order and appends what is left to
  /// `captures.items`, with `struck` and `skipped` bits set on each. A destroyed emission is
  /// appended to `destroyed` with its bits, so that the ledger can tell who did it. Nothing is
  /// struck after `lift`.
  void capture(const Emission& in, Captures& captures, std::vector<Destroyed>& destroyed);
  /// The same without a copy of what is not repeated: changes `emission` itself, and appends only
  /// the copies that are left of it to `copies.items`.
  CaptureFate capture_in_place(Emission& emission, Captures& copies,
                               std::vector<Destroyed>& destroyed);
  /// Nothing can strike an emission, or an attempt: no fault does, or they are lifted.
  bool spares_emissions() const { return spares_emissions_; }
  bool spares_attempts() const { return spares_attempts_; }

  /// Decides an attempt's fate, which is nothing before; sets the bits. It stays nothing where none
  /// struck.
  void send(const Attempt& attempt, AttemptId id, WireFate& fate, std::uint64_t& struck,
            std::uint64_t& skipped);

  /// Some fault strikes pages or processes: otherwise nothing needs to ask what becomes of one.
  bool strikes_hosts() const { return strikes_hosts_; }
  /// Decides what becomes of a page that `who` opens, or of a process (an Action of nobody), at
  /// `at`. `host` tells it from all others: the session, or a number of the lane's. Counts nothing:
  /// it is emissions that are struck, later.
  HostFate begin(const Action& who, Source side, std::uint64_t host, SimTime at);

  /// From here on nothing strikes: the drain phase of a run.
  void lift() {
    spares_emissions_ = spares_attempts_ = true;
    strikes_hosts_ = false;
  }

  std::vector<FaultCounts> counts() const;

 private:
  /// One fault before one emission or attempt that it reaches: decides, counts, sets the bit.
  template <class Effect>
  bool chosen(const FaultGate<Effect>& gate, const Candidate& candidate, std::uint64_t& struck,
              std::uint64_t& skipped);
  /// What is left to do for one that it has chosen.
  void apply(const FaultGate<WireEffect>& gate, const Attempt& attempt, const Candidate& candidate,
             WireFate& fate);
  /// Whether the gate strikes an emission; `strike` then does it, and says whether it is still
  /// there: then `made_` holds what it turned into.
  bool meets(const FaultGate<EmissionEffect>& gate, const Candidate& candidate, Emission& emission);
  bool strike(const FaultGate<EmissionEffect>& gate, const Candidate& candidate, Emission& emission,
              Micros& later);
  /// What an attempt is marked with.
  struct Marks {
    WireFate& fate;
    std::uint64_t& struck;
    std::uint64_t& skipped;
  };
  void send_on(std::span<const FaultGate<WireEffect>> gates, const Attempt& attempt,
               const Candidate& candidate, Marks marks);
  CaptureFate go_on_struck(std::span<const FaultGate<EmissionEffect>> gates,
                           const Candidate& itself, Emission& emission, Captures& copies,
                           std::vector<Destroyed>& destroyed);
  /// Appends the copies that the link made of an item, numbered on from `copies_made`.
  void keep_copies(Captures& copies, std::uint8_t& copies_made);

  const FaultChain::Compiled* chain_;
  std::vector<FaultCounts> counts_;  ///< But for what got past all gates of its kind:
  struct Passed {
    std::array<std::uint64_t, 4> emissions{};  ///< By what they are withheld for.
    std::uint64_t attempts = 0;
  };
  std::vector<Passed> passed_;              ///< so many did.
  std::vector<SelectorMemories> memories_;  ///< By fault.
  Captures made_;                           ///< Scratch of one effect.
  bool spares_emissions_;
  bool spares_attempts_;
  bool strikes_hosts_;
};

}  // namespace parallax
