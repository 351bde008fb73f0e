// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "assertions/ledger_view.h"
#include "sim/core/ledger.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// What a fault's selector decided, over all emissions or attempts.
struct FaultCount {
  std::uint64_t struck = 0, skipped = 0, unreached = 0;
};

/// Counts the decisions of a scenario's faults, part by part.
class FaultTally {
 public:
  explicit FaultTally(const Scenario& scenario);
  /// The emissions of the actions first .. last-1.
  void add_actions(const Ledger& ledger, const LedgerView& view, std::uint32_t first,
                   std::uint32_t last);
  void add_attempts(const std::vector<AttemptRecord>& attempts);
  void merge(FaultTally other);
  /// Parallel to Scenario::faults.
  std::vector<FaultCount> counts() const;

 private:
  /// How often each fault struck or passed over, with the combinations met last counted apart:
  /// there are few, and a fault takes a bit.
  class Bits {
   public:
    void add(std::uint64_t struck, std::uint64_t skipped);
    void flush();
    void merge(const Bits& other);
    std::uint64_t all = 0;
    std::array<std::uint64_t, max_faults> struck{}, skipped{};

   private:
    struct Recent {
      std::uint64_t struck = 0, skipped = 0, count = 0;
    };
    static void spread(const Recent& recent, Bits& out);
    std::array<Recent, 64> recent_{};
    std::array<std::uint8_t, 2> last_{};  ///< Places of those met last, the very last in front.
  };

  std::vector<bool> on_wire_;   ///< By fault: it strikes attempts, not emissions.
  std::uint64_t on_hosts_ = 0;  ///< Bit i: fault i strikes pages or processes.
  Bits emissions_, attempts_;
};

}  // namespace parallax
