// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sim/core/ratio.h"
#include "sim/core/result.h"
#include "sim/core/time.h"

namespace parallax {

/// Spans of time counted in fixed memory (140 kB): 1 us .. 60 s with three significant digits, by
/// the bucket layout of HdrHistogram (G. Tene, https://hdrhistogram.org). Bucket 0 counts values
/// below 2'048 one by one; every further bucket covers twice the span with 1'024 counters, so no
/// counter is wider than a thousandth of its values. All state is integers that add up: merging is
/// associative and commutative, and parts merged in any order equal the whole.
///
/// Count, sum, least and greatest are exact. A value above `value_max` is counted as `above` and
/// takes part in all four. Not thread-safe: one a thread, merged at the end.
class Histogram {
 public:
  static constexpr Micros value_max = 60 * second;
  /// One counter that is not zero: its place and its count.
  using Cell = std::pair<std::uint32_t, std::uint64_t>;

  Histogram();
  /// Precondition: value >= 0.
  void record(Micros value);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t above() const { return above_; }
  bool empty() const { return count_ == 0; }
  Micros min() const { return count_ == 0 ? 0 : min_; }
  Micros max() const { return max_; }
  std::uint64_t sum() const { return sum_; }
  double mean() const;
  /// The least recorded value, within three digits and never below it, that at least this share of
  /// all values does not exceed; 0 when empty. `whole()` gives the exact greatest.
  Micros percentile(Ratio share) const;

  /// For files: the counters in ascending order, from which `restore` makes an equal histogram.
  std::vector<Cell> cells() const;
  /// Errors (invalid_input): a place out of range or out of order, counts that do not add up.
  static Result<Histogram> restore(std::span<const Cell> cells, std::uint64_t above, Micros min,
                                   Micros max, std::uint64_t sum);

  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t above_ = 0;
  std::uint64_t sum_ = 0;
  Micros min_;
  Micros max_ = 0;
};

}  // namespace parallax
