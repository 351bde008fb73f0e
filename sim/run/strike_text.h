// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "sim/core/ledger.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/strike_point.h"

namespace parallax {

/// "after_commit": at which of its points the plan's fault struck what it `met`. Of several it is
/// the one of which an attempt's `strike` tells. Empty where the fault is of no kind.
std::string_view struck_at(const FaultPlan& plan, StrikePlace::Meets met, Strike strike);

}  // namespace parallax
