// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

#include "sim/core/canonical_row.h"
#include "sim/core/ledger.h"
#include "tests/support/shop.h"

/// Ledgers made by hand, record by record, and the rows that a right pipeline makes of them: for
/// tests of the judge, which needs neither traffic nor a database.
namespace parallax::test {

/// How an attempt ends; a plain accepted one by default.
struct Sending {
  Receipt receipt = Receipt::accepted;
  std::uint16_t status = 200;
  bool by_fault = false;
  Strike strike = Strike::none;
  Micros later = 0;      ///< Arrives so much after the capture of the first emission.
  bool answered = true;  ///< False: the run stopped before a receipt was written.
  std::uint64_t struck = 0;
};

inline Sending lost_answer() { return {Receipt::unknown, 0, true, Strike::after_commit}; }
inline Sending refused_connection() { return {Receipt::rejected, 0, true, Strike::before_send}; }
inline Sending own_failure() { return {Receipt::unknown, 500, false}; }
inline Sending own_refusal(std::uint16_t status = 400) {
  return {Receipt::rejected, status, false};
}

class LedgerBuilder {
 public:
  explicit LedgerBuilder(Scenario made = shop()) : scenario(std::move(made)) {}

  const Action& act(const Action& action) {
    ledger.actions.push_back(action);
    return ledger.actions.back();
  }

  EmissionKey queue(const Emission& emission, Fate fate = Fate::queued) {
    ledger.emissions.push_back({emission, fate});
    return emission.key();
  }

  AttemptId send(const std::vector<EmissionKey>& keys, const Sending& sending = {});
  void abandon(const EmissionKey& key, AbandonRecord::Why why) {
    ledger.abandons.push_back({key, {}, why});
  }

  /// Acts, and both sides (or the client alone, for page views) deliver at once.
  void deliver(const Action& action) {
    act(action);
    send({queue(emission(action, Source::client))});
    if (action.type != page_view) send({queue(emission(action, Source::server))});
  }

  const Emission* find(const EmissionKey& key) const;

  Scenario scenario;
  Ledger ledger;

 private:
  std::uint64_t attempts_ = 0;
};

constexpr std::string_view run_id = "shop-7";

/// What the canonical rule (DESIGN section 6) makes of the accepted emissions, and of the
/// attempts in `committed`, whatever their receipt. A row per event id or, without one, per place
/// in the session; never for consent denied; only confirmed ones where the plan asks.
struct RightPipeline {
  const LedgerBuilder& built;
  std::vector<AttemptId> committed = {};

  RowSet rows() const;
};

/// The row of one emission alone, or of both sides merged; either may be null, not both.
CanonicalRow row_of(const TrackingPlan& plan, const Emission* client, const Emission* server);

}  // namespace parallax::test
