// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "assertions/judge_part.h"
#include "assertions/sieve.h"
#include "assertions/text_hashes.h"

namespace parallax {

/// The search for the owners of rows beyond the border of a part: rows under an id that actions of
/// several parts carry, rows of nobody known, and what no action of its own part owns. All parts
/// are asked what they could offer; then each row, in this order, goes
/// 1. by event id to the action that it resembles most;
/// 2. by (session, sequence, event name, user), then without the user, to the one with fewest rows;
/// 3. by (user, event name) and an event time within 1 s of one that an emission carries, to the
///    nearest action without a row.
class Strays {
 public:
  /// `scenario` must outlive it. `rows`: of this run, without owners.
  Strays(const Scenario& scenario, std::vector<CanonicalRow> rows);

  /// What the actions of one part could claim. Borrows nothing.
  struct Offers {
    struct Offer {
      std::uint64_t hash = 0;  ///< Of the event id, the place, or user and name.
      Micros at = 0;           ///< Only of times.
      std::uint32_t part = 0, action = 0;
      std::uint32_t rows = 0;      ///< That the action owns already.
      std::uint32_t emission = 0;  ///< Only of ids: index into `emissions`.
      bool arrived = false;        ///< Only of ids: the emission reached the target.
    };
    std::vector<Offer> ids, places, loose_places, times;
    std::vector<Emission> emissions;
  };
  /// Safe to be called for several parts at once.
  Offers offers_of(const Part& part, const LedgerView& view, const Judgement& judgement) const;

  /// Who gets what, by part. Call once, with the offers of all parts in order.
  struct Found {
    struct Row {
      std::uint32_t stray = 0;  ///< Index into rows().
      std::uint32_t action = 0;
      bool by_id = false;
    };
    std::vector<Row> rows;
    std::vector<std::uint32_t> sharing, shared_by;
  };
  std::vector<Found> settle(std::vector<Offers> offers);

  const std::vector<CanonicalRow>& rows() const { return rows_; }
  /// After `settle`: the rows that nobody owns.
  std::vector<CanonicalRow> phantoms() const;

 private:
  const TrackingPlan& plan_;
  NameHashes names_;
  std::vector<CanonicalRow> rows_;
  std::vector<bool> owned_;
  Sieve ids_, places_, loose_places_, times_;
};

}  // namespace parallax
