// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/pipeline/collector.h"
#include "sim/wire/sdk_formats.h"

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
  const SdkFormat* format = nullptr;
  /// The batch is on the disk.
  Answer (*taken)(const SdkRequest& request, const Taking& taking) = nullptr;
  /// Nothing of it was stored: refused by the decoder, or 413, 500, 503 of the collector.
  Answer (*refused)(const SdkRequest& request, const Refusal& refusal) = nullptr;
};

/// Whose request this is (find_sdk_format). Nothing where no SDK sends.
std::optional<SdkDialect> find_dialect(std::string_view path, std::string_view body);

/// What SDKs ask for besides sending: settings and feature flags, as of a project that has none.
std::optional<Answer> sdk_settings(std::string_view path);

}  // namespace parallax::pipeline
