// SPDX-License-Identifier: Apache-2.0
#include "assertions/judge_part.h"

#include <cassert>

#include "assertions/row_check.h"

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

class Judge {
 public:
  Judge(const Scenario& scenario, const RowFacts& facts, const Part& part, const LedgerView& view,
        const std::vector<Arrival>& arrivals, const Claims& claims)
      : scenario_(scenario),
        facts_(facts),
        ledger_(part.ledger),
        rows_(part.rows),
        view_(view),
        arrivals_(arrivals),
        match_(match_rows(scenario, ledger_, view, rows_, claims)),
        check_(scenario, ledger_, view, facts),
        one_sided_(ledger_.actions.size()) {}

  JudgedPart run() {
    group_rows();
    for (JudgedAction& judged : out_.judgement.actions) judge(judged);
    out_.absences =
        gather_absences(scenario_, ledger_, view_, rows_, match_, one_sided_, out_.judgement);
    out_.duplicates =
        gather_duplicates(scenario_, ledger_, view_, rows_, match_, out_.row_order, out_.judgement);
    for (const std::uint32_t row : out_.row_order)
      out_.judgement.rows_by_action.push_back(static_cast<std::uint32_t>(rows_[row].number));
    assert(out_.row_order.size() + out_.strays.size() == rows_.size());
    return std::move(out_);
  }

 private:
  /// Counting sort of the rows by owner.
  void group_rows() {
    out_.judgement.actions.resize(ledger_.actions.size());
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < ledger_.actions.size(); ++i) {
      const Action& action = ledger_.actions[i];
      JudgedAction& judged = out_.judgement.actions[i];
      judged.id = action.id;
      judged.at = action.at;
      judged.struck = arrivals_[i].struck;
      judged.index = i;
      judged.user = action.user;
      judged.type = action.type;
      judged.first_row = next;
      judged.expectation = arrivals_[i].expectation;
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

  /// The cause of a row that should not be there, or `none` where it may be. A batch that a fault
  /// cut or that was refused may still have been stored: its row is recovered.
  Cause leak_of(std::uint32_t index) const {
    const Action& action = ledger_.actions[index];
    const Arrival& arrival = arrivals_[index];
    if (arrival.expectation == Expectation::must_not) return forbidden_by(action);
    if (!arrival.reached) return Cause::never_sent;
    const auto& confirmed_by = scenario_.plan.actions[action.type].confirmed_by;
    if (!confirmed_by) return Cause::none;
    for (const std::uint32_t i : view_.emissions_of(index))
      if (view_.facts(i).reached && ledger_.emissions[i].emission.source == *confirmed_by)
        return Cause::none;
    return Cause::unconfirmed;
  }

  void judge(JudgedAction& judged) {
    const Arrival& arrival = arrivals_[judged.index];
    if (judged.rows == 0) return judge_absence(arrival, facts_.complete, judged);
    const Cause leak = leak_of(judged.index);
    if (leak != Cause::none) {
      judged.findings = bit_of(ActionVerdict::leaked);
    } else {
      look_at_rows(judged);
    }
    if (judged.rows > 1) judged.findings |= bit_of(ActionVerdict::duplicated);
    conclude(judged, leak);
  }

  void look_at_rows(JudgedAction& judged) {
    bool all_late = true;
    for (std::uint32_t i = 0; i < judged.rows; ++i) {
      const CanonicalRow& row = rows_[out_.row_order[judged.first_row + i]];
      const RowFindings found = check_.check(judged.index, row, judged.rows == 1);
      if (judged.row_cause == Cause::none) {
        judged.row_cause = found.first();
        judged.field = found.field;
      }
      if (found.one_sided) one_sided_[judged.index] = true;
      judged.fields |= found.fields;
      judged.findings |= found.bits();
      all_late = all_late && row.late;
    }
    if (all_late) judged.findings |= bit_of(ActionVerdict::late);
  }

  /// The first finding in headline order.
  void conclude(JudgedAction& judged, Cause leak) const {
    if (judged.findings == 0) {
      const bool must = judged.expectation == Expectation::must;
      return set(judged, must ? ActionVerdict::ok : ActionVerdict::recovered);
    }
    auto headline = ActionVerdict::lost;
    while ((judged.findings & bit_of(headline)) == 0)
      headline = static_cast<ActionVerdict>(static_cast<unsigned>(headline) + 1);
    judged.verdict = headline;
    if (headline == ActionVerdict::leaked) {
      judged.cause = leak;
    } else if (headline == ActionVerdict::late) {
      judged.cause = Cause::after_deadline;
    } else {
      judged.cause = judged.row_cause;
    }
  }

  const Scenario& scenario_;
  const RowFacts& facts_;
  const Ledger& ledger_;
  const std::vector<CanonicalRow>& rows_;
  const LedgerView& view_;
  const std::vector<Arrival>& arrivals_;
  Match match_;
  RowCheck check_;
  std::vector<bool> one_sided_;  ///< By action: its one row shows one side of two.
  JudgedPart out_;
};

}  // namespace

JudgedPart judge_part(const Scenario& scenario, const RowFacts& facts, const Part& part,
                      const LedgerView& view, const std::vector<Arrival>& arrivals,
                      const Claims& claims) {
  return Judge(scenario, facts, part, view, arrivals, claims).run();
}

}  // namespace parallax
