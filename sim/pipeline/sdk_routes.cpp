// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/sdk_routes.h"

#include <array>

#include "sim/pipeline/ndjson.h"

namespace parallax::pipeline {
namespace {

// ---- PostHog

Answer posthog_taken(const SdkRequest& request, std::uint64_t) {
  const bool beacon = request.query.find("beacon=1") != std::string_view::npos;
  if (beacon) return {204, ""};
  return {200, "{\"status\":\"Ok\"}"};
}

Answer posthog_refused(int status, std::string_view why) {
  return {status, std::string(why), "text/plain"};
}

constexpr SdkDialect posthog{"posthog", decode_posthog, posthog_taken, posthog_refused};

/// `supportedCompression` keeps posthog-js to requests that need no preflight.
constexpr std::string_view posthog_config =
    R"({"supportedCompression":["gzip","gzip-js"],"hasFeatureFlags":false,)"
    R"("sessionRecording":false,"surveys":false,"heatmaps":false,"capturePerformance":false,)"
    R"("captureDeadClicks":false,"autocaptureExceptions":false,"autocapture_opt_out":false,)"
    R"("defaultIdentifiedOnly":true,"siteApps":[],"toolbarParams":{},"isAuthenticated":false,)"
    R"("analytics":{"endpoint":"/i/v0/e/"}})";
constexpr std::string_view posthog_flags =
    R"({"flags":{},"featureFlags":{},"featureFlagPayloads":{},)"
    R"("errorsWhileComputingFlags":false})";

// ---- Whose path

struct Path {
  std::string_view path;  ///< Without a slash at its end.
  const SdkDialect* dialect;
};
constexpr std::array<Path, 4> paths{{
    {"/batch", &posthog},
    {"/e", &posthog},
    {"/i/v0/e", &posthog},
    {"/capture", &posthog},
}};

std::string_view without_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

const SdkDialect* find_dialect(std::string_view path, std::string_view) {
  path = without_slash(path);
  for (const Path& known : paths) {
    if (path == known.path) return known.dialect;
    const std::string_view name = known.dialect->name;
    const bool named = path.starts_with('/') && path.substr(1).starts_with(name);
    if (named && path.substr(1 + name.size()) == known.path) return known.dialect;
  }
  return nullptr;
}

std::optional<Answer> sdk_settings(std::string_view path) {
  path = without_slash(path);
  if (path.starts_with("/posthog/")) path.remove_prefix(std::string_view("/posthog").size());
  if (path.starts_with("/array/") && path.ends_with("/config"))
    return Answer{200, std::string(posthog_config)};
  if (path == "/flags" || path == "/decide") return Answer{200, std::string(posthog_flags)};
  return std::nullopt;
}

}  // namespace parallax::pipeline
