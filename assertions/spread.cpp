// SPDX-License-Identifier: Apache-2.0
#include "assertions/spread.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace parallax {
namespace {

constexpr unsigned digits = 6;  ///< Bits behind the leading one.
constexpr std::size_t fine = std::size_t{1} << digits;
constexpr std::size_t side = fine * (63 - digits + 1);  ///< Cells of either sign.

std::size_t place_of(std::uint64_t size) {
  if (size < 2 * fine) return static_cast<std::size_t>(size);
  const unsigned shift = static_cast<unsigned>(std::bit_width(size)) - digits - 1;
  return fine * shift + static_cast<std::size_t>(size >> shift);
}

/// Largest size at a place.
std::uint64_t end_of(std::size_t place) {
  if (place < 2 * fine) return place;
  const std::size_t shift = place / fine - 1;
  return ((std::uint64_t{place % fine + fine} + 1) << shift) - 1;
}

}  // namespace

void Spread::add(std::int64_t value) {
  if (cells_.empty()) cells_.resize(2 * side);
  // -1 mirrors 0: ~value is how far below.
  const std::size_t cell = value < 0 ? side - 1 - place_of(static_cast<std::uint64_t>(~value))
                                     : side + place_of(static_cast<std::uint64_t>(value));
  ++cells_[cell];
  ++count_;
}

void Spread::merge(const Spread& later) {
  if (later.cells_.empty()) return;
  if (cells_.empty()) cells_.resize(2 * side);
  for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += later.cells_[i];
  count_ += later.count_;
}

std::int64_t Spread::percentile(Ratio share) const {
  assert(count_ > 0);
  __extension__ using Wide = unsigned __int128;
  const Wide wanted = Wide{count_} * share.parts;
  std::uint64_t seen = 0;
  std::size_t cell = 0;
  for (; cell + 1 < cells_.size(); ++cell) {
    seen += cells_[cell];
    if (seen > 0 && Wide{seen} * Ratio::one >= wanted) break;
  }
  if (cell >= side) return static_cast<std::int64_t>(end_of(cell - side));
  const std::size_t place = side - 1 - cell;
  const std::uint64_t nearest = place == 0 ? 0 : end_of(place - 1) + 1;
  return ~static_cast<std::int64_t>(nearest);
}

double distance(const Spread& a, const Spread& b) {
  assert(a.count_ > 0 && b.count_ > 0);
  std::uint64_t below_a = 0, below_b = 0;
  double most = 0;
  for (std::size_t i = 0; i < a.cells_.size(); ++i) {
    below_a += a.cells_[i];
    below_b += b.cells_[i];
    most = std::max(most, std::abs(static_cast<double>(below_a) / static_cast<double>(a.count_) -
                                   static_cast<double>(below_b) / static_cast<double>(b.count_)));
  }
  return most;
}

}  // namespace parallax
