// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/ledger.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// The key is not there, or has no value.
constexpr bool is_missing(FieldForm form) {
  return form == FieldForm::absent || form == FieldForm::null;
}

/// Finds records by id. Ids of a lane are nearly always dense, so a guess hits at once; otherwise
/// a binary search. Keeps 8 bytes a record, 16 where the records do not ascend.
class IdLookup {
 public:
  static constexpr std::uint32_t nowhere = 0xffff'ffff;
  explicit IdLookup(std::vector<std::uint64_t> ids);
  /// Index of the record, or `nowhere`.
  std::uint32_t find(std::uint64_t id) const;

 private:
  std::vector<std::uint64_t> ids_;         ///< Ascending.
  std::vector<std::uint32_t> original_;    ///< Place before sorting; empty where nothing moved.
  std::vector<std::uint32_t> lane_begin_;  ///< By lane, into ids_; one more than lanes.
};

/// What the attempts made of one emission. Counts stop at 65'535.
struct EmissionFacts {
  /// Arrivals of the attempts that took it for sure or perhaps. `end_of_time`, `no_time`: none.
  SimTime first_arrival = end_of_time, last_arrival = no_time;
  std::uint64_t struck = 0;  ///< Wire faults that struck its attempts, host faults that took it.
  /// Attempts acknowledged. None of an emission that breaks the contract through a fault: a target
  /// may acknowledge it and set it aside, so that these count as `unknown` and `by_fault`.
  std::uint16_t accepted = 0;
  std::uint16_t unknown = 0;   ///< Attempts that may have been committed.
  std::uint16_t refused = 0;   ///< The target's own final refusals (4xx) of a valid batch.
  std::uint16_t failed = 0;    ///< The target's own failures: 5xx, 429, no connection, no answer.
  std::uint16_t by_fault = 0;  ///< Attempts that failed by a fault, or by what faults did to them.
  bool reached = false;        ///< Some attempt got as far as the target.
  bool abandoned = false;      ///< The SDK gave it up.
  bool set_aside = false;      ///< Acknowledged, but it breaks the contract through a fault.
  bool plain = false;          ///< Sent as planned in one attempt, which was acknowledged.

  bool attempted() const { return accepted + unknown + refused + failed + by_fault > 0; }
  std::uint32_t deliveries_max() const { return std::uint32_t{accepted} + unknown; }
};

/// What is asked of many emissions, packed close: a tenth of the memory that they take.
struct EmissionBrief {
  Uuid event_id;
  std::uint64_t user = 0;  ///< stated_user.
  Source source = Source::client;
  std::uint8_t copy = 0;
  bool identified = false;       ///< The event id identifies.
  bool invalid = false;          ///< A target need not take it. Only faults make such.
  bool breaks_contract = false;  ///< A check may drop it after acknowledging it.
  bool as_planned = false;  ///< Entered the queue, no copy, with its id and in every planned form.
};

/// The ledger grouped by action: which emissions, and what became of each. Linear to build; holds
/// indices and briefs only. `ledger` and `scenario` must outlive it.
class LedgerView {
 public:
  LedgerView(const Scenario& scenario, const Ledger& ledger);

  /// Indices into Ledger::emissions, as written. `action`: index into Ledger::actions.
  std::span<const std::uint32_t> emissions_of(std::uint32_t action) const {
    return {grouped_.data() + group_begin_[action], grouped_.data() + group_begin_[action + 1]};
  }
  const EmissionFacts& facts(std::uint32_t emission) const { return facts_[emission]; }
  const EmissionBrief& brief(std::uint32_t emission) const { return briefs_[emission]; }

 private:
  std::vector<std::uint32_t> brief_emissions(const TrackingPlan& plan);
  /// IdLookup::nowhere for a key that the ledger does not hold, as after a torn journal.
  std::uint32_t find_emission(const EmissionKey& key) const;
  void group(const std::vector<std::uint32_t>& owner);
  void tally();
  void settle(std::size_t emission);

  const Ledger* ledger_;
  IdLookup actions_;
  std::vector<std::uint32_t> group_begin_;
  std::vector<std::uint32_t> grouped_;
  std::vector<EmissionFacts> facts_;  ///< Parallel to Ledger::emissions, as the next.
  std::vector<EmissionBrief> briefs_;
};

}  // namespace parallax
