// SPDX-License-Identifier: Apache-2.0
#include "sim/run/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "fault/fault.h"

namespace parallax {
namespace {

bool left_the_sender(Strike strike) {
  return strike != Strike::before_send && strike != Strike::answered;
}

void count_deliveries(const Ledger& ledger, RunReport::Delivery& delivery) {
  delivery.emissions = ledger.emissions.size();
  for (const EmissionRecord& record : ledger.emissions) {
    delivery.withheld += record.fate == Fate::withheld ? 1U : 0U;
    delivery.destroyed += record.fate == Fate::destroyed ? 1U : 0U;
  }
  delivery.abandoned = ledger.abandons.size();
  delivery.attempts = ledger.attempts.size();
  for (const AttemptRecord& attempt : ledger.attempts) {
    delivery.retries += attempt.number > 1 ? 1U : 0U;
    if (left_the_sender(attempt.strike)) delivery.events_sent += attempt.size;
  }
  std::map<int, std::uint64_t> statuses;
  for (const ReceiptRecord& receipt : ledger.receipts) {
    delivery.accepted += receipt.receipt == Receipt::accepted ? 1U : 0U;
    delivery.rejected += receipt.receipt == Receipt::rejected ? 1U : 0U;
    if (receipt.status != 0) ++statuses[receipt.status];
  }
  // An attempt without a receipt was under way when the run stopped.
  delivery.unknown = delivery.attempts - delivery.accepted - delivery.rejected;
  delivery.statuses.assign(statuses.begin(), statuses.end());
}

/// What the faults decided about one emission, or one attempt.
struct Decisions {
  std::uint64_t entity = 0;
  std::uint64_t struck = 0, skipped = 0;
};

/// The decisions by emission. A fault's copies carry what was decided about their original, so the
/// records of an action's side are one.
std::vector<Decisions> emission_decisions(const Ledger& ledger) {
  std::vector<Decisions> all;
  all.reserve(ledger.emissions.size());
  for (const EmissionRecord& record : ledger.emissions) {
    const Emission& emission = record.emission;
    all.push_back({emission.seen.id.value * 2 + static_cast<std::uint64_t>(emission.source),
                   emission.struck, emission.skipped});
  }
  std::sort(all.begin(), all.end(),
            [](const Decisions& a, const Decisions& b) { return a.entity < b.entity; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (kept > 0 && all[kept - 1].entity == all[i].entity) {
      all[kept - 1].struck |= all[i].struck;
      all[kept - 1].skipped |= all[i].skipped;
    } else {
      all[kept++] = all[i];
    }
  }
  all.resize(kept);
  return all;
}

std::vector<Decisions> attempt_decisions(const Ledger& ledger) {
  std::vector<Decisions> all;
  all.reserve(ledger.attempts.size());
  for (const AttemptRecord& attempt : ledger.attempts)
    all.push_back({attempt.id.value, attempt.struck, attempt.skipped});
  return all;
}

void count_faults(const Evidence& evidence, RunReport& report) {
  const std::vector<Decisions> emissions = emission_decisions(evidence.ledger);
  const std::vector<Decisions> attempts = attempt_decisions(evidence.ledger);
  const std::span<const FaultKind> kinds = fault_kinds();
  for (std::size_t i = 0; i < evidence.scenario.faults.size(); ++i) {
    const FaultPlan& plan = evidence.scenario.faults[i];
    const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const FaultKind& k) { return k.name == plan.fault; });
    const bool wire = kind != kinds.end() && kind->wire;
    RunReport::Fault fault;
    fault.name = plan.name;
    fault.kind = plan.fault;
    fault.may_miss = plan.may_miss;
    for (const Decisions& decided : wire ? attempts : emissions) {
      if ((decided.struck >> i & 1U) != 0) {
        ++fault.struck;
      } else if ((decided.skipped >> i & 1U) != 0) {
        ++fault.skipped;
      } else {
        ++fault.unreached;
      }
    }
    report.faults.push_back(std::move(fault));
  }
}

}  // namespace

void summarise(const Evidence& evidence, RunReport& report) {
  report.actions_total = evidence.judgement.actions.size();
  report.actions = evidence.judgement.counts;
  report.rows_total = evidence.rows.rows.size();
  report.rows_phantom = evidence.judgement.phantoms.size();
  report.rows_foreign = evidence.judgement.foreign;
  count_deliveries(evidence.ledger, report.delivery);
  count_faults(evidence, report);
}

void conclude(const Evidence& evidence, const std::vector<std::string>& obstacles,
              RunReport& report) {
  report.verdict = Verdict::pass;
  const auto worsen = [&](Verdict verdict, const std::string& because) {
    if (merge(report.verdict, verdict) == report.verdict) return;
    report.verdict = verdict;
    report.because = because;
  };
  for (const std::string& obstacle : obstacles)
    if (!obstacle.empty()) worsen(Verdict::unknown, obstacle);
  if (evidence.ledger.actions.empty())
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
