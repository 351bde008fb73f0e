// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "assertions/judgement.h"
#include "assertions/ledger_view.h"

namespace parallax {

/// An action to which nothing happened: one or both sides sent one event, as planned, in one
/// attempt that was acknowledged; nothing forbids it, and no side has to confirm it. Nearly every
/// action is one, and what most rules say of it is known beforehand. Borrows the ledger's records.
struct PlainAction {
  std::array<const Emission*, 2> sent{};         ///< By side; null where it sent nothing.
  std::array<const EmissionFacts*, 2> became{};  ///< Parallel to `sent`.

  /// False for every other action.
  explicit operator bool() const { return sent[0] != nullptr || sent[1] != nullptr; }
  const Emission* by(Source side) const { return sent[static_cast<std::size_t>(side)]; }
  bool by_both() const { return sent[0] != nullptr && sent[1] != nullptr; }
  const Emission& any() const { return *(sent[0] != nullptr ? sent[0] : sent[1]); }
};

PlainAction find_plain(const Scenario& scenario, const Ledger& ledger, const LedgerView& view,
                       std::uint32_t action);

/// `arrival_of` (arrivals.h), which knows nothing else of it.
Arrival arrival_of(const PlainAction& plain);

}  // namespace parallax
