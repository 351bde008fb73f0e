// SPDX-License-Identifier: Apache-2.0
#include "sim/run/settle.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/drive/pacer.h"
#include "sim/run/settle_signal.h"
#include "sim/run/wall_clock.h"

namespace parallax {
namespace {

/// A target that cannot be read so often in a row is not one that settles slowly.
constexpr unsigned failures_in_a_row_read_max = 5;

/// One read into a fresh store, given up at the deadline. Complete or not is in its facts;
/// `problem` says why not.
struct Attempt {
  std::unique_ptr<RowStore> rows;
  std::string problem;
  bool failed = false;  ///< Nothing could be read.
};

Result<Attempt> read_once(RowReader& reader, std::string_view run_id, const MakeRowStore& make,
                          Clock::time_point deadline) {
  Attempt attempt{make(), {}, false};
  Result<void> kept;
  bool in_time = true;
  const Result<bool> complete = reader.scan(run_id, [&](std::span<const CanonicalRow> rows) {
    kept = attempt.rows->add(rows);
    in_time = Clock::now() < deadline;
    return kept && in_time;
  });
  if (kept) kept = attempt.rows->finish();
  if (!kept) return kept.error();
  if (!complete) {
    attempt.failed = true;
    attempt.problem = "the target could not be read: " + complete.error().text();
    attempt.rows = make();
  } else if (!*complete && in_time) {
    attempt.problem = "the target's read ended before its end";
  }
  attempt.rows->facts().complete = in_time && attempt.problem.empty();
  return attempt;
}

/// Waits for the target's own sign, where it has one, until `deadline`. False: it did not come.
bool await_signal(const TargetPlan::Settle& plan, std::string_view run_id, RowReader& reader,
                  Clock::time_point deadline, Progress* progress) {
  for (;;) {
    if (settle_signal_given(plan, run_id, reader)) return true;
    const Micros left =
        std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    if (progress != nullptr)
      progress->update(1 - static_cast<double>(left) / static_cast<double>(plan.limit),
                       "waiting for the target's signal");
    pause(std::min(std::max(plan.quiet, millisecond), left));
  }
}

/// Whether this complete read is the one to judge.
bool is_settled(const TargetPlan::Settle& plan, const RowStore& rows, bool at_once,
                Micros unchanged) {
  if (plan.rows > 0) return rows.facts().own >= plan.rows;
  return at_once || unchanged >= plan.quiet;
}

}  // namespace

Result<Settled> settle_and_read(RowReader& reader, const TargetPlan::Settle& plan,
                                std::string_view run_id, bool at_once, const MakeRowStore& make,
                                Progress* progress) {
  const Clock::time_point start = Clock::now();
  Settled settled;
  std::uint64_t before = 0;
  Clock::time_point changed = start;
  unsigned failures = 0;
  const bool signalled =
      await_signal(plan, run_id, reader, start + std::chrono::microseconds(plan.limit), progress);
  at_once |= has_settle_signal(plan);
  for (bool first = true;; first = false) {
    const Clock::time_point read_start = Clock::now();
    settled.rows.reset();
    Result<Attempt> attempt =
        read_once(reader, run_id, make, start + std::chrono::microseconds(plan.limit));
    if (!attempt) return attempt.error();
    settled.read_took = since(read_start);
    settled.problem = attempt->problem;
    settled.rows = std::move(attempt->rows);
    failures = attempt->failed ? failures + 1 : 0;
    const std::uint64_t total = settled.rows->total();
    if (first || total != before) changed = read_start;
    before = total;
    settled.settle_took = since(start);
    if (signalled && settled.rows->facts().complete &&
        is_settled(plan, *settled.rows, at_once, since(changed)))
      return settled;
    if (!signalled || settled.settle_took >= plan.limit || failures == failures_in_a_row_read_max)
      break;
    if (progress != nullptr)
      progress->update(
          static_cast<double>(settled.settle_took) / static_cast<double>(plan.limit),
          fmt::format("{} rows, waiting for {} of quiet", before, format_duration(plan.quiet)));
    pause(std::min<Micros>(plan.quiet, plan.limit - settled.settle_took));
  }
  settled.rows->facts().complete = false;
  if (settled.problem.empty())
    settled.problem = fmt::format(
        "the target did not settle within {}{}", format_duration(plan.limit),
        !signalled      ? ": its signal did not come"
        : plan.rows > 0 ? fmt::format(": {} of {} rows came", settled.rows->facts().own, plan.rows)
                        : "");
  return settled;
}

unsigned further_reads(const Scenario& scenario) {
  unsigned most = 0;
  for (const AssertionPlan& plan : scenario.assertions)
    if (plan.that == "freshness")
      most = std::max(most, unsigned{plan.reads});
    else if (plan.that == "metamorphic")
      most = std::max(most, 1U);
  return most;
}

bool wants_resending(const Scenario& scenario) {
  return std::any_of(scenario.assertions.begin(), scenario.assertions.end(),
                     [](const AssertionPlan& plan) { return plan.that == "metamorphic"; });
}

Result<void> read_again(RowReader& reader, const TargetPlan::Settle& plan, std::string_view run_id,
                        bool at_once, unsigned times, const MakeRowStore& make, RowStore& rows) {
  for (unsigned i = 0; i < times; ++i) {
    if (!at_once) pause(plan.quiet);
    const Clock::time_point deadline = Clock::now() + std::chrono::microseconds(plan.limit);
    const Result<Attempt> again = read_once(reader, run_id, make, deadline);
    if (!again) return again.error();
    Reread found;
    if (again->rows->facts().complete) {
      Result<Reread> compared = rows.compare(*again->rows, RowStore::Compare::all);
      if (!compared) return compared.error();
      found = *compared;
    }
    rows.facts().rereads.push_back(found);
  }
  return {};
}

Result<void> read_late(RowReader& reader, const TargetPlan::Settle& plan, std::string_view run_id,
                       const MakeRowStore& make, RowStore& rows) {
  pause(plan.late);
  const Clock::time_point deadline = Clock::now() + std::chrono::microseconds(plan.limit);
  const Result<Attempt> later = read_once(reader, run_id, make, deadline);
  if (!later) return later.error();
  return later->failed ? Result<void>{} : rows.add_late(*later->rows);
}

}  // namespace parallax
