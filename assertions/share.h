// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

#include "assertions/assertion.h"

namespace parallax {

/// Whether a sample shows that too many are wrong.
///
/// It passes when at most the allowed share of it is wrong. It fails when so many would come up
/// less than once in 740 samples of a population with just the allowed share (exact binomial test;
/// three deviations). Between the two it is `unknown`, and about `needed` of the same kind would
/// settle it. Nothing allowed: one is too many.
struct ShareVerdict {
  Verdict verdict = Verdict::unknown;
  std::uint64_t needed = 0;  ///< Sample size; 0 where it is settled or nothing was measured.
};
ShareVerdict judge_share(std::uint64_t wrong, std::uint64_t sample, Ratio allowed);

/// Of a normal variable beyond three deviations, on one side: the chance of a false alarm that a
/// check has in a run.
inline constexpr double rare_chance = 0.00135;
/// How likely at least so many of a sample are wrong where just the allowed share of all is (exact
/// binomial). Precondition: 0 < wrong <= sample.
double chance_of(std::uint64_t wrong, std::uint64_t sample, Ratio allowed);

/// How far the share that `n` draws show may lie from `share`, which they have: three deviations,
/// so that it is further off to one side once in 740 samples. Precondition: n > 0.
double doubt_of(double share, double n);

/// How many must be looked at for the share to be worth stating: nine times as many as hold one of
/// it, so that a sample without any would come once in 8'000.
std::uint64_t sample_for(Ratio share);

/// What `conclude_cases` needs to know of an assertion that looks at cases one by one.
struct CaseCount {
  std::uint64_t wrong = 0;
  std::uint64_t sample = 0;
  Ratio allowed;
  std::string_view what;     ///< Of the cases: "rows", "steps".
  std::string_view nothing;  ///< Why there may be no case: "no selected action has a row".
};

/// Fills verdict, sample, expected, actual, delta, tolerance and why. A partial read passes
/// nothing.
void conclude_cases(const CaseCount& cases, const Verdicts& verdicts, AssertionReport& report);

}  // namespace parallax
