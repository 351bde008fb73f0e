// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "sim/core/event.h"

namespace parallax::wire_tests {

/// "open" has no fields; "purchase" has one field of every type, `tax` before `revenue` in the plan
/// and a `note` only the client sends. Traits country and "plan \"x\"".
TrackingPlan sample_plan();

/// A purchase as the server sees it, every field present: 9.99 revenue in currency 0 (USD).
Emission sample_purchase();

constexpr std::size_t tax = 0, revenue = 1, shipping = 2, sku = 3, items = 4, weight = 5, gift = 6,
                      order = 7, note = 8;

}  // namespace parallax::wire_tests
