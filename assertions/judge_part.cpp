// SPDX-License-Identifier: Apache-2.0
#include "assertions/judge_part.h"

#include <bit>
#include <cassert>

#include "assertions/arrivals.h"
#include "assertions/plain_action.h"

namespace parallax {
namespace {

void set(JudgedAction& judged, ActionVerdict verdict, Cause cause = Cause::none) {
  judged.verdict = verdict;
  judged.cause = cause;
  judged.findings = bit_of(verdict);
}

Cause forbidden_by(const Action& action) {
  if (action.consent == Consent::denied) return Cause::consent_ignored;
  return action.sampled ? Cause::refused_counted : Cause::sampling_ignored;
}

/// No row stands. Causes of `lost` are found later, over the whole run.
void judge_absence(const Arrival& arrival, bool complete, JudgedAction& judged) {
  if (!complete) return set(judged, ActionVerdict::unevaluated, Cause::read_incomplete);
  if (arrival.expectation == Expectation::must_not) return set(judged, ActionVerdict::ok);
  if (arrival.expectation == Expectation::must)
    return set(judged, ActionVerdict::lost, arrival.without_row);
  if (arrival.without_row == Cause::never_acknowledged)
    return set(judged, ActionVerdict::unevaluated, Cause::never_acknowledged);
  set(judged, ActionVerdict::excused, arrival.without_row);
}

/// The first finding in headline order.
void conclude(JudgedAction& judged, Cause leak) {
  if (judged.findings == 0) {
    const bool must = judged.expectation == Expectation::must;
    return set(judged, must ? ActionVerdict::ok : ActionVerdict::recovered);
  }
  judged.verdict = static_cast<ActionVerdict>(std::countr_zero(judged.findings));
  if (judged.verdict == ActionVerdict::leaked) {
    judged.cause = leak;
  } else if (judged.verdict == ActionVerdict::late) {
    judged.cause = Cause::after_deadline;
  } else {
    judged.cause = judged.row_cause;
  }
}

}  // namespace

PartJudge::PartJudge(const Scenario& scenario, const RowFacts& facts, const Part& part,
                     const LedgerView& view, const Claims& claims)
    : scenario_(scenario),
      facts_(facts),
      ledger_(part.ledger),
      rows_(part.rows),
      view_(view),
      match_(match_rows(scenario, ledger_, view, rows_, claims)),
      check_(scenario, ledger_, view, facts),
      absences_(scenario, ledger_, view, rows_, match_),
      duplicates_(scenario, ledger_, view, rows_, match_, out_.row_order) {
  group_rows();
}

/// Counting sort of the rows by owner.
void PartJudge::group_rows() {
  out_.judgement.actions.resize(ledger_.actions.size());
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < ledger_.actions.size(); ++i) {
    out_.judgement.actions[i].first_row = next;
    next += match_.rows[i];
  }
  out_.row_order.resize(next);
  for (std::uint32_t row = 0; row < match_.owner.size(); ++row) {
    const std::uint32_t owner = match_.owner[row];
    if (owner == no_action) {
      out_.strays.push_back(row);
    } else {
      JudgedAction& judged = out_.judgement.actions[owner];
      out_.row_order[judged.first_row + judged.rows++] = row;
    }
  }
}

void PartJudge::judge(std::uint32_t first, std::uint32_t last) {
  arrivals_.clear();
  for (std::uint32_t i = first; i < last; ++i) judge_one(i);
  block_ = std::span(out_.judgement.actions).subspan(first, last - first);
}

void PartJudge::judge_one(std::uint32_t index) {
  const Action& action = ledger_.actions[index];
  const PlainAction plain = find_plain(scenario_, ledger_, view_, index);
  const Arrival& arrival = arrivals_.emplace_back(
      plain ? arrival_of(plain) : arrival_of(scenario_, ledger_, view_, index));
  JudgedAction& judged = out_.judgement.actions[index];
  judged.id = action.id;
  judged.at = action.at;
  judged.struck = arrival.struck;
  judged.index = index;
  judged.user = action.user;
  judged.type = action.type;
  judged.expectation = arrival.expectation;
  bool one_sided = false;
  if (judged.rows == 0) {
    judge_absence(arrival, facts_.complete, judged);
  } else {
    const Cause leak = leak_of(judged, arrival);
    if (leak != Cause::none) {
      judged.findings = bit_of(ActionVerdict::leaked);
    } else {
      one_sided = look_at_rows(plain, arrival, judged);
    }
    if (judged.rows > 1) judged.findings |= bit_of(ActionVerdict::duplicated);
    conclude(judged, leak);
  }
  absences_.add(judged, one_sided);
  duplicates_.add(judged, plain);
}

/// The cause of a row that should not be there, or `none` where it may be. A batch that a fault cut
/// or that was refused may still have been stored: its row is recovered.
Cause PartJudge::leak_of(const JudgedAction& judged, const Arrival& arrival) const {
  if (arrival.expectation == Expectation::must_not)
    return forbidden_by(ledger_.actions[judged.index]);
  if (!arrival.reached) return Cause::never_sent;
  const auto& confirmed_by = scenario_.plan.actions[judged.type].confirmed_by;
  if (!confirmed_by) return Cause::none;
  for (const std::uint32_t i : view_.emissions_of(judged.index))
    if (view_.facts(i).reached && view_.brief(i).source == *confirmed_by) return Cause::none;
  return Cause::unconfirmed;
}

/// True where the action's one row shows one side of two.
bool PartJudge::look_at_rows(const PlainAction& plain, const Arrival& arrival,
                             JudgedAction& judged) {
  bool all_late = true, one_sided = false;
  for (std::uint32_t i = 0; i < judged.rows; ++i) {
    const CanonicalRow& row = rows_[out_.row_order[judged.first_row + i]];
    all_late = all_late && row.late;
    if (judged.rows == 1 && plain && check_.agrees(plain, arrival, row, judged.type)) continue;
    const RowFindings found = check_.check(judged.index, arrival, row, judged.rows == 1);
    if (judged.row_cause == Cause::none) {
      judged.row_cause = found.first();
      judged.field = found.field;
    }
    one_sided = one_sided || found.one_sided;
    judged.fields |= found.fields;
    judged.findings |= found.bits();
  }
  if (all_late) judged.findings |= bit_of(ActionVerdict::late);
  return one_sided;
}

JudgedPart PartJudge::finish() {
  out_.absences = absences_.finish(out_.judgement);
  out_.duplicates = duplicates_.finish();
  out_.judgement.rows_by_action.reserve(out_.row_order.size());
  for (const std::uint32_t row : out_.row_order)
    out_.judgement.rows_by_action.push_back(static_cast<std::uint32_t>(rows_[row].number));
  assert(out_.row_order.size() + out_.strays.size() == rows_.size());
  return std::move(out_);
}

}  // namespace parallax
