// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/sdk_routes.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "sim/pipeline/sdk_answers.h"

namespace parallax::pipeline {
namespace {

struct Words {
  std::string_view name;
  Taken* taken;
  Refused* refused;
};
constexpr std::array words{
    Words{"posthog", posthog_taken, text_refused},
    Words{"posthog-v1", posthog_v1_taken, posthog_v1_refused},
    Words{"segment", segment_taken, message_refused},
    Words{"rudderstack", rudderstack_taken, text_refused},
    Words{"snowplow", snowplow_taken, text_refused},
    Words{"amplitude", amplitude_taken, amplitude_refused},
    Words{"mixpanel", mixpanel_taken, mixpanel_refused},
    Words{"ga4", no_content_taken, ga4_refused},
    Words{"cloudevents", no_content_taken, text_refused},
};

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

}  // namespace

std::optional<SdkDialect> find_dialect(std::string_view path, std::string_view body) {
  const SdkFormat* const format = find_sdk_format(path, body);
  if (format == nullptr) return std::nullopt;
  const auto* const found = std::find_if(
      words.begin(), words.end(), [&](const Words& some) { return some.name == format->name; });
  assert(found != words.end());
  return SdkDialect{format, found->taken, found->refused};
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
