// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>
#include <cstdint>
#include <vector>

#include "sim/core/prng.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// Weighted choice in constant time and without a branch to guess wrong (Walker 1977 with Vose's
/// 1991 construction): each of n columns holds at most two of the choices. Exact to 2^-64, since
/// weights are integers. Memory: 16 bytes a choice.
class AliasTable {
 public:
  AliasTable() = default;
  explicit AliasTable(const std::vector<Weighted>& choices);
  /// Zipf popularity: item k of 1 .. `items` has weight k^-theta (Gray et al., SIGMOD 1994).
  static AliasTable zipf(std::uint32_t items, double theta);

  bool empty() const { return columns_.empty(); }
  /// The `index` of the chosen one, or the item. Precondition: not empty.
  std::uint32_t pick(Draw draw) const {
    assert(!empty());
    const Wide place = static_cast<Wide>(draw.bits()) * columns_.size();
    const Column& column = columns_[static_cast<std::size_t>(place >> 64)];
    return static_cast<std::uint64_t>(place) < column.keep ? column.own : column.other;
  }

 private:
  __extension__ using Wide = unsigned __int128;
  struct Column {
    std::uint64_t keep = 0;  ///< Of 2^64: share of `own`.
    std::uint32_t own = 0, other = 0;
  };
  /// Turns the weights of `columns_`, left in `keep`, into shares.
  void balance();
  std::vector<Column> columns_;
};

}  // namespace parallax
