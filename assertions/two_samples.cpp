// SPDX-License-Identifier: Apache-2.0
#include "assertions/two_samples.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <numeric>

#include "sim/core/math.h"

namespace parallax {
namespace {

constexpr double expected_min = 5;

double sum_of(const std::vector<std::uint64_t>& counts) {
  return static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
}

/// The statistic, and over how many cells it was built.
struct ChiSquare {
  double value = 0;
  std::size_t cells = 0;

  void add(double a, double b, double n, double m) {
    const double share = (a + b) / (n + m);
    if (share == 0) return;
    const double off_a = a - n * share, off_b = b - m * share;
    value += off_a * off_a / (n * share) + off_b * off_b / (m * share);
    ++cells;
  }
};

}  // namespace

SampleTest kolmogorov_smirnov(const Spread& a, const Spread& b, double alarm) {
  const double n = static_cast<double>(a.count()), m = static_cast<double>(b.count());
  const double scale = std::sqrt(n * m / (n + m));
  SampleTest test;
  test.distance = distance(a, b);
  test.floor = std::sqrt(-math::log(alarm / 2) / 2) / scale;
  const double x = scale * test.distance;
  double tail = 0;
  for (int k = 1; k <= 20; ++k) {
    const double power = 2.0 * k * k * x * x;
    if (power > 700) break;
    tail += (k % 2 == 1 ? 2 : -2) * math::exp(-power);
  }
  // The series does not converge for distances that are no evidence of anything.
  test.p = x < 0.3 ? 1 : std::clamp(tail, 0.0, 1.0);
  return test;
}

SampleTest chi_square(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b,
                      double alarm) {
  const double n = sum_of(a), m = sum_of(b);
  SampleTest test;
  ChiSquare chi;
  double rare_a = 0, rare_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double in_a = static_cast<double>(a[i]), in_b = static_cast<double>(b[i]);
    test.distance += std::abs(in_a / n - in_b / m) / 2;
    if ((in_a + in_b) * std::min(n, m) / (n + m) < expected_min) {
      rare_a += in_a;
      rare_b += in_b;
    } else {
      chi.add(in_a, in_b, n, m);
    }
  }
  chi.add(rare_a, rare_b, n, m);
  if (chi.cells < 2) return test;
  const boost::math::chi_squared law(static_cast<double>(chi.cells - 1));
  test.p = cdf(complement(law, chi.value));
  test.floor = std::sqrt(quantile(complement(law, alarm)) * (1 / n + 1 / m)) / 2;
  return test;
}

}  // namespace parallax
