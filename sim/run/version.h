// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace parallax {

/// The version of this build, as in CMakeLists.txt (a test compares).
constexpr const char* version_text = "0.1.0";

}  // namespace parallax
