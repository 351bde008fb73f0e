// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "fault/chain.h"
#include "fault/selector.h"
#include "sim/core/prng.h"
#include "sim/core/ratio.h"

/// The quick way past the faults of a chain: of its own business.
namespace parallax {

/// What it takes to see that a gate lets an emission or attempt pass: of nearly every one, so that
/// it lies close together.
struct FaultSieve {
  std::uint32_t gate = 0;  ///< Index among those of its kind.
  std::uint32_t scope = 0;
  bool plain = false;  ///< Otherwise the rest says nothing.
  Prng stream{0};
  std::uint64_t struck_up_to = 0;  ///< The last draw that is struck.
  std::uint64_t bit = 0;

  bool strikes(const Candidate& candidate) const {
    return stream.at(candidate.entities[scope]).bits() <= struck_up_to;
  }
};

/// All gates before one kind. Where none strikes, as mostly, each plain one has passed it over:
/// that is noted once for all of them.
struct FaultSieves {
  std::vector<FaultSieve> list;
  std::uint64_t plain_bits = 0;
};

/// The last of 64 bits of which Draw::chance makes a yes. Precondition: the rate is above zero.
inline std::uint64_t last_within(Ratio rate) {
  __extension__ using Wide = unsigned __int128;
  const Wide first_without = ((Wide{rate.parts} << 64U) + Ratio::one - 1) / Ratio::one;
  return static_cast<std::uint64_t>(first_without - 1);
}

template <class Gate>
void add_sieve(const Gate& gate, std::size_t index, FaultSieves& sieves) {
  FaultSieve sieve{.gate = static_cast<std::uint32_t>(index),
                   .scope = static_cast<std::uint32_t>(gate.scope),
                   .plain = gate.plain && gate.rate != Ratio::zero()};
  if (sieve.plain) {
    sieve.stream = gate.stream;
    sieve.struck_up_to = last_within(gate.rate);
    sieve.bit = gate.bit;
    sieves.plain_bits |= gate.bit;
  }
  sieves.list.push_back(sieve);
}

template <class Gate>
FaultSieves sieves_before(const std::vector<Gate>& gates) {
  FaultSieves sieves;
  for (std::size_t i = 0; i < gates.size(); ++i) add_sieve(gates[i], i, sieves);
  return sieves;
}

/// By what an emission is withheld for: those that reach it.
using SievesByWithheld = std::array<FaultSieves, 4>;
template <class Gate>
SievesByWithheld sieves_by_withheld(const std::vector<Gate>& gates) {
  SievesByWithheld sieves;
  for (std::size_t i = 0; i < gates.size(); ++i)
    add_sieve(gates[i], i, sieves[static_cast<std::size_t>(gates[i].reach.withheld)]);
  return sieves;
}

/// The plain gates before the `nth` of the list have passed something over.
template <class Gate>
void note_passed(const std::vector<Gate>& gates, const FaultSieves& sieves, const FaultSieve* nth,
                 std::vector<FaultCounts>& counts, std::uint64_t& skipped) {
  for (const FaultSieve* sieve = sieves.list.data(); sieve != nth; ++sieve) {
    if (!sieve->plain) continue;
    ++counts[gates[sieve->gate].fault].skipped;
    skipped |= sieve->bit;
  }
}

/// All of them have, so often.
template <class Gate>
void add_passed(const std::vector<Gate>& gates, const FaultSieves& sieves, std::uint64_t times,
                std::vector<FaultCounts>& counts) {
  for (const FaultSieve& sieve : sieves.list)
    if (sieve.plain) counts[gates[sieve.gate].fault].skipped += times;
}

}  // namespace parallax
