// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "assertions/assertion.h"
#include "tests/support/ledger_builder.h"

namespace parallax::test {

/// A built ledger judged against rows, with the evidence for assertions. Borrows the builder.
struct Judged {
  Judged(const LedgerBuilder& built, RowSet set, const std::vector<std::uint32_t>& late = {})
      : rows(std::move(set)),
        judgement(judge(built.scenario, built.ledger, rows, run_id, late)),
        arrived(arrivals(built.scenario, built.ledger)),
        evidence{built.scenario, built.ledger, rows, judgement, arrived} {}
  Judged(const Judged&) = delete;
  Judged& operator=(const Judged&) = delete;

  const JudgedAction& operator[](std::size_t action) const { return judgement.actions[action]; }
  std::uint64_t count(ActionVerdict verdict) const { return judgement.count(verdict); }

  RowSet rows;
  Judgement judgement;
  std::vector<Arrival> arrived;
  Evidence evidence;
};

/// The named assertion on the evidence.
inline AssertionReport check(const Judged& judged, const AssertionPlan& plan) {
  const auto assertion = make_assertion(plan, judged.evidence.scenario);
  return assertion ? (*assertion)->judge(judged.evidence) : AssertionReport{};
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
