// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "assertions/absences.h"
#include "assertions/duplicates.h"
#include "assertions/judgement.h"
#include "assertions/match.h"
#include "assertions/row_check.h"

namespace parallax {

/// A share of a run that can be judged by itself: the records of some lanes, and the rows that may
/// stand for them, all of this run, ascending by (late, number). Parts are numbered in the order of
/// the ledger.
struct Part {
  std::uint32_t number = 0;
  Ledger ledger;
  std::vector<CanonicalRow> rows;
};

/// A part judged as far as it can be by itself.
struct JudgedPart {
  Judgement judgement;
  std::vector<std::uint32_t> row_order;  ///< Rows of the part, grouped as the judgement says.
  AbsenceFacts absences;
  DuplicateFacts duplicates;
  std::vector<std::uint32_t> strays;  ///< Rows that no action of the part owns.
};

/// Judges a part action by action: blocks of them, in order and each once, then `finish`, so that
/// whoever else looks at a block finds it in cache. Sees ledger and rows, never the faults' code,
/// and never the pipeline's. Everything given must outlive it.
class PartJudge {
 public:
  PartJudge(const Scenario& scenario, const RowFacts& facts, const Part& part,
            const LedgerView& view, const Claims& claims);

  /// The actions first .. last-1 of the part.
  void judge(std::uint32_t first, std::uint32_t last);
  /// Of the block judged last.
  std::span<const JudgedAction> judged() const { return block_; }
  std::span<const Arrival> arrivals() const { return arrivals_; }
  const std::vector<std::uint32_t>& row_order() const { return out_.row_order; }

  JudgedPart finish();

 private:
  void group_rows();
  Cause leak_of(const JudgedAction& judged, const Arrival& arrival) const;
  void judge_one(std::uint32_t index);
  bool look_at_rows(const PlainAction& plain, const Arrival& arrival, JudgedAction& judged);

  const Scenario& scenario_;
  const RowFacts& facts_;
  const Ledger& ledger_;
  const std::vector<CanonicalRow>& rows_;
  const LedgerView& view_;
  Match match_;
  RowCheck check_;
  JudgedPart out_;
  AbsenceGatherer absences_;
  DuplicateGatherer duplicates_;
  std::span<const JudgedAction> block_;
  std::vector<Arrival> arrivals_;  ///< Parallel to the block.
};

}  // namespace parallax
