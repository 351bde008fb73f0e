// SPDX-License-Identifier: Apache-2.0
#include "sim/core/histogram.h"

#include <algorithm>
#include <array>

#include "sim/core/prng.h"
#include "tests/support/catch.h"

namespace parallax {
namespace {

constexpr std::array shares{Ratio{1},           Ratio{500'000'000}, Ratio{900'000'000},
                            Ratio{990'000'000}, Ratio{999'000'000}, Ratio{999'999'000}};

/// Spans over all magnitudes: microseconds to a minute.
std::vector<Micros> spans(std::uint64_t seed, std::size_t count) {
  Prng draw(seed);
  std::vector<Micros> values;
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(static_cast<Micros>(draw.below(60'000'001) >> draw.below(26)));
  return values;
}

Histogram histogram_of(const std::vector<Micros>& values) {
  Histogram made;
  for (const Micros value : values) made.record(value);
  return made;
}

/// The value of that rank in the sorted list: what the histogram stands for.
Micros oracle(std::vector<Micros> values, Ratio share) {
  std::sort(values.begin(), values.end());
  const std::uint64_t rank = (values.size() * share.parts + Ratio::one - 1) / Ratio::one;
  return values[std::max<std::uint64_t>(rank, 1) - 1];
}

}  // namespace

TEST_CASE("a percentile is the sorted list's within three digits, never below it",
          "[core][histogram]") {
  const std::uint64_t seed = GENERATE(1u, 2u, 3u, 4u, 5u);
  const std::size_t count = GENERATE(1u, 7u, 1'000u, 30'000u);
  const std::vector<Micros> values = spans(seed, count);
  const Histogram histogram = histogram_of(values);
  for (const Ratio share : shares) {
    const Micros exact = oracle(values, share);
    const Micros found = histogram.percentile(share);
    CAPTURE(seed, count, share.parts, exact, found);
    CHECK(found >= exact);
    CHECK(found - exact <= exact / 1'000);
  }
}

TEST_CASE("count, sum, least and greatest of a histogram are exact", "[core][histogram]") {
  const std::vector<Micros> values = spans(9, 10'000);
  const Histogram histogram = histogram_of(values);
  std::uint64_t sum = 0;
  for (const Micros value : values) sum += static_cast<std::uint64_t>(value);
  CHECK(histogram.count() == values.size());
  CHECK(histogram.sum() == sum);
  CHECK(histogram.min() == *std::min_element(values.begin(), values.end()));
  CHECK(histogram.max() == *std::max_element(values.begin(), values.end()));
  CHECK(histogram.percentile(Ratio::whole()) == histogram.max());
}

TEST_CASE("merging histograms is associative and commutative and equals the whole",
          "[core][histogram]") {
  std::vector<Micros> all;
  std::array<Histogram, 3> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::vector<Micros> values = spans(20 + i, 500 * (i + 1));
    parts[i] = histogram_of(values);
    parts[i].record(Histogram::value_max + static_cast<Micros>(i + 1));
    all.insert(all.end(), values.begin(), values.end());
    all.push_back(Histogram::value_max + static_cast<Micros>(i + 1));
  }
  Histogram left = parts[0];
  left.merge(parts[1]);
  left.merge(parts[2]);
  Histogram right = parts[2];
  right.merge(parts[1]);
  right.merge(parts[0]);
  CHECK(left == right);
  CHECK(left == histogram_of(all));
  Histogram with_nothing = left;
  with_nothing.merge(Histogram());
  CHECK(with_nothing == left);
}

TEST_CASE("a histogram counts its bounds, and what lies above them as such", "[core][histogram]") {
  Histogram histogram;
  histogram.record(0);
  histogram.record(Histogram::value_max);
  CHECK(histogram.above() == 0);
  histogram.record(Histogram::value_max + 1);
  histogram.record(3 * Histogram::value_max);
  CHECK(histogram.above() == 2);
  CHECK(histogram.count() == 4);
  CHECK(histogram.min() == 0);
  CHECK(histogram.max() == 3 * Histogram::value_max);
  CHECK(histogram.percentile(Ratio{990'000'000}) == 3 * Histogram::value_max);
}

TEST_CASE("an empty histogram has no values", "[core][histogram]") {
  const Histogram histogram;
  CHECK(histogram.empty());
  CHECK(histogram.percentile(Ratio{990'000'000}) == 0);
  CHECK(histogram.cells().empty());
}

TEST_CASE("a histogram comes back from its cells, and damaged ones do not", "[core][histogram]") {
  Histogram histogram = histogram_of(spans(5, 1'000));
  histogram.record(Histogram::value_max + 5);
  std::vector<Histogram::Cell> cells = histogram.cells();
  const auto restored = [&] {
    return Histogram::restore(cells, histogram.above(), histogram.min(), histogram.max(),
                              histogram.sum());
  };
  REQUIRE(restored());
  CHECK(*restored() == histogram);
  CHECK(*Histogram::restore({}, 0, 0, 0, 0) == Histogram());
  std::swap(cells[0], cells[1]);
  CHECK_FALSE(restored());
  cells = histogram.cells();
  cells.back().first = 1'000'000;
  CHECK_FALSE(restored());
  cells = histogram.cells();
  cells.erase(cells.begin());
  CHECK_FALSE(restored());
}

}  // namespace parallax
