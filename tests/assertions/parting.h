// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "assertions/trial.h"

/// Runs judged in several parts, as the runner does it with lanes, but from memory.
namespace parallax::test {

/// Neighbouring lanes in `parts` shares, each in the order of the whole.
std::vector<Ledger> split(const Ledger& whole, std::uint8_t parts);

/// Routes the rows, judges all parts, searches for strays, and concludes.
void judge_parts(const Scenario& scenario, Trial& trial, const std::vector<Ledger>& ledgers,
                 const std::vector<CanonicalRow>& rows);

}  // namespace parallax::test
