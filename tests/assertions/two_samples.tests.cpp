// SPDX-License-Identifier: Apache-2.0
// The two tests between distributions, held against values of their textbook formulas.
#include "assertions/two_samples.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr double alarm = 0.001;

/// 1'000 numbers in even steps.
Spread ramp_from(std::int64_t first) {
  Spread spread;
  for (std::int64_t i = 0; i < 1'000; ++i) spread.add(first + i);
  return spread;
}

using Counts = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("the distance of two samples has Kolmogorov's probability", "[assertions][drift]") {
  // x = D sqrt(nm / (n + m)), p = 2 sum (-1)^(k-1) exp(-2 k^2 x^2): of D = 0.05 and 0.1.
  const SampleTest near = kolmogorov_smirnov(ramp_from(0), ramp_from(50), alarm);
  CHECK(near.distance == Approx(0.05));
  CHECK(near.p == Approx(0.16408).epsilon(1e-3));
  const SampleTest far = kolmogorov_smirnov(ramp_from(0), ramp_from(100), alarm);
  CHECK(far.p == Approx(9.08e-5).epsilon(1e-3));
  // Where p is the alarm: sqrt(-ln(alarm / 2) / 2) / sqrt(nm / (n + m)).
  CHECK(far.floor == Approx(0.08718).epsilon(1e-3));
  // For no distance the series does not converge.
  CHECK(kolmogorov_smirnov(ramp_from(0), ramp_from(0), alarm).p == 1);
  CHECK(kolmogorov_smirnov(ramp_from(0), ramp_from(10), alarm).p == 1);
}

TEST_CASE("counts of values have Pearson's probability", "[assertions][drift]") {
  // 50^2 / 950 + 50^2 / 1050 = 5.0125 with one degree of freedom.
  const SampleTest two = chi_square(Counts{500, 500}, Counts{450, 550}, alarm);
  CHECK(two.distance == Approx(0.05));
  CHECK(two.p == Approx(0.02516).epsilon(1e-3));
  // 10.8276 is exceeded once in a thousand.
  CHECK(two.floor == Approx(0.07358).epsilon(1e-3));
  CHECK(chi_square(Counts{1'000}, Counts{1'000}, alarm).p == 1);
}

TEST_CASE("values that are expected fewer than five times are counted together",
          "[assertions][drift]") {
  // Four of three each are one cell of twelve: two degrees of freedom, p = exp(-5.0737 / 2).
  const SampleTest rare =
      chi_square(Counts{494, 494, 3, 3, 3, 3}, Counts{444, 544, 3, 3, 3, 3}, alarm);
  CHECK(rare.p == Approx(0.0791).epsilon(1e-3));
  // Rare here and frequent there is a difference of its own.
  CHECK(chi_square(Counts{990, 10, 0, 0}, Counts{990, 0, 5, 5}, alarm).p < 0.01);
  // Expected just five times each is a cell each: three degrees.
  const SampleTest edge = chi_square(Counts{495, 495, 5, 5}, Counts{445, 545, 5, 5}, alarm);
  CHECK(edge.p == Approx(0.1672).epsilon(1e-3));
}

}  // namespace parallax::test
