// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "tests/assertions/judged.h"

/// All that a report tells, as a text to compare: what people read is what the judge is for.
namespace parallax::test {

/// Purchases of as many users, each in a lane of their own, so that a run can be parted.
inline LedgerBuilder shoppers(std::uint32_t n) {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < n; ++i) built.deliver(action(i, i + 1));
  return built;
}

/// A line for each thing that the report says; what it leaves empty is left out.
std::string told(const AssertionReport& report);

/// What the assertion tells of the rows. However the run is parted: once whole, once in thirds.
std::string told(const LedgerBuilder& built, const RowSet& rows, const AssertionPlan& plan);

}  // namespace parallax::test
