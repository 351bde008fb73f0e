// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "assertions/judgement.h"
#include "assertions/ledger_view.h"
#include "assertions/match.h"
#include "assertions/plain_action.h"

namespace parallax {

/// What a part says of its actions with several rows, and of those whose copies were merged.
struct DuplicateFacts {
  struct Case {
    std::uint32_t action = 0;
    Cause cause = Cause::none;  ///< What its names or ids tell, else the side that is repeated.
    bool by_ids = false;        ///< Names or ids tell: nothing is more specific.
    bool comparable = false;    ///< Several arrivals of one id.
    bool several = false;       ///< Several arrivals.
    bool differ = false;        ///< Its copies differ in a business field.
    bool repeated = false;      ///< A side arrived more than once.
    Micros gap = 0;             ///< From the first arrival to the last.
  };
  std::vector<Case> cases;
  std::uint64_t merged = 0;         ///< Actions whose several arrivals of one id make one row.
  std::uint64_t merged_differ = 0;  ///< Of those, with copies that differ.
  Micros longest_merged = 0;        ///< Of those, the largest gap.
  std::uint64_t once = 0;           ///< Actions with rows of which no side arrived again.
  std::uint64_t again = 0;          ///< The others with rows.
};

/// Gathers the facts of a part: each action once, in order, as soon as it is judged. Everything
/// given must outlive it.
class DuplicateGatherer {
 public:
  /// `row_order`: indices into `rows`, grouped as the judged actions say.
  DuplicateGatherer(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                    const std::vector<CanonicalRow>& rows, const Match& match,
                    const std::vector<std::uint32_t>& row_order)
      : scenario_(scenario),
        ledger_(ledger),
        view_(view),
        rows_(rows),
        match_(match),
        row_order_(row_order) {}

  /// `plain`: the same action, where it is one.
  void add(const JudgedAction& action, const PlainAction& plain);
  DuplicateFacts finish() { return std::move(facts_); }

 private:
  struct Copies;
  void add_merged(const PlainAction& plain);
  Copies copies_of(std::uint32_t action) const;
  bool same_payload(const Emission& a, const Emission& b) const;
  std::span<const std::uint32_t> rows_of(const JudgedAction& action) const;
  Cause by_names(const JudgedAction& action) const;
  Cause by_ids(const JudgedAction& action) const;
  Cause by_side(const JudgedAction& action) const;
  Cause repeated(std::uint32_t action, Source side) const;

  const Scenario& scenario_;
  const Ledger& ledger_;
  const LedgerView& view_;
  const std::vector<CanonicalRow>& rows_;
  const Match& match_;
  const std::vector<std::uint32_t>& row_order_;
  DuplicateFacts facts_;
};

/// One part's facts and the verdicts whose causes they tell.
struct Duplicates {
  const DuplicateFacts* facts;
  Judgement* judgement;
};

/// Tells over the whole run why several rows stand for one action. The most specific cause wins, in
/// this order:
/// 0. two_names: its rows go by two names, both of them sent;
/// 1. rows of different ids: double_fire_new_id where one side sent both, else id_regenerated;
/// 2. id_missing: an emission that reached the target carried no id;
/// 3. payload_changed, window_expired: where the run as a whole shows it. What told duplicated
///    actions from the merged ones?
///    - Windowed: merged actions with several arrivals of an id exist, and at least 90 % of the
///      duplicated ones arrived further apart than every one of those.
///    - Payload-keyed: merged ones exist, none of them has copies that differ, and at least 90 % of
///      the duplicated ones have;
/// 4. on the side that has several rows: dual_write (its copies differ in the schema version),
///    payload_changed (its copies differ), double_fire (it has
///    copies), retransmit (it was sent again);
///    The same of the other side, where that one alone was repeated;
/// 5. not_merged: a row for each side;  6. multiplied: the ledger knows no reason. Where actions
///    that nobody repeated are doubled at least half as often as repeated ones, repeating is not
///    the reason: all are multiplied.
void explain_duplicates(const std::vector<Duplicates>& parts);

}  // namespace parallax
