// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "sim/scenario/scenario.h"

namespace parallax {

/// An SDK as measured on the wire or read in its source; the numbers are of the version named.
struct SdkProfile {
  std::string_view name;    ///< "posthog-js@1.449"; a prefix of the exact version.
  std::string_view source;  ///< Where the numbers come from, and what they leave out.
  SdkPlan plan;
};

/// All profiles. "browser" and "node" are plain models without a product behind them: what a side
/// gets when the scenario names none.
std::span<const SdkProfile> sdk_profiles();

/// By name. "posthog-js@1.449.3" is the profile posthog-js@1.449, whose numbers hold for all of its
/// patch versions; another minor version is another SDK and is not found.
const SdkProfile* find_sdk_profile(std::string_view name);

}  // namespace parallax
