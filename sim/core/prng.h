// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <string_view>

#include "sim/core/id.h"
#include "sim/core/ratio.h"

namespace parallax {

/// Bijective 64-bit finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom
/// Number Generators, OOPSLA 2014, variant 13 of Stafford). The base of every draw.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9U;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// Natural logarithms of 1 + i / cells, for i = 0 .. cells, in units of 2^-40: what is multiplied
/// with them stays within 64 bits.
struct LogTable {
  static constexpr unsigned cell_bits = 8;
  static constexpr std::size_t cells = std::size_t{1} << cell_bits;
  static constexpr double unit = 0x1.0p-40;
  static constexpr std::int64_t ln2 = 762'123'384'786;  // round(ln 2 * 2^40)
  std::array<std::int64_t, cells + 1> logs;
};
extern const LogTable log_table;

/// One draw: 64 random bits, and what may be made of them. Each way uses them all, so a draw is
/// asked once. The output is the same on every platform: integers, or doubles made with the
/// functions of math.h.
class Draw {
 public:
  explicit constexpr Draw(std::uint64_t bits) : bits_(bits) {}
  constexpr std::uint64_t bits() const { return bits_; }

  /// Uniform in 0 .. n-1. Precondition: n > 0. Multiply-shift (Lemire 2019) without rejection: bias
  /// at most n / 2^64.
  std::uint64_t below(std::uint64_t n) const {
    assert(n > 0);
    return static_cast<std::uint64_t>(static_cast<Wide>(bits_) * n >> 64);
  }
  /// Uniform in low .. high, both included. Precondition: low <= high, high - low < 2^63.
  std::int64_t between(std::int64_t low, std::int64_t high) const {
    assert(low <= high);
    const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    assert(span < std::uint64_t{1} << 63);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + below(span + 1));
  }
  /// True with probability `p`, exactly to 2^-34.
  bool chance(Ratio p) const { return below(Ratio::one) < p.parts; }
  /// Uniform in [0, 1): 53 random bits.
  double unit() const { return static_cast<double>(bits_ >> 11) * 0x1.0p-53; }
  /// Negative exponential with mean 1, by inverse transform: too large by at most 2e-6, for the
  /// logarithm is read off a table, and never above 45.
  double exponential() const {
    // -ln u for u = x / 2^64, x odd and so never 0. In whole numbers: u = (1 + f) / 2^(zeros + 1),
    // and ln(1 + f) between the two table entries beside f.
    const std::uint64_t x = bits_ | 1;
    const int zeros = std::countl_zero(x);
    const std::uint64_t fraction = x << zeros << 1;
    const std::int64_t* const beside = &log_table.logs[fraction >> (64 - LogTable::cell_bits)];
    const std::uint64_t within = fraction << LogTable::cell_bits >> 33;  // of 2^31
    const auto step = static_cast<std::uint64_t>(beside[1] - beside[0]);
    const std::int64_t log = beside[0] + static_cast<std::int64_t>(step * within >> 31);
    return static_cast<double>((zeros + 1) * LogTable::ln2 - log) * LogTable::unit;
  }
  /// Normal with mean 0, deviation 1 (inverse transform, Wichura AS 241).
  double normal() const;

 private:
  __extension__ using Wide = unsigned __int128;
  std::uint64_t bits_;
};

/// Counter-based random stream: a pure function of (seed, purpose, entity, step) and of how many
/// draws were taken. Streams of different keys are independent, so that adding a fault or a field
/// never moves another one's draw. A value type of two words; copy freely.
class Prng {
 public:
  explicit constexpr Prng(std::uint64_t seed) : key_(mix64(seed + golden)), counter_(0) {}

  /// The stream for (this key, purpose). Hashes the name: compute once, not per event.
  Prng stream(std::string_view purpose) const { return keyed(hash_text(purpose)); }
  /// The stream for (this key, n): an entity or a step. It costs as much as a draw.
  constexpr Prng keyed(std::uint64_t n) const {
    return Prng(mix64(key_ + entity_stride * (n + 1)), 0);
  }

  /// The n-th draw from 1, without taking it: for choices that have a number each, small or a hash,
  /// and move none of the others.
  constexpr Draw at(std::uint64_t n) const { return Draw(mix64(key_ + golden * n)); }
  constexpr Draw draw() { return at(++counter_); }

  /// One draw each, as Draw has them.
  constexpr std::uint64_t next() { return draw().bits(); }
  std::uint64_t below(std::uint64_t n) { return draw().below(n); }
  std::int64_t between(std::int64_t low, std::int64_t high) { return draw().between(low, high); }
  bool chance(Ratio p) { return draw().chance(p); }
  double unit() { return draw().unit(); }
  double exponential() { return draw().exponential(); }
  double normal() { return draw().normal(); }

  friend bool operator==(const Prng&, const Prng&) = default;

 private:
  static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
  /// Another odd number than `golden`, so that no draw is another stream's key. (Steele and Vigna,
  /// Computationally easy, spectrally good multipliers, 2021.)
  static constexpr std::uint64_t entity_stride = 0xd1342543de82ef95U;
  constexpr Prng(std::uint64_t key, std::uint64_t counter) : key_(key), counter_(counter) {}
  std::uint64_t key_;
  std::uint64_t counter_;
};

}  // namespace parallax
