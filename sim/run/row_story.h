// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "sim/core/event.h"

namespace parallax {

/// In which fields a canonical row says something else than every emission of its action:
/// "revenue 50.87 (sent 50.88), tax none (sent 3.33)". Empty where all is as sent, or the text is
/// no JSON object. Columns that the row has not are the target's choice; times are compared where
/// they can be read. `row`: a JSON object in our column names, business fields at its top or in
/// `properties`.
std::string differing_fields(const TrackingPlan& plan, std::span<const Emission> emissions,
                             std::string_view row);

/// The text of an emission's business field as it was planned.
std::string field_text(const TrackingPlan& plan, const Emission& emission, std::size_t field);

}  // namespace parallax
