// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "assertions/judgement.h"
#include "assertions/ledger_view.h"
#include "assertions/match.h"

namespace parallax {

/// What a part says of its actions that must have a row and have none, and of what the whole run
/// needs to tell why.
struct AbsenceFacts {
  /// An action whose headline is `lost`, without a cause so far.
  struct Case {
    std::uint32_t action = 0;
    /// First acknowledged arrival of anything of it; `end_of_time` where there is none.
    SimTime first_acknowledged = end_of_time;
    std::uint8_t forms = 0;     ///< Bit per IdForm under which something of it arrived.
    bool shares_id = false;     ///< An action that carries the same id has a row of it.
    bool lacks_id = false;      ///< All that arrived of it lacks an id.
    bool has_twin = false;      ///< An equal action within a second has a row.
    bool last_of_lane = false;  ///< Acknowledged in the last batches of its lane and side only.
  };
  /// An action whose one row shows one side only.
  struct Half {
    std::uint32_t action = 0;
    bool has_twin = false;
  };
  std::vector<Case> cases;
  std::vector<Half> halves;
  std::vector<std::uint32_t> shared_by;  ///< Actions whose row absorbed others of its id.
  std::vector<std::uint32_t> idless;     ///< Actions that own a row without an id.
  /// Arrivals that those rows say they merged beyond the ones that their owners had.
  std::uint64_t idless_absorbed = 0;
  /// Latest of the first acknowledged arrivals of actions that must have a row and have one.
  SimTime kept_until = no_time;
  bool any_kept_must = false, any_kept = false;
};

/// Gathers the facts of a part, which must be whole lanes': each action once, in order, as soon as
/// it is judged, then `finish`. Everything given must outlive it.
class AbsenceGatherer {
 public:
  AbsenceGatherer(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                  const std::vector<CanonicalRow>& rows, const Match& match);

  /// `one_sided`: the action's one row shows one side of two.
  void add(const JudgedAction& action, bool one_sided);
  /// `judgement`: of all actions.
  AbsenceFacts finish(const Judgement& judgement);

 private:
  SimTime first_acknowledged(std::uint32_t action) const;
  std::uint64_t absorbed_by(const CanonicalRow& row, std::uint32_t owner) const;
  void find_twins(const Judgement& judgement);
  void describe(AbsenceFacts::Case& found) const;

  const Scenario& scenario_;
  const Ledger& ledger_;
  const LedgerView& view_;
  const Match& match_;
  /// By lane and side: the latest acknowledged arrival.
  std::array<SimTime, std::size_t{lane_count} * 2> last_;
  AbsenceFacts facts_;
};

/// One part's facts and the verdicts that they may change.
struct Absences {
  const AbsenceFacts* facts;
  Judgement* judgement;
};

/// Tells over the whole run why actions that must have a row have none. Each case becomes
/// - collapsed, id_reused: an action that carries the same id has a row of it;
/// - collapsed, null_id: all that arrived of it lacks an id, and a single id-less row stands in
///   the run (or a single one of its form: null, "", zero UUID), or such rows say that they merged
///   at least as many arrivals of others as actions of this kind are missing;
/// - collapsed, same_payload: an action of the same user, event name and field values within one
///   second has a row;
/// - else lost: last_batch where exactly the last acknowledged events are missing, of the run or of
///   each lane and side; otherwise after_acknowledgement.
/// A row that absorbed others under one id, or without one, mixes their values: what it says is not
/// held against its owner. A row that shows one side only, of an action with such an equal twin, is
/// collapsed, same_payload as well: its other side was absorbed.
void explain_absences(const RowFacts& rows, const std::vector<Absences>& parts);

}  // namespace parallax
