// SPDX-License-Identifier: Apache-2.0
#include "sim/run/side_tables.h"

#include <algorithm>

#include "sim/core/prng.h"

namespace parallax {

Result<void> read_side_tables(const Scenario& scenario, const Connection& connection,
                              const std::string& run_id, RowFacts& facts) {
  const auto is_asked = [&](std::string_view kind) {
    return std::any_of(scenario.assertions.begin(), scenario.assertions.end(),
                       [&](const AssertionPlan& plan) { return plan.that == kind; });
  };
  const auto read = [&](SideTable table, std::optional<RowSet>& out) -> Result<void> {
    const TrackingPlan plan = plan_of(table, scenario.plan);
    const auto reader = connection.make_side_reader(table, plan);
    if (!reader) return reader.error();
    if (*reader == nullptr) return {};
    Result<RowSet> rows = (*reader)->read(run_id);
    out = rows ? std::move(*rows) : RowSet{};
    const std::uint64_t run = hash_text(run_id);
    std::erase_if(out->rows,
                  [run](const CanonicalRow& row) { return row.run != 0 && row.run != run; });
    return {};
  };
  if (is_asked("rollup"))
    if (const Result<void> done = read(SideTable::rollup, facts.rollup); !done) return done;
  return is_asked("contract") ? read(SideTable::rejected, facts.rejected) : Result<void>();
}

}  // namespace parallax
