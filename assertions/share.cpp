// SPDX-License-Identifier: Apache-2.0
#include "assertions/share.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>

#include "assertions/interval.h"

namespace parallax {
namespace {

constexpr double deviations_rare = 3;

}  // namespace

double chance_of(std::uint64_t wrong, std::uint64_t sample, Ratio allowed) {
  const boost::math::binomial law(static_cast<double>(sample), allowed.value());
  return cdf(complement(law, static_cast<double>(wrong) - 1));
}

ShareVerdict judge_share(std::uint64_t wrong, std::uint64_t sample, Ratio allowed) {
  if (sample == 0) return {};
  if (Wide{wrong} * Ratio::one <= Wide{allowed.parts} * sample) return {Verdict::pass, 0};
  const auto n = static_cast<double>(sample);
  const double p = static_cast<double>(wrong) / n;
  const double q = allowed.value();
  if (chance_of(wrong, sample, allowed) < rare_chance) return {Verdict::fail, 0};
  const double deviations = deviations_rare / (p - q);
  const double needed = deviations * deviations * std::max(p * (1 - p), q * (1 - q));
  constexpr double most = 1e15;
  return {Verdict::unknown,
          std::max(sample + 1, static_cast<std::uint64_t>(std::ceil(std::min(needed, most))))};
}

double doubt_of(double share, double n) {
  return deviations_rare * std::sqrt(share * (1 - share) / n);
}

std::uint64_t sample_for(Ratio share) {
  constexpr std::uint64_t times = 9;
  if (share.parts == 0) return 1;
  return (times * Ratio::one + share.parts - 1) / share.parts;
}

void conclude_cases(const CaseCount& cases, const Verdicts& verdicts, AssertionReport& report) {
  report.sample = cases.sample;
  if (cases.allowed.parts > 0) report.tolerance = format_ratio(cases.allowed);
  report.expected = "0 wrong";
  report.actual = fmt::format("{} wrong (of {} {})", cases.wrong, cases.sample, cases.what);
  if (cases.wrong > 0) report.delta = fmt::format("{}", cases.wrong);
  if (cases.sample == 0) {
    report.found = Verdict::unknown;
    report.why = fmt::format("nothing was measured: {}", cases.nothing);
    return;
  }
  const ShareVerdict judged = judge_share(cases.wrong, cases.sample, cases.allowed);
  report.found = judged.verdict;
  report.sample_needed = judged.needed;
  if (judged.verdict == Verdict::fail) {
    report.why = fmt::format("{} of {} {} are wrong", cases.wrong, cases.sample, cases.what);
  } else if (judged.verdict == Verdict::unknown) {
    report.why = fmt::format("{} of {} {} are wrong: too few for this tolerance, {} are needed",
                             cases.wrong, cases.sample, cases.what, judged.needed);
  } else if (!verdicts.complete) {
    report.found = Verdict::unknown;
    report.why = "the read is partial: what was not read may be wrong";
  }
}

}  // namespace parallax
