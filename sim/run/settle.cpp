// SPDX-License-Identifier: Apache-2.0
#include "sim/run/settle.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>

#include "sim/drive/pacer.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

/// A target that cannot be read so often in a row is not one that settles slowly.
constexpr unsigned failures_in_a_row_read_max = 5;

Micros since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

/// Waits on the wall clock, `d` microseconds from now.
void pause(Micros d) { Pacer(1, SimTime{}).wait(SimTime{d}, d); }

/// What makes a row the same row in another read.
auto identity(const CanonicalRow& row) {
  return std::tuple(row.event_id, row.session, row.sequence, row.event_name, row.event_ts,
                    row.user);
}

}  // namespace

Settled settle_and_read(RowReader& reader, const TargetPlan::Settle& plan, std::string_view run_id,
                        bool at_once, Progress* progress) {
  const Clock::time_point start = Clock::now();
  Settled settled;
  std::size_t before = 0;
  Clock::time_point changed = start;
  unsigned failures = 0;
  for (bool first = true;; first = false) {
    const Clock::time_point read_start = Clock::now();
    Result<RowSet> read = reader.read(run_id);
    settled.read_took = since(read_start);
    if (read) {
      settled.problem = read->complete ? "" : "the target's read ended before its end";
      settled.rows = std::move(*read);
    } else {
      settled.problem = "the target could not be read: " + read.error().text();
      settled.rows = {};
    }
    failures = read ? 0 : failures + 1;
    if (first || settled.rows.rows.size() != before) changed = read_start;
    before = settled.rows.rows.size();
    settled.settle_took = since(start);
    if (settled.problem.empty() && (at_once || since(changed) >= plan.quiet)) return settled;
    if (settled.settle_took >= plan.limit || failures == failures_in_a_row_read_max) break;
    if (progress != nullptr)
      progress->update(
          static_cast<double>(settled.settle_took) / static_cast<double>(plan.limit),
          fmt::format("{} rows, waiting for {} of quiet", before, format_duration(plan.quiet)));
    pause(std::min<Micros>(plan.quiet, plan.limit - settled.settle_took));
  }
  settled.rows.complete = false;
  if (settled.problem.empty())
    settled.problem =
        fmt::format("the target did not settle within {}", format_duration(plan.limit));
  return settled;
}

std::vector<std::uint32_t> read_late(RowReader& reader, const TargetPlan::Settle& plan,
                                     std::string_view run_id, RowSet& rows) {
  pause(plan.late);
  Result<RowSet> later = reader.read(run_id);
  std::vector<std::uint32_t> late;
  if (!later) return late;
  using Identity = decltype(identity(rows.rows.front()));
  std::vector<Identity> known;
  for (const CanonicalRow& row : rows.rows) known.push_back(identity(row));
  std::sort(known.begin(), known.end());
  for (const CanonicalRow& row : later->rows) {
    if (std::binary_search(known.begin(), known.end(), identity(row))) continue;
    late.push_back(static_cast<std::uint32_t>(rows.rows.size()));
    rows.rows.push_back(row);
  }
  return late;
}

}  // namespace parallax
