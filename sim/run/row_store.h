// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "assertions/id_index.h"
#include "assertions/judgement.h"
#include "sim/core/canonical_row.h"
#include "sim/run/lane_store.h"

namespace parallax {

/// The rows of one read, sorted by the lane that may own them: the lane that carries the event id;
/// else that of the user. Rows of other runs are counted only.
class RowStore {
 public:
  /// `ids` must outlive the adding.
  RowStore(const IdIndex& ids, const TrackingPlan& plan, std::string_view run_id,
           const SpillLimit& limit);

  /// A batch of a read, in any order of batches. It is cheapest where those of neighbouring numbers
  /// come soon after each other. Errors (a full disk) are sticky.
  Result<void> add(std::span<const CanonicalRow> rows);
  /// Call after the last row.
  Result<void> finish();

  /// Takes the rows of a later read that were not in this one, as late. Both must be finished.
  Result<void> add_late(const RowStore& later);

  /// What another read of the same target brought instead. Both must be finished. A row is the same
  /// by its ids, name and event time; when it was ingested may change, and with `but_counts` also
  /// how many events were merged into it.
  enum class Compare : std::uint8_t { all, but_counts };
  Result<Reread> compare(const RowStore& later, Compare what) const;

  /// Replaces what `out` holds with the lane's rows, ascending by (late, number). Safe from several
  /// threads.
  Result<void> load(LaneIndex lane, std::vector<CanonicalRow>& out) const;

  RowFacts& facts() { return facts_; }
  const RowFacts& facts() const { return facts_; }
  std::uint64_t total() const { return facts_.own + facts_.foreign; }
  /// Rows of this run that no lane or several lanes may own.
  const std::vector<CanonicalRow>& strays() const { return strays_; }

 private:
  /// Rows of neighbouring numbers, which are kept together.
  struct Block {
    std::uint64_t first = 0, last = 0;  ///< Their numbers.
    std::vector<std::string> lanes;     ///< What waits to be handed over.
  };
  static constexpr std::uint64_t late_block = 0xffff'ffff;  ///< Behind all numbers.
  void open_block(std::uint64_t first, std::uint64_t last);
  void close_block();
  void put(const CanonicalRow& row);
  void pack(const CanonicalRow& row, std::string& out) const;
  std::size_t unpack(std::string_view bytes, CanonicalRow& out) const;
  void hand_over(Block& block, std::size_t lane);

  const IdIndex& ids_;
  const TrackingPlan& plan_;
  std::uint64_t run_;
  SpillStore store_;
  RowFacts facts_;
  std::vector<Block> blocks_;  ///< In the order of their last use, the one in use at the end.
  std::vector<CanonicalRow> strays_;
  std::optional<Error> failure_;
};

}  // namespace parallax
