// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>

#include "assertions/trial.h"
#include "tests/assertions/parting.h"
#include "tests/support/ledger_builder.h"

namespace parallax::test {

/// A built ledger judged against rows. Borrows the builder. `parts`: how many shares of lanes are
/// judged by themselves; no result depends on it.
class Judged {
 public:
  Judged(const LedgerBuilder& built, RowSet set, const std::vector<std::uint32_t>& late = {},
         std::uint8_t parts = 1)
      : built_(built),
        given_(set),
        late_(late),
        parts_(parts),
        rows_(std::move(set)),
        trial_(built.scenario, facts_, parts) {
    number_rows(late);
    judge_parts(built.scenario, trial_, split(built.ledger, parts), rows_.rows);
  }
  Judged(const Judged&) = delete;
  Judged& operator=(const Judged&) = delete;

  /// The n-th action in the order of the ledger.
  const JudgedAction& operator[](std::size_t action) const {
    std::size_t part = 0;
    while (action >= trial_.judgement(part).actions.size())
      action -= trial_.judgement(part++).actions.size();
    return trial_.judgement(part).actions[action];
  }
  std::uint64_t count(ActionVerdict verdict) const {
    return trial_.counts()[static_cast<std::size_t>(verdict)];
  }
  const Trial& trial() const { return trial_; }
  /// What an assertion says of the same ledger and rows.
  AssertionReport with(const AssertionPlan& plan) const {
    LedgerBuilder only = built_;
    only.scenario.assertions = {plan};
    return Judged(only, given_, late_, parts_).trial().reports().front();
  }

 private:
  void number_rows(const std::vector<std::uint32_t>& late) {
    facts_.complete = rows_.complete;
    for (std::size_t i = 0; i < rows_.rows.size(); ++i) rows_.rows[i].number = i;
    for (const std::uint32_t row : late) rows_.rows[row].late = true;
    std::erase_if(rows_.rows,
                  [this](const CanonicalRow& row) { return !facts_.add(row, hash_text(run_id)); });
    std::stable_sort(rows_.rows.begin(), rows_.rows.end(),
                     [](const auto& a, const auto& b) { return a.late < b.late; });
  }

  const LedgerBuilder& built_;
  RowSet given_;
  std::vector<std::uint32_t> late_;
  std::uint8_t parts_;
  RowSet rows_;
  RowFacts facts_;
  Trial trial_;
};

/// The named assertion on the same ledger and rows.
inline AssertionReport check(const Judged& judged, const AssertionPlan& plan) {
  return judged.with(plan);
}

inline AssertionPlan that(std::string kind) {
  AssertionPlan plan;
  plan.that = std::move(kind);
  return plan;
}

/// Ten purchases of as many users, both sides delivered.
inline LedgerBuilder ten_purchases() {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < 10; ++i) built.deliver(action(i, lane_count * (i + 1)));
  return built;
}

/// The emissions of the n-th delivered purchase.
inline const Emission& film(const LedgerBuilder& built, std::size_t n, Source source) {
  return *built.find({built.ledger.actions[n].id, source, 0});
}

/// Where the row of the n-th action stands.
inline std::size_t row_index(const LedgerBuilder& built, const RowSet& set, std::size_t n) {
  const Uuid id = film(built, n, Source::client).event_id;
  std::size_t i = 0;
  while (set.rows[i].event_id != id) ++i;
  return i;
}
inline CanonicalRow& row_at(const LedgerBuilder& built, RowSet& set, std::size_t n) {
  return set.rows[row_index(built, set, n)];
}

/// Up to 10 % of the actions may be lost.
inline AssertionPlan loose_exactly_once() {
  AssertionPlan plan = that("exactly_once");
  plan.allow = {{"lost", "", *parse_ratio("10%")}};
  return plan;
}

inline AssertionPlan count_of(std::uint16_t type) {
  AssertionPlan plan = that("count");
  plan.of = type;
  return plan;
}

inline AssertionPlan sum_of(std::size_t field) {
  AssertionPlan plan = that("sum");
  plan.of = purchase;
  plan.field = field;
  return plan;
}

/// Of purchases, ends in millionths.
inline AssertionPlan ratio_between(std::int64_t low, std::int64_t high) {
  AssertionPlan plan = that("ratio");
  plan.of = purchase;
  plan.between_millionths = {low, high};
  return plan;
}

/// Purchases of as many users, the n-th with a client copy where `doubled(n)`.
template <class Doubled>
LedgerBuilder purchases(std::uint32_t n, Doubled doubled) {
  LedgerBuilder built;
  for (std::uint32_t i = 0; i < n; ++i) {
    const Action bought = action(i, lane_count * (i + 1));
    built.deliver(bought);
    if (!doubled(i)) continue;
    Emission copy = emission(bought, Source::client);
    copy.copy = 1;
    copy.struck = 4;
    built.send({built.queue(copy)});
  }
  return built;
}

inline LedgerBuilder plain_purchases(std::uint32_t n) {
  return purchases(n, [](std::uint32_t) { return false; });
}

/// The rows but the n-th action's.
inline RowSet without(const LedgerBuilder& built, RowSet rows, std::size_t n) {
  rows.rows.erase(rows.rows.begin() + static_cast<std::ptrdiff_t>(row_index(built, rows, n)));
  return rows;
}

}  // namespace parallax::test
