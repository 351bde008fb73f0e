// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/pipeline/collector.h"
#include "sim/wire/dialects.h"

namespace parallax::pipeline {

/// What was taken of a request: so many events, and what the decoder says of single ones
/// (DecodeSpace::results).
struct Taking {
  std::uint64_t events = 0;
  std::string_view results;
};

/// A vendor's collector as its SDKs know it: what they send, and what they take for an answer. A
/// generic 200 is none: an SDK that reads another body than it expects sends everything again.
struct SdkDialect {
  std::string_view name;
  DecodeSdk decode = nullptr;
  /// The batch is on the disk.
  Answer (*taken)(const SdkRequest& request, const Taking& taking) = nullptr;
  /// Nothing of it was stored: refused by the decoder, or 413, 500, 503 of the collector.
  Answer (*refused)(const SdkRequest& request, const Refusal& refusal) = nullptr;
};

/// Whose request this is: by its path, and where vendors share one, by its body. A path may begin
/// with the vendor's name, "/posthog/batch/": a test gives an SDK such a host to be sure.
/// A slash at the end is as good as none. Null where no SDK sends.
const SdkDialect* find_dialect(std::string_view path, std::string_view body);

/// What SDKs ask for besides sending: settings and feature flags, as of a project that has none.
std::optional<Answer> sdk_settings(std::string_view path);

}  // namespace parallax::pipeline
