// SPDX-License-Identifier: Apache-2.0
#include "sim/core/histogram.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <limits>
#include <numeric>

namespace parallax {
namespace {

/// The power of two that tells 2'000 values apart: three digits in the worst place, just above
/// 1'000.
constexpr unsigned fine_bits = 11;
constexpr std::uint64_t fine = std::uint64_t{1} << fine_bits;
constexpr std::uint64_t half = fine / 2;

/// Bucket 0 uses all of its `fine` counters; the lower half of any other would repeat the bucket
/// before it, so each adds `half` counters.
constexpr std::size_t place_of(std::uint64_t value) {
  const unsigned width = static_cast<unsigned>(std::bit_width(value | (fine - 1)));
  const unsigned shift = width - fine_bits;
  return static_cast<std::size_t>(shift * half + (value >> shift));
}

/// The greatest value that is counted at `place`.
constexpr Micros top_of(std::size_t place) {
  if (place < fine) return static_cast<Micros>(place);
  const std::size_t shift = place / half - 1;
  const std::uint64_t part = place - shift * half;
  return static_cast<Micros>(((part + 1) << shift) - 1);
}

constexpr std::size_t places = place_of(static_cast<std::uint64_t>(Histogram::value_max)) + 1;
static_assert(top_of(place_of(2'047)) == 2'047 && top_of(place_of(2'048)) == 2'049);

}  // namespace

Histogram::Histogram() : counts_(places), min_(std::numeric_limits<Micros>::max()) {}

void Histogram::record(Micros value) {
  assert(value >= 0);
  const auto magnitude = static_cast<std::uint64_t>(value);
  if (value > value_max) {
    ++above_;
  } else {
    ++counts_[place_of(magnitude)];
  }
  ++count_;
  sum_ += magnitude;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < places; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  above_ += other.above_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

Micros Histogram::percentile(Ratio share) const {
  if (count_ == 0) return 0;
  // In two parts, so that no product overflows.
  const std::uint64_t rest = count_ % Ratio::one * share.parts;
  const std::uint64_t rank =
      count_ / Ratio::one * share.parts + (rest + Ratio::one - 1) / Ratio::one;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < places; ++i) {
    seen += counts_[i];
    if (seen >= std::max<std::uint64_t>(rank, 1)) return std::clamp(top_of(i), min_, max_);
  }
  return max_;
}

std::vector<Histogram::Cell> Histogram::cells() const {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < places; ++i)
    if (counts_[i] > 0) cells.emplace_back(static_cast<std::uint32_t>(i), counts_[i]);
  return cells;
}

Result<Histogram> Histogram::restore(std::span<const Cell> cells, std::uint64_t above, Micros min,
                                     Micros max, std::uint64_t sum) {
  const auto damaged = [](const char* what) {
    return Error{Error::Kind::invalid_input, what, "histogram"};
  };
  Histogram made;
  std::size_t free = 0;
  for (const auto& [place, count] : cells) {
    if (place < free || place >= places || count == 0)
      return damaged("the counters are not in order");
    free = place + std::size_t{1};
    made.counts_[place] = count;
    made.count_ += count;
  }
  made.above_ = above;
  made.count_ += above;
  if (made.count_ == 0) {
    if (sum != 0) return damaged("a sum of nothing");
    return made;
  }
  const bool in_place =
      min >= 0 && min <= max && (above > 0) == (max > value_max) &&
      (cells.empty() || place_of(static_cast<std::uint64_t>(min)) == cells.front().first) &&
      (above > 0 || place_of(static_cast<std::uint64_t>(max)) == cells.back().first);
  if (!in_place) return damaged("the least or the greatest value is not where the counters are");
  made.min_ = min;
  made.max_ = max;
  made.sum_ = sum;
  return made;
}

}  // namespace parallax
