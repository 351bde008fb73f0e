// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/sdk_routes.h"

#include <array>

#include "sim/pipeline/sdk_answers.h"

namespace parallax::pipeline {
namespace {

constexpr SdkDialect posthog{"posthog", decode_posthog, posthog_taken, text_refused};
constexpr SdkDialect posthog_v1{"posthog-v1", decode_posthog_v1, posthog_v1_taken,
                                posthog_v1_refused};
constexpr SdkDialect segment{"segment", decode_segment, segment_taken, message_refused};
constexpr SdkDialect rudderstack{"rudderstack", decode_rudderstack, rudderstack_taken,
                                 text_refused};
constexpr SdkDialect snowplow{"snowplow", decode_snowplow, snowplow_taken, text_refused};
constexpr SdkDialect amplitude{"amplitude", decode_amplitude, amplitude_taken, amplitude_refused};
constexpr SdkDialect mixpanel{"mixpanel", decode_mixpanel, mixpanel_taken, mixpanel_refused};
constexpr SdkDialect ga4{"ga4", decode_ga4, no_content_taken, ga4_refused};
constexpr SdkDialect cloudevents{"cloudevents", decode_cloudevents, no_content_taken, text_refused};

struct Path {
  std::string_view path;  ///< Without a slash at its end.
  const SdkDialect* dialect;
  /// Of vendors that share a path, the body of one holds this word; the other stands behind it.
  std::string_view word = {};
};
constexpr std::string_view write_key = "\"writeKey\"";
constexpr std::array paths{
    Path{"/batch", &amplitude, "\"events\""},
    Path{"/batch", &posthog},
    Path{"/e", &posthog},
    Path{"/i/v0/e", &posthog},
    Path{"/capture", &posthog},
    Path{"/i/v1/analytics/events", &posthog_v1},
    Path{"/v1/batch", &segment, write_key},
    Path{"/v1/batch", &rudderstack},
    Path{"/v1/b", &segment},
    Path{"/v1/t", &segment},
    Path{"/v1/i", &segment},
    Path{"/v1/p", &segment},
    Path{"/v1/s", &segment},
    Path{"/v1/g", &segment},
    Path{"/v1/a", &segment},
    Path{"/v1/track", &segment, write_key},
    Path{"/v1/track", &rudderstack},
    Path{"/v1/identify", &segment, write_key},
    Path{"/v1/identify", &rudderstack},
    Path{"/v1/page", &segment, write_key},
    Path{"/v1/page", &rudderstack},
    Path{"/v1/screen", &segment, write_key},
    Path{"/v1/screen", &rudderstack},
    Path{"/v1/group", &segment, write_key},
    Path{"/v1/group", &rudderstack},
    Path{"/v1/alias", &segment, write_key},
    Path{"/v1/alias", &rudderstack},
    Path{"/com.snowplowanalytics.snowplow/tp2", &snowplow},
    Path{"/i", &snowplow},
    Path{"/2/httpapi", &amplitude},
    Path{"/track", &mixpanel},
    Path{"/import", &mixpanel},
    Path{"/engage", &mixpanel},
    Path{"/groups", &mixpanel},
    Path{"/mp/collect", &ga4},
    Path{"/debug/mp/collect", &ga4},
    Path{"/cloudevents", &cloudevents},
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

std::string_view without_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

const SdkDialect* find_dialect(std::string_view path, std::string_view body) {
  path = without_slash(path);
  for (const Path& known : paths) {
    const std::string_view name = known.dialect->name;
    const bool named = path.starts_with('/') && path.substr(1).starts_with(name);
    if (named && path.substr(1 + name.size()) == known.path) return known.dialect;
    const bool has_word = body.find(known.word) != std::string_view::npos;
    if (path == known.path && has_word) return known.dialect;
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
