// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/core/result.h"
#include "sim/run/report.h"

namespace parallax {

/// `text` with every expanded value of a target file as "***". Values of less than four characters
/// are left: they hide nothing, and would blot out half of the text.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);
/// The same in everything of a report, or of an Error, that may come from the target.
Result<RunReport> without_secrets(Result<RunReport> result,
                                  const std::vector<std::string>& secrets);

}  // namespace parallax
