// SPDX-License-Identifier: Apache-2.0
#include "sim/run/summary.h"

#include <fmt/format.h>

namespace parallax {
namespace {

void count_deliveries(const LedgerCounts& counts, RunReport::Delivery& delivery) {
  delivery.emissions = counts.emissions;
  delivery.withheld = counts.withheld;
  delivery.destroyed = counts.destroyed;
  delivery.abandoned = counts.abandoned;
  delivery.attempts = counts.attempts;
  delivery.retries = counts.retries;
  delivery.events_sent = counts.events_sent;
  delivery.accepted = counts.accepted;
  delivery.rejected = counts.rejected;
  // An attempt without a receipt was under way when the run stopped.
  delivery.unknown = counts.attempts - counts.accepted - counts.rejected;
  delivery.statuses.assign(counts.statuses.begin(), counts.statuses.end());
}

void count_faults(const JudgedRun& run, RunReport& report) {
  const std::vector<FaultCount> counts = run.faults().counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const FaultPlan& plan = run.scenario().faults[i];
    RunReport::Fault fault;
    fault.name = plan.name;
    fault.kind = plan.fault;
    fault.may_miss = plan.may_miss;
    fault.struck = counts[i].struck;
    fault.skipped = counts[i].skipped;
    fault.unreached = counts[i].unreached;
    report.faults.push_back(std::move(fault));
  }
}

}  // namespace

void summarise(const JudgedRun& run, RunReport& report) {
  report.assertions = run.trial().reports();
  report.causes = run.trial().causes();
  report.actions_total = run.trial().actions();
  report.actions = run.trial().counts();
  report.rows_total = run.rows().total();
  report.rows_phantom = run.trial().phantoms().size();
  report.rows_foreign = run.rows().facts().foreign;
  count_deliveries(run.ledger().counts(), report.delivery);
  count_faults(run, report);
}

void conclude(const std::vector<std::string>& obstacles, RunReport& report) {
  report.verdict = Verdict::pass;
  const auto worsen = [&](Verdict verdict, const std::string& because) {
    if (merge(report.verdict, verdict) == report.verdict) return;
    report.verdict = verdict;
    report.because = because;
  };
  for (const std::string& obstacle : obstacles)
    if (!obstacle.empty()) worsen(Verdict::unknown, obstacle);
  if (report.actions_total == 0)
    worsen(Verdict::unknown, "no action was played: nothing was measured");
  if (report.interrupted) worsen(Verdict::unknown, "interrupted: only part of the time was played");
  for (const AssertionReport& assertion : report.assertions)
    worsen(assertion.verdict, assertion.name + ": " + assertion.why);
  for (const RunReport::Fault& fault : report.faults)
    if (fault.struck == 0 && !fault.may_miss)
      worsen(Verdict::unknown,
             fmt::format("the fault {} never struck: the run says nothing about it", fault.name));
}

}  // namespace parallax
