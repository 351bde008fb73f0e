// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <numeric>

#include "assertions/absences.h"
#include "assertions/arrivals.h"
#include "assertions/duplicates.h"
#include "assertions/judgement.h"
#include "assertions/match.h"
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
  Judge(const Scenario& scenario, const Ledger& ledger, const RowSet& rows, std::string_view run_id,
        const std::vector<std::uint32_t>& late_rows)
      : scenario_(scenario),
        ledger_(ledger),
        rows_(rows),
        view_(scenario, ledger),
        arrivals_(arrivals(scenario, ledger, view_)),
        match_(match_rows(scenario, ledger, view_, rows, run_id)),
        check_(scenario, ledger, view_, rows, match_.owner),
        is_late_(rows.rows.size()),
        one_sided_(ledger.actions.size()) {
    for (const std::uint32_t row : late_rows) {
      assert(row < is_late_.size());
      is_late_[row] = true;
    }
  }

  Judgement run() {
    judgement_.complete = rows_.complete;
    group_rows();
    for (JudgedAction& judged : judgement_.actions) judge(judged);
    explain_absences(scenario_, ledger_, view_, rows_, match_, one_sided_, judgement_);
    explain_duplicates();
    for (const JudgedAction& judged : judgement_.actions)
      ++judgement_.counts[static_cast<std::size_t>(judged.verdict)];
    check_invariants();
    return std::move(judgement_);
  }

 private:
  /// Counting sort of the rows by owner.
  void group_rows() {
    judgement_.actions.resize(ledger_.actions.size());
    std::uint32_t next = 0;
    for (std::uint32_t i = 0; i < judgement_.actions.size(); ++i) {
      JudgedAction& judged = judgement_.actions[i];
      judged.id = ledger_.actions[i].id;
      judged.index = i;
      judged.first_row = next;
      judged.expectation = arrivals_[i].expectation;
      next += match_.rows[i];
    }
    judgement_.rows_by_action.resize(next);
    for (std::uint32_t row = 0; row < match_.owner.size(); ++row) {
      const std::uint32_t owner = match_.owner[row];
      if (owner == other_run) {
        ++judgement_.foreign;
      } else if (owner == no_action) {
        judgement_.phantoms.push_back(row);
      } else {
        JudgedAction& judged = judgement_.actions[owner];
        judgement_.rows_by_action[judged.first_row + judged.rows++] = row;
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
    if (judged.rows == 0) return judge_absence(arrival, rows_.complete, judged);
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
      const std::uint32_t row = judgement_.rows_by_action[judged.first_row + i];
      const RowFindings found = check_.check(judged.index, rows_.rows[row], judged.rows == 1);
      if (judged.row_cause == Cause::none) {
        judged.row_cause = found.first();
        judged.field = found.field;
      }
      if (found.one_sided) one_sided_[judged.index] = true;
      judged.fields |= found.fields;
      judged.findings |= found.bits();
      all_late = all_late && is_late_[row];
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

  void explain_duplicates() {
    const DuplicateCauses causes(scenario_, ledger_, view_, rows_, match_, judgement_);
    for (JudgedAction& judged : judgement_.actions)
      if (judged.verdict == ActionVerdict::duplicated) judged.cause = causes.cause_of(judged);
  }

  void check_invariants() const {
    const auto& counts = judgement_.counts;
    assert(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) ==
           ledger_.actions.size());
    assert(judgement_.rows_by_action.size() + judgement_.phantoms.size() + judgement_.foreign ==
           rows_.rows.size());
  }

  const Scenario& scenario_;
  const Ledger& ledger_;
  const RowSet& rows_;
  LedgerView view_;
  std::vector<Arrival> arrivals_;
  Match match_;
  RowCheck check_;
  std::vector<bool> is_late_;    ///< By row.
  std::vector<bool> one_sided_;  ///< By action: its one row shows one side of two.
  Judgement judgement_;
};

}  // namespace

Judgement judge(const Scenario& scenario, const Ledger& ledger, const RowSet& rows,
                std::string_view run_id, const std::vector<std::uint32_t>& late_rows) {
  return Judge(scenario, ledger, rows, run_id, late_rows).run();
}

}  // namespace parallax
