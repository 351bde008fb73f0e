// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/run/report.h"

namespace parallax {

/// What JUnit, CTRF and annotations call a test: one that fails, could not be judged (`unknown`),
/// or passes. Texts are as they are: who prints them cuts and escapes.
struct ReportCase {
  std::string name;
  Verdict verdict = Verdict::pass;
  std::string kind;
  std::string message;  ///< One sentence.
  std::string details;  ///< Lines, the rerun command first; empty where it passes.
};

/// One case an assertion, one a failing cause, and, where none of them accounts for the run's
/// verdict, one for the run: a report without a red case would look like a pass.
std::vector<ReportCase> report_cases(const RunReport& report);

}  // namespace parallax
