// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "sim/scenario/target.h"

namespace parallax {

/// Whether the target file names a sign of the target's own that it is done: a URL or a command.
inline bool has_settle_signal(const TargetPlan::Settle& plan) {
  return !plan.url.empty() || !plan.command.empty();
}

/// Asks once: the URL answers 200 and the command ends with 0, each if there is one. Bounded by
/// `plan.limit`. A failure of any kind is "not yet".
bool settle_signal_given(const TargetPlan::Settle& plan, std::string_view run_id);

}  // namespace parallax
