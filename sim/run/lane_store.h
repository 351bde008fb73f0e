// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <span>
#include <vector>

#include "assertions/id_index.h"
#include "sim/core/ledger.h"
#include "sim/run/spill.h"

namespace parallax {

/// How much memory what is sorted by lane may take before it goes to disk, and where to. Beyond
/// some hundred megabytes memory gains nothing: fresh pages, which the system has to clear, take as
/// long as the file, of which the system keeps in memory what there is room for.
struct SpillLimit {
  std::filesystem::path folder;
  std::size_t memory_max = std::size_t{128} << 20U;  ///< Bytes.
};

/// What the journals add up to.
struct LedgerCounts {
  std::uint64_t actions = 0;
  std::uint64_t emissions = 0, withheld = 0, destroyed = 0, abandoned = 0;
  std::uint64_t attempts = 0, retries = 0, accepted = 0, rejected = 0;
  std::uint64_t events_sent = 0;  ///< Sum of batch sizes over attempts that left.
  std::map<int, std::uint64_t> statuses;
  bool torn = false;  ///< A journal ended in a torn block.
  void merge(const LedgerCounts& other);
};

/// The journals of a run sorted by lane, to be loaded lane by lane; and which lane carries which
/// event id. Memory is bounded by the limit, and 16 bytes an event id until `forget_ids`.
class LaneStore {
 public:
  /// Reads every journal once, by `jobs` threads. Errors as of `scan_journal`; the disk is full.
  static Result<LaneStore> scan(std::span<const std::filesystem::path> journals,
                                const SpillLimit& limit, unsigned jobs);

  /// Replaces what `out` holds with the lane's records, as written. Safe from several threads.
  Result<void> load(LaneIndex lane, Ledger& out) const;

  const LedgerCounts& counts() const { return counts_; }
  const IdIndex& ids() const { return *ids_; }
  void forget_ids() { ids_.reset(); }

 private:
  explicit LaneStore(SpillStore store)
      : store_(std::move(store)), ids_(std::make_unique<IdIndex>()) {}
  SpillStore store_;
  std::unique_ptr<IdIndex> ids_;
  LedgerCounts counts_;
};

}  // namespace parallax
