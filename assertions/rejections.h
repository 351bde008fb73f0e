// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "assertions/causes.h"

namespace parallax {

/// Holds a target's table of rejected events against the ledger: what breaks the contract and was
/// acknowledged must be in it, for the reason that holds; what keeps the contract must not.
///
/// A reason is right that is the name of a field at fault, or the sentence of the reference
/// pipeline ("missing field: order_id"). Where no row gives a reason, none is asked for. Events
/// without an id cannot be told apart and are left out.
class Rejections {
 public:
  /// The emissions of an action that break the contract, or that are lost.
  void note(const Evidence& block, const JudgedAction& judged);
  void merge(const Rejections& later);

  struct Found {
    Findings findings;          ///< not_rejected, wrong_reason, rejected_wrongly.
    std::uint64_t checked = 0;  ///< Events that had to be rejected.
    std::uint64_t missing = 0, other_reason = 0;
    std::uint64_t valid = 0;  ///< Rejected although they keep the contract.
  };
  Found compare(const RowSet& rejected) const;

 private:
  struct Case {
    Uuid id;
    Source source = Source::client;
    bool must = false;  ///< Acknowledged, and surely against the contract.
    CaseRef ref;
    std::vector<std::int64_t> reasons;  ///< hash_text of each that is right.
  };
  std::vector<Case> cases_;
  std::vector<Case> lost_;  ///< Keep the contract, were acknowledged, and have no row.
};

}  // namespace parallax
