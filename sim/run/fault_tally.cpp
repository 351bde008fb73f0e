// SPDX-License-Identifier: Apache-2.0
#include "sim/run/fault_tally.h"

#include <bit>

#include "fault/fault.h"
#include "sim/core/prng.h"

namespace parallax {

FaultTally::FaultTally(const Scenario& scenario) {
  for (const FaultPlan& plan : scenario.faults) {
    if (meets(plan, StrikePlace::Meets::host)) on_hosts_ |= std::uint64_t{1} << on_wire_.size();
    on_wire_.push_back(meets(plan, StrikePlace::Meets::attempt));
  }
}

void FaultTally::Bits::spread(const Recent& recent, Bits& out) {
  for (std::uint64_t left = recent.struck; left != 0; left &= left - 1)
    out.struck[static_cast<std::size_t>(std::countr_zero(left))] += recent.count;
  for (std::uint64_t left = recent.skipped & ~recent.struck; left != 0; left &= left - 1)
    out.skipped[static_cast<std::size_t>(std::countr_zero(left))] += recent.count;
}

void FaultTally::Bits::add(std::uint64_t hit, std::uint64_t passed) {
  ++all;
  // Sides take turns, and most emissions of a side meet the same.
  for (const std::uint8_t i : last_)
    if (recent_[i].struck == hit && recent_[i].skipped == passed) {
      ++recent_[i].count;
      return;
    }
  const std::size_t place = mix64(hit ^ mix64(passed)) % recent_.size();
  last_ = {static_cast<std::uint8_t>(place), last_[0]};
  Recent& recent = recent_[place];
  if (recent.struck != hit || recent.skipped != passed) {
    spread(recent, *this);
    recent = {hit, passed, 0};
  }
  ++recent.count;
}

void FaultTally::Bits::flush() {
  for (Recent& recent : recent_) {
    spread(recent, *this);
    recent = {};
  }
}

void FaultTally::Bits::merge(const Bits& other) {
  all += other.all;
  for (std::size_t i = 0; i < max_faults; ++i) {
    struck[i] += other.struck[i];
    skipped[i] += other.skipped[i];
  }
}

/// A fault's copies carry what was decided about their original, so the records of an action's side
/// are one.
void FaultTally::add_actions(const Ledger& ledger, const LedgerView& view, std::uint32_t first,
                             std::uint32_t last) {
  for (std::uint32_t action = first; action < last; ++action) {
    std::array<std::uint64_t, 2> struck{}, skipped{};
    std::array<bool, 2> any{};
    for (const std::uint32_t i : view.emissions_of(action)) {
      const Emission& emission = ledger.emissions[i].emission;
      const auto side = static_cast<std::size_t>(emission.source);
      struck[side] |= emission.struck | (view.facts(i).struck & on_hosts_);
      skipped[side] |= emission.skipped;
      any[side] = true;
    }
    for (std::size_t side = 0; side < any.size(); ++side)
      if (any[side]) emissions_.add(struck[side], skipped[side]);
  }
}

void FaultTally::add_attempts(const std::vector<AttemptRecord>& attempts) {
  for (const AttemptRecord& attempt : attempts) attempts_.add(attempt.struck, attempt.skipped);
}

void FaultTally::merge(FaultTally other) {
  other.emissions_.flush();
  other.attempts_.flush();
  emissions_.merge(other.emissions_);
  attempts_.merge(other.attempts_);
}

std::vector<FaultCount> FaultTally::counts() const {
  std::vector<FaultCount> counts;
  for (std::size_t i = 0; i < on_wire_.size(); ++i) {
    const Bits& bits = on_wire_[i] ? attempts_ : emissions_;
    counts.push_back(
        {bits.struck[i], bits.skipped[i], bits.all - bits.struck[i] - bits.skipped[i]});
  }
  return counts;
}

}  // namespace parallax
