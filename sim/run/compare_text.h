// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/pipeline/policies.h"
#include "sim/run/report.h"

namespace parallax {

/// One scenario under one dedupe policy.
struct Compared {
  PolicyKind policy;
  RunReport report;
};

/// The verdicts side by side, a policy a line, with the causes of what failed; below it, how each
/// tells copies. The last line is "parallax: fail scenario=... seed=...", made to be grepped.
/// Precondition: all are runs of one scenario, and there is one.
std::string compare_text(const std::vector<Compared>& all, const TerminalStyle& style);
/// The same as JSON.
std::string compare_json(const std::vector<Compared>& all);

/// The policies as an aligned table: key, window, winner, when, clock, source.
std::string policies_text(const std::vector<PolicyKind>& kinds, std::size_t width);

}  // namespace parallax
