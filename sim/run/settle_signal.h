// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "sim/read/reader.h"
#include "sim/scenario/target.h"

namespace parallax {

/// Whether the target file names a sign that the target is done: a URL, a command, a watermark.
inline bool has_settle_signal(const TargetPlan::Settle& plan) {
  return !plan.url.empty() || !plan.command.empty() || plan.watermark;
}

/// Asks once: the URL answers 200, the command ends with 0, the watermark's row is there, each if
/// it is named. Bounded by `plan.limit`. A failure of any kind is "not yet".
bool settle_signal_given(const TargetPlan::Settle& plan, std::string_view run_id,
                         RowReader& reader);

}  // namespace parallax
