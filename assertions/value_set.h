// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace parallax {

/// Which values must be there, may be there and are there, as 61-bit hashes: 8 bytes each, exact
/// but for two values of one hash (one run of ten million values in 40'000 has such a pair).
/// Merging is order-independent.
class ValueSet {
 public:
  enum Mark : std::uint8_t { must = 1, may = 2, stands = 4 };
  void add(std::uint64_t hash, Mark mark);
  void merge(const ValueSet& later);

  struct Counts {
    std::uint64_t must = 0;     ///< Distinct values that have to be there.
    std::uint64_t allowed = 0;  ///< Those and the ones that may be.
    std::uint64_t there = 0;
    std::uint64_t missing = 0;  ///< Of `must`, not there.
    std::uint64_t strange = 0;  ///< There, and not allowed.
  };
  Counts counts() const;

 private:
  /// Once it has doubled.
  void boil_down();

  std::vector<std::uint64_t> values_;  ///< Hash above, Marks in the lowest three bits.
  std::size_t settled_ = 0;            ///< How many were left when it was boiled down last.
};

}  // namespace parallax
