// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>
#include <cstdint>
#include <vector>

#include "sim/core/prng.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// Weighted choice over a handful of branches by cumulative sums: exact, since weights are
/// integers.
class WeightTable {
 public:
  WeightTable() = default;
  explicit WeightTable(const std::vector<Weighted>& choices);

  bool empty() const { return sums_.empty(); }
  /// The `index` of the chosen branch. Precondition: not empty. One draw.
  std::uint32_t pick(Prng& draw) const {
    assert(!sums_.empty());
    const std::uint64_t point = draw.below(sums_.back());
    const std::uint64_t* sum = sums_.data();
    while (*sum <= point) ++sum;
    return indices_[static_cast<std::size_t>(sum - sums_.data())];
  }

 private:
  std::vector<std::uint64_t> sums_;
  std::vector<std::uint32_t> indices_;
};

/// Choice among n items in constant time (Walker 1977 with Vose's 1991 construction), for Zipf
/// popularity: item k of 1..n has weight k^-theta (Gray et al., SIGMOD 1994).
/// Memory: 12 bytes an item.
class AliasTable {
 public:
  AliasTable() = default;
  static AliasTable zipf(std::uint32_t items, double theta);

  /// 1 .. n. Precondition: made by `zipf`. Two draws.
  std::uint32_t pick(Prng& draw) const;

 private:
  std::vector<std::uint64_t> keep_;  ///< Of 2^32: chance to keep the column.
  std::vector<std::uint32_t> alias_;
};

}  // namespace parallax
