// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "assertions/absences.h"
#include "assertions/duplicates.h"
#include "assertions/judgement.h"
#include "assertions/match.h"

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

/// Pure. Sees ledger and rows, never the faults' code, and never the pipeline's.
JudgedPart judge_part(const Scenario& scenario, const RowFacts& facts, const Part& part,
                      const LedgerView& view, const std::vector<Arrival>& arrivals,
                      const Claims& claims);

}  // namespace parallax
