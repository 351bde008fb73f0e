// SPDX-License-Identifier: Apache-2.0
#include "sim/core/prng.h"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/catch.h"

using namespace parallax;

namespace {

/// Sum of (seen - expected)^2 / expected over cells of equal expectation.
double chi_square(const std::vector<std::uint64_t>& cells, double expected) {
  double sum = 0;
  for (const std::uint64_t seen : cells)
    sum += (static_cast<double>(seen) - expected) * (static_cast<double>(seen) - expected);
  return sum / expected;
}

struct Moments {
  double mean = 0, variance = 0;
};
template <class Draw>
Moments moments(int count, Draw draw) {
  double sum = 0, squares = 0;
  for (int i = 0; i < count; ++i) {
    const double x = draw();
    sum += x;
    squares += x * x;
  }
  const double mean = sum / count;
  return {mean, squares / count - mean * mean};
}

}  // namespace

TEST_CASE("a seed gives the same draws on every machine", "[core][prng]") {
  Prng draw(42);
  CHECK(draw.next() == 0x57e1faba65107204U);
  CHECK(draw.next() == 0xf4abd143feb24055U);
  CHECK(draw.below(1'000'000) == 486'349U);
  CHECK(draw.between(-500, 500) == -433);
  CHECK(draw.unit() == 0x1.5a94b320c5fa2p-1);
  CHECK(draw.exponential() == 0x1.59055c6914800p+1);
  CHECK(draw.normal() == -0x1.b778ba29bd699p-1);
  CHECK(draw.stream("journey").keyed(7).next() == 0x24efedc6a93f6c86U);
}

TEST_CASE("a stream depends on its keys and not on what was drawn before", "[core][prng]") {
  const Prng fresh(7);
  Prng used(7);
  for (int i = 0; i < 100; ++i) used.next();
  CHECK(fresh.stream("fault").keyed(3) == used.stream("fault").keyed(3));
  CHECK(fresh.stream("fault") != fresh.stream("faults"));
  CHECK(fresh.keyed(1).keyed(2) != fresh.keyed(2).keyed(1));
  CHECK(fresh.keyed(0) != fresh);
}

TEST_CASE("streams of neighbouring keys are independent", "[core][prng]") {
  const Prng run(1);
  int same_bits = 0;
  constexpr int streams = 10'000;
  for (std::uint64_t key = 0; key < streams; ++key)
    same_bits += 64 - std::popcount(run.keyed(key).next() ^ run.keyed(key + 1).next());
  CHECK(std::abs(same_bits - 32 * streams) < 5 * 4 * std::sqrt(streams));  // Binomial(64 n, 1/2)
}

TEST_CASE("below and between are uniform and stay within their bounds", "[core][prng]") {
  Prng draw(GENERATE(1u, 2u, 3u));
  std::vector<std::uint64_t> below(100), between(100);
  for (int i = 0; i < 100'000; ++i) {
    ++below.at(draw.below(100));
    ++between.at(static_cast<std::size_t>(draw.between(-50, 49) + 50));
  }
  CHECK(chi_square(below, 1'000) < 180);  // 99 degrees of freedom: 99 + 5.75 deviations of 14.07
  CHECK(chi_square(between, 1'000) < 180);
  CHECK(draw.below(1) == 0);
  CHECK(draw.between(-3, -3) == -3);
}

TEST_CASE("between covers half of all integers", "[core][prng]") {
  Prng draw(6);
  constexpr std::int64_t high = std::numeric_limits<std::int64_t>::max() - 1;
  const Moments m =
      moments(10'000, [&] { return static_cast<double>(draw.between(0, high)) / 0x1p63; });
  CHECK(std::abs(m.mean - 0.5) < 5 * std::sqrt(1.0 / 12 / 10'000));
}

TEST_CASE("chance comes true about as often as its ratio says", "[core][prng]") {
  Prng draw(GENERATE(1u, 2u, 3u));
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += draw.chance(Ratio{250'000'000}) ? 1 : 0;
  CHECK(std::abs(hits - 25'000) < 5 * std::sqrt(100'000 * 0.25 * 0.75));
  for (int i = 0; i < 1'000; ++i) {
    REQUIRE_FALSE(draw.chance(Ratio::zero()));
    REQUIRE(draw.chance(Ratio::whole()));
  }
}

TEST_CASE("unit is uniform and never reaches 1", "[core][prng]") {
  Prng draw(8);
  std::vector<std::uint64_t> cells(100);
  for (int i = 0; i < 100'000; ++i) ++cells.at(static_cast<std::size_t>(draw.unit() * 100));
  CHECK(chi_square(cells, 1'000) < 180);
}

TEST_CASE("exponential draws have mean 1, variance 1 and the right shape", "[core][prng]") {
  Prng draw(GENERATE(1u, 2u, 3u));
  constexpr int count = 200'000;
  std::vector<std::uint64_t> cells(10);
  const Moments m = moments(count, [&] {
    const double x = draw.exponential();
    ++cells.at(std::min<std::size_t>(9, static_cast<std::size_t>(10 * (1 - std::exp(-x)))));
    return x;
  });
  CHECK(std::abs(m.mean - 1) < 5 / std::sqrt(count));
  CHECK(std::abs(m.variance - 1) < 5 * std::sqrt(8.0 / count));  // fourth central moment 9
  CHECK(chi_square(cells, count / 10.0) < 36);                   // 9 degrees: p about 4e-5
}

TEST_CASE("exponential draws are the logarithm to 2e-6, down to the last bit set", "[core][prng]") {
  Prng draw(4);
  for (int i = 0; i < 100'000; ++i) {
    const Draw one(draw.next() >> (i % 64));
    const double exact = -std::log((static_cast<double>(one.bits() | 1)) * 0x1.0p-64);
    const double error = one.exponential() - exact;
    REQUIRE(error > -1e-9);
    REQUIRE(error < 2e-6);
  }
}

TEST_CASE("a numbered draw is the one that comes in its turn", "[core][prng]") {
  const Prng numbered(9);
  Prng taken(9);
  for (std::uint64_t n = 1; n < 5; ++n) CHECK(numbered.at(n).bits() == taken.next());
}

TEST_CASE("normal draws have mean 0, variance 1 and the right shape", "[core][prng]") {
  Prng draw(GENERATE(1u, 2u, 3u));
  constexpr int count = 200'000;
  std::vector<std::uint64_t> cells(10);
  const Moments m = moments(count, [&] {
    const double x = draw.normal();
    ++cells.at(
        std::min<std::size_t>(9, static_cast<std::size_t>(5 * std::erfc(-x / std::sqrt(2)))));
    return x;
  });
  CHECK(std::abs(m.mean) < 5 / std::sqrt(count));
  CHECK(std::abs(m.variance - 1) < 5 * std::sqrt(2.0 / count));
  CHECK(chi_square(cells, count / 10.0) < 36);
}
