// SPDX-License-Identifier: Apache-2.0
#include "sim/core/prng.h"

#include <cassert>
#include <cmath>

#include "sim/core/math.h"

namespace parallax {
namespace {

/// Largest mean for which counting up the distribution function is quick and e^-mean is accurate.
constexpr double inversion_mean_max = 30;

std::uint64_t poisson_by_inversion(double mean, double u) {
  // P(X > 200) is below 1e-80 for means up to 30: the bound only stops sums that round to under u.
  constexpr std::uint64_t count_max = 200;
  double probability = math::exp(-mean);
  double sum = probability;
  std::uint64_t count = 0;
  while (u >= sum && count < count_max) {
    ++count;
    probability *= mean / static_cast<double>(count);
    sum += probability;
  }
  return count;
}

}  // namespace

double Prng::exponential() { return -math::log(1 - unit()); }

double Prng::normal() {
  // The middle of one of 2^52 equal cells: never 0 or 1, and symmetric around the median.
  return math::normal_quantile((static_cast<double>(next() >> 12) + 0.5) * 0x1.0p-52);
}

std::uint64_t Prng::poisson(double mean) {
  assert(mean >= 0 && mean <= 1e9);
  if (mean < inversion_mean_max) return poisson_by_inversion(mean, unit());
  const double value = std::floor(mean + std::sqrt(mean) * normal() + 0.5);
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

}  // namespace parallax
