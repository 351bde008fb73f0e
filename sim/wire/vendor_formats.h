// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string_view>

#include "sim/wire/format.h"

/// Encoders of vendors' formats. Each sets what the vendor has a field for into that field; what
/// the tracking plan says beyond stands among the event's properties under our names. `plan` must
/// outlive the format.
namespace parallax {

/// What posthog-node posts to /batch/: {"api_key","batch":[{"event","uuid","distinct_id",
/// "timestamp","properties"}],"sent_at"}.
std::unique_ptr<WireFormat> make_posthog_format(const TrackingPlan& plan, std::string_view run_id,
                                                const FormatOptions& options);
/// What posthog-node posts to /i/v1/analytics/events: {"batch":[{"event","uuid","distinct_id",
/// "timestamp","session_id","properties"}],"created_at"}, with the project's key and the try's
/// number in headers. The answer names what becomes of each event.
std::unique_ptr<WireFormat> make_posthog_v1_format(const TrackingPlan& plan,
                                                   std::string_view run_id,
                                                   const FormatOptions& options);
/// What analytics-node posts to /v1/batch: {"writeKey","batch":[{"type":"track","event",
/// "messageId","userId","anonymousId","timestamp","context","properties"}],"sentAt"}.
std::unique_ptr<WireFormat> make_segment_format(const TrackingPlan& plan, std::string_view run_id,
                                                const FormatOptions& options);
/// As segment, with "originalTimestamp" and "channel", and the key in a header alone.
std::unique_ptr<WireFormat> make_rudderstack_format(const TrackingPlan& plan,
                                                    std::string_view run_id,
                                                    const FormatOptions& options);
/// Snowplow's tracker protocol 2: {"schema","data":[{"e":"ue","ue_px","eid","uid","duid","sid",
/// "dtm","stm",..}]}, every value a text. The event's name is that of its schema.
std::unique_ptr<WireFormat> make_snowplow_format(const TrackingPlan& plan, std::string_view run_id,
                                                 const FormatOptions& options);
/// Amplitude's HTTP API, version 2: {"api_key","options","events":[{"event_type","insert_id",
/// "user_id","device_id","time","event_properties"}],"client_upload_time"}.
std::unique_ptr<WireFormat> make_amplitude_format(const TrackingPlan& plan, std::string_view run_id,
                                                  const FormatOptions& options);
/// Mixpanel's /import: [{"event","properties":{"distinct_id","$insert_id","$device_id","time",
/// ..}}]. It states no time of sending.
std::unique_ptr<WireFormat> make_mixpanel_format(const TrackingPlan& plan, std::string_view run_id,
                                                 const FormatOptions& options);
/// GA4's Measurement Protocol: {"client_id","user_id","events":[{"name","timestamp_micros",
/// "params"}]}; a request is of one device. It states no time of sending; the URL has the keys.
/// Errors: names, texts or numbers of parameters that GA4 does not take (ga4.h).
Result<std::unique_ptr<WireFormat>> make_ga4_format(const TrackingPlan& plan,
                                                    std::string_view run_id,
                                                    const FormatOptions& options);
/// The user's own JSON. Errors: a property or context that the plan does not have.
Result<std::unique_ptr<WireFormat>> make_template_format(const TrackingPlan& plan,
                                                         std::string_view run_id,
                                                         const EventTemplate& pattern);
/// CloudEvents 1.0 in a JSON batch: [{"specversion","id","type","source","subject","time","data"}].
/// It states no time of sending.
std::unique_ptr<WireFormat> make_cloudevents_format(const TrackingPlan& plan,
                                                    std::string_view run_id,
                                                    const FormatOptions& options);

}  // namespace parallax
