// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

#include "sim/core/result.h"

namespace parallax {

/// The whole file. Errors (io): no regular file, or it cannot be read.
Result<std::string> read_whole_file(const std::filesystem::path& file);

}  // namespace parallax
