// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string_view>

#include "sim/core/result.h"

namespace parallax::proxy {

/// A new, empty file that only its owner may read: what it gets holds keys and people. The
/// descriptor is the caller's.
Result<int> create_private(const std::filesystem::path& file);
/// Hands all of it to the operating system: a kill of this process loses none. False: a full disk.
bool append_all(int file, std::string_view bytes);

}  // namespace parallax::proxy
