// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

/// Tests of fit. Each answers its p-value: how likely a deviation at least as large is where the
/// sample is what it should be. A check that asks for p >= alarm raises a false alarm for a share
/// `alarm` of all seeds; our seeds are fixed, so that it does for ever or never.
namespace parallax::test {

constexpr double alarm = 1e-6;

/// Of a sum whose mean and variance are known and that is near normal (20 or more on either side).
inline double p_of_sum(double sum, double mean, double variance) {
  assert(variance > 0);
  const double z = std::abs(sum - mean) / std::sqrt(variance);
  return 2 * cdf(complement(boost::math::normal(), z));
}
/// `hits` of `tries` independent ones with probability `p` each.
inline double p_of_share(double hits, double tries, double p) {
  assert(tries * p >= 20 && tries * (1 - p) >= 20);
  return p_of_sum(hits, tries * p, tries * p * (1 - p));
}

/// Pearson's chi-square for counts against weights (Knuth, TAOCP 2, 3.3.1). Classes whose
/// expectation is below 10 go together with the next.
inline double p_of_counts(const std::vector<double>& counts, const std::vector<double>& weights) {
  assert(counts.size() == weights.size());
  double n = 0, whole = 0, chi = 0, seen = 0, expected = 0;
  for (const double count : counts) n += count;
  for (const double weight : weights) whole += weight;
  int classes = 0;
  double pending = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    seen += counts[i];
    expected += n * weights[i] / whole;
    pending += n * weights[i] / whole;
    const bool last_fits = n - pending >= 10 || i + 1 == counts.size();
    if (expected < 10 || !last_fits) continue;
    chi += (seen - expected) * (seen - expected) / expected;
    ++classes;
    seen = expected = 0;
  }
  assert(classes >= 2);
  return cdf(complement(boost::math::chi_squared(classes - 1), chi));
}

/// Kolmogorov-Smirnov for values that should be uniform in 0 .. 1 (the distribution function of
/// what is tested), with Stephens' correction (1970) and the asymptotic series of its tail.
inline double p_of_uniform(std::vector<double> values) {
  assert(values.size() >= 100);
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    distance = std::max({distance, values[i] - static_cast<double>(i) / n,
                         static_cast<double>(i + 1) / n - values[i]});
  const double scaled = (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * distance;
  double tail = 0;
  for (int k = 1; k <= 20; ++k)
    tail += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * scaled * scaled);
  return std::clamp(tail, 0.0, 1.0);
}

}  // namespace parallax::test
