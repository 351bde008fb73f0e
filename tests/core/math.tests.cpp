// SPDX-License-Identifier: Apache-2.0
#include "sim/core/math.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sim/core/prng.h"
#include "tests/support/catch.h"

using namespace parallax;

namespace {

constexpr double error_max = 4e-15;

/// How far `ours` is from a reference that is itself computed with 64 bits.
double relative_error(double ours, long double reference) {
  return static_cast<double>(std::fabs((ours - reference) / reference));
}
std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

/// A positive double of any magnitude, subnormal ones included.
double any_positive(Prng& draw) {
  for (;;) {
    const auto x = std::bit_cast<double>(draw.next() >> 1);
    if (x > 0 && std::isfinite(x)) return x;
  }
}

}  // namespace

TEST_CASE("log is as close to the truth as its header says", "[core][math]") {
  Prng draw(1);
  double worst = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double x = any_positive(draw);
    worst = std::max(worst, relative_error(math::log(x), std::log(static_cast<long double>(x))));
  }
  for (int i = 1; i < 100'000; ++i) {  // Around 1, where the result is small.
    const double x = 1 + (i - 50'000) * 1e-5 + 1e-9;
    worst = std::max(worst, relative_error(math::log(x), std::log(static_cast<long double>(x))));
  }
  CHECK(worst < error_max);
  CHECK(math::log(1) == 0);
}

TEST_CASE("exp is as close to the truth as its header says", "[core][math]") {
  Prng draw(2);
  double worst = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double x = (draw.unit() - 0.5) * 1'400;
    worst = std::max(worst, relative_error(math::exp(x), std::exp(static_cast<long double>(x))));
    const double y = (draw.unit() - 0.5) * 1e-3;
    worst = std::max(worst, relative_error(math::exp(y), std::exp(static_cast<long double>(y))));
  }
  CHECK(worst < error_max);
  CHECK(math::exp(0) == 1);
}

TEST_CASE("pow is as close to the truth as its header says", "[core][math]") {
  Prng draw(3);
  double worst = 0;
  for (int i = 0; i < 200'000; ++i) {
    const double x = any_positive(draw);
    const double y = (draw.unit() - 0.5) * 1'400 / std::log(x);
    const long double truth = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    worst = std::max(worst, relative_error(math::pow(x, y), truth));
  }
  CHECK(worst < error_max);
}

TEST_CASE("pow of whole numbers is exact", "[core][math]") {
  CHECK(math::pow(10, 3) == 1'000);
  CHECK(math::pow(2, 52) == 4'503'599'627'370'496);
  CHECK(math::pow(3, 20) == 3'486'784'401);
  CHECK(math::pow(7, 0) == 1);
  CHECK(math::pow(1, 1e6) == 1);
  CHECK(math::pow(4, 0.5) == 2);
  CHECK(math::pow(2, -1) == 0.5);
}

TEST_CASE("pow beyond the range of a double is infinity or zero", "[core][math]") {
  CHECK(math::pow(10, 400) == std::numeric_limits<double>::infinity());
  CHECK(math::pow(10, -400) == 0);
  CHECK(relative_error(math::pow(2, 1'023.5), std::pow(2.0L, 1'023.5L)) < error_max);
}

TEST_CASE("the normal quantile inverts the normal distribution", "[core][math]") {
  Prng draw(4);
  double worst = 0;
  for (int i = 0; i < 100'000; ++i) {
    // Half of the points far out in the lower tail, where erfc keeps its relative precision.
    const double p = i % 2 == 0 ? draw.unit() / 2 + 1e-12 : std::exp(-300 * draw.unit() - 0.7);
    const long double x = math::normal_quantile(p);
    const long double back = std::erfc(-x / std::sqrt(2.0L)) / 2;
    // d ln P / d ln |x| is about x^2: an error of x shows that much larger in the probability.
    worst = std::max(worst, relative_error(p, back) / (1 + static_cast<double>(x * x)));
  }
  CHECK(worst < error_max);
}

TEST_CASE("the normal quantile has the values of every table", "[core][math]") {
  CHECK(math::normal_quantile(0.5) == 0);
  CHECK(math::normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-15));
  CHECK(math::normal_quantile(0.025) == Approx(-1.959963984540054).epsilon(1e-15));
  CHECK(math::normal_quantile(0.9999) == Approx(3.719016485455709).epsilon(1e-15));
  CHECK(math::normal_quantile(1e-10) == Approx(-6.361340902404056).epsilon(1e-15));
}

TEST_CASE("the last bit is the same on every machine", "[core][math]") {
  CHECK(bits(math::log(3)) == 0x3ff193ea7aad030bU);
  CHECK(bits(math::log(1e-300)) == 0xc085963447f87fb5U);
  CHECK(bits(math::exp(-1.5)) == 0x3fcc8f87724b5c1dU);
  CHECK(bits(math::exp(300.25)) == 0x5b01fda3eaeb3d0eU);
  CHECK(bits(math::pow(0.7, 33.3)) == 0x3edd22b9a1b3dbeeU);
  CHECK(bits(math::normal_quantile(0.3)) == 0xbfe0c7e39582c5faU);
  CHECK(bits(math::normal_quantile(0.05)) == 0xbffa515209676abdU);
  CHECK(bits(math::normal_quantile(1e-20)) == 0xc022865170b43a4bU);
  std::uint64_t all = 0;
  Prng draw(5);
  for (int i = 0; i < 10'000; ++i) {
    all = mix64(all ^ bits(math::log(any_positive(draw))));
    all = mix64(all ^ bits(math::exp((draw.unit() - 0.5) * 1'400)));
    all = mix64(all ^ bits(math::pow(draw.unit() + 0.1, draw.unit() * 200)));
    all = mix64(all ^ bits(math::normal_quantile(draw.unit() * 0.999 + 1e-9)));
  }
  CHECK(all == 0x60f506371f3e5a47U);
}
