// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/core/ratio.h"

namespace parallax {

/// Signed values of any size counted in fixed memory (60 kB): below 128 one by one, above with two
/// significant digits, by the bucket layout of HdrHistogram (sim/core/histogram.h, which is for
/// spans up to a minute). Adding is exact and merging order-independent.
class Spread {
 public:
  void add(std::int64_t value);
  void merge(const Spread& later);
  std::uint64_t count() const { return count_; }
  /// The least value, within a sixty-fourth and never below it, that at least this share of the
  /// values does not exceed. Precondition: count() > 0.
  std::int64_t percentile(Ratio share) const;

  /// Largest difference between the two distribution functions, at the buckets' ends: never more
  /// than that of the values themselves. Precondition: neither is empty.
  friend double distance(const Spread& a, const Spread& b);

 private:
  std::vector<std::uint64_t> cells_;  ///< Empty until the first value.
  std::uint64_t count_ = 0;
};

double distance(const Spread& a, const Spread& b);

}  // namespace parallax
