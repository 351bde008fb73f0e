// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/sdk_formats.h"

#include <algorithm>
#include <array>

namespace parallax {
namespace {

constexpr SdkFormat posthog{"posthog", decode_posthog};
constexpr SdkFormat posthog_v1{"posthog-v1", decode_posthog_v1};
constexpr SdkFormat segment{"segment", decode_segment};
constexpr SdkFormat rudderstack{"rudderstack", decode_rudderstack};
constexpr SdkFormat snowplow{"snowplow", decode_snowplow};
constexpr SdkFormat amplitude{"amplitude", decode_amplitude};
constexpr SdkFormat mixpanel{"mixpanel", decode_mixpanel};
constexpr SdkFormat ga4{"ga4", decode_ga4};
constexpr SdkFormat cloudevents{"cloudevents", decode_cloudevents};

struct Path {
  std::string_view path;  ///< Without a slash at its end.
  const SdkFormat* format;
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

/// Whether `path`, without a slash at its end, is that one, perhaps behind the vendor's name.
enum class Fit : std::uint8_t { none, shared, named };
Fit fit_of(const Path& known, std::string_view path) {
  if (path == known.path) return Fit::shared;
  const std::string_view name = known.format->name;
  const bool named = path.starts_with('/') && path.substr(1).starts_with(name);
  return named && path.substr(1 + name.size()) == known.path ? Fit::named : Fit::none;
}

}  // namespace

std::string_view without_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

const SdkFormat* find_sdk_format(std::string_view path, std::string_view body) {
  path = without_slash(path);
  for (const Path& known : paths) {
    const Fit fit = fit_of(known, path);
    if (fit == Fit::named) return known.format;
    if (fit == Fit::shared && body.find(known.word) != std::string_view::npos) return known.format;
  }
  return nullptr;
}

bool is_sdk_path(std::string_view path) {
  path = without_slash(path);
  return std::any_of(paths.begin(), paths.end(),
                     [&](const Path& known) { return fit_of(known, path) != Fit::none; });
}

}  // namespace parallax
