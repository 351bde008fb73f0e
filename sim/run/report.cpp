// SPDX-License-Identifier: Apache-2.0
#include "sim/run/report.h"

namespace parallax {

int exit_code(const RunReport& report) {
  constexpr int all_hold = 0, failed = 1, inconclusive = 2, interrupted = 130;
  if (report.verdict == Verdict::fail) return failed;
  if (report.interrupted) return interrupted;
  return report.verdict == Verdict::pass ? all_hold : inconclusive;
}

}  // namespace parallax
