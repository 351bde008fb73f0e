// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "assertions/judgement.h"

namespace parallax {

/// Sums over the pairs (c, s) that n actions contribute to a ratio R = sum c / sum s.
struct RatioSums {
  std::uint64_t n = 0;
  std::int64_t c = 0, s = 0;
  double cc = 0, cs = 0, ss = 0;  ///< Sums of c*c, c*s, s*s.

  void add(std::int64_t client, std::int64_t server);
  /// Adds the pairs of another part: exact, as long as the sums are below 2^53.
  void merge(const RatioSums& other);
};

/// A ratio against its band, with the sample's own doubt.
///
///   v = (sum (c - R s)^2 + 1) / n     measured variance of the multiplicity; the + 1 is one action
///                                     that deviates by one, so that a few equal ones prove nothing
///   SE(R) = sqrt(v / n) / (sum s / n)
///
/// Inside the band it passes when 3 SE are at most half the band's width; outside, it fails when
/// the band is further away than 3 SE. Otherwise `unknown`, and `needed` actions would settle it.
struct BandVerdict {
  Verdict verdict = Verdict::unknown;
  double ratio = 0;
  double deviation = 0;  ///< SE(R); 0 where nothing can be said.
  std::uint64_t needed = 0;
  bool above = false;  ///< Outside, on the high side.
};

/// The band's ends in millionths, low <= high. An empty sample is `unknown`. With no server at all
/// the ratio has only a lower bound: sum c / 9, which nine expected ones would exceed in all but
/// one of 8'000 runs.
BandVerdict judge_band(const RatioSums& sums, std::int64_t low, std::int64_t high);

/// The same for two independent counts, of / per: binomial where of <= per, else Poisson.
BandVerdict judge_rate(std::uint64_t of, std::uint64_t per, std::int64_t low, std::int64_t high);

/// A rate of / per divided by that of a baseline, against a band: both samples bring their doubt,
/// and the relative variances of independent rates add up.
struct Rate {
  std::uint64_t of = 0, per = 0;
};
BandVerdict judge_change(Rate rate, Rate baseline, std::int64_t low, std::int64_t high);

/// "1.023"; three decimals.
std::string ratio_text(double ratio);

}  // namespace parallax
