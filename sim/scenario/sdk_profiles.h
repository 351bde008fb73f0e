// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// How a number of a profile is known.
enum class SdkEvidence : std::uint8_t {
  measured,  ///< Seen on the wire.
  source,    ///< Read in the SDK's source.
  docs,      ///< The vendor's documentation or server source.
  assumed,   ///< Nobody looked; a choice of ours.
};
constexpr std::array<std::string_view, 4> evidence_names{"measured", "source", "docs", "assumed"};

/// An SDK as a data file, sim/sdk/profiles/NAME@VERSION.json, embedded into the program.
struct SdkProfile {
  std::string name;  ///< "posthog-js@1.449"; a prefix of the exact version.
  Source side = Source::client;
  std::string about;       ///< One sentence.
  std::string source;      ///< Where the numbers come from.
  std::string leaves_out;  ///< What the SDK does and the model does not; may be empty.
  SdkPlan plan;
  /// By key; keys that the profile does not state have the model's defaults.
  std::map<std::string_view, SdkEvidence> evidence;
};

/// All profiles, in the order of the table. "browser" and "node" are plain models without a product
/// behind them: what a side gets when the scenario names none.
std::span<const SdkProfile> sdk_profiles();

/// By name. "posthog-js@1.449.3" is the profile posthog-js@1.449, whose numbers hold for all of its
/// patch versions; another minor version is another SDK and is not found.
const SdkProfile* find_sdk_profile(std::string_view name);
/// The files of sim/sdk/profiles, without ".json": each after those that it is like.
std::span<const std::string_view> sdk_profile_file_names();
/// Names for messages.
std::vector<std::string_view> sdk_profile_names();

/// Reads one profile's text. `known`: profiles that its "like" may name. Errors: every mistake of
/// the file in one text.
Result<SdkProfile> read_sdk_profile(const std::string& name, std::string_view text,
                                    std::span<const SdkProfile> known);

/// Content of sim/sdk/profiles/NAME at build time; empty when there is none. The build makes it.
std::string_view embedded_sdk_profile(std::string_view name);

}  // namespace parallax
