// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "assertions/spread.h"

namespace parallax {

/// Whether two samples come from one distribution.
struct SampleTest {
  double distance = 0;  ///< 0 .. 1: see the tests.
  double floor = 0;     ///< The distance that samples of this size have by chance, at `alarm`.
  double p = 1;         ///< How likely a distance at least as large is without any difference.
};

/// Kolmogorov-Smirnov: the largest difference of the distribution functions (Smirnov 1948; its
/// asymptotic tail, which is on the safe side for binned values). Precondition: none is empty.
/// `alarm`: the false-alarm rate that `floor` is of.
SampleTest kolmogorov_smirnov(const Spread& a, const Spread& b, double alarm);

/// Pearson's chi-square for the homogeneity of two rows of counts; cells that expect fewer than
/// five go together. The distance is the total variation: the share that would have to change its
/// value. `floor` bounds it by the chi-square that is exceeded at `alarm`, through Cauchy and
/// Schwarz. Precondition: both of the same length, none is empty.
SampleTest chi_square(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b,
                      double alarm);

}  // namespace parallax
