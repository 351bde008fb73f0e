// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/sdk_answers.h"

#include <string>

#include "sim/wire/json_text.h"

namespace parallax::pipeline {
namespace {

using namespace std::string_view_literals;

constexpr const char* text_type = "text/plain";

/// A GIF of one transparent pixel.
constexpr std::string_view pixel =
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x01\x00\x00\x00\x00"
    "\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b"sv;

bool has(const SdkRequest& request, std::string_view word) {
  return request.query.find(word) != std::string_view::npos;
}

}  // namespace

Answer posthog_taken(const SdkRequest& request, const Taking&) {
  if (has(request, "beacon=1")) return {204, ""};
  return {200, "{\"status\":\"Ok\"}"};
}

Answer posthog_v1_taken(const SdkRequest&, const Taking& taking) {
  return {200, "{\"results\":{" + std::string(taking.results) + "}}"};
}

Answer segment_taken(const SdkRequest&, const Taking&) { return {200, "{\"success\":true}"}; }

Answer rudderstack_taken(const SdkRequest&, const Taking&) { return {200, "ok", text_type}; }

Answer snowplow_taken(const SdkRequest& request, const Taking&) {
  const bool asked_for_pixel = request.path.ends_with("/i");
  if (asked_for_pixel) return {200, std::string(pixel), "image/gif"};
  return {200, "ok", text_type};
}

/// The SDKs read `code` in the body; 200 without it is a failure to them.
Answer amplitude_taken(const SdkRequest& request, const Taking& taking) {
  return {200, "{\"code\":200,\"events_ingested\":" + std::to_string(taking.events) +
                   ",\"payload_size_bytes\":" + std::to_string(request.body->size()) +
                   ",\"server_upload_time\":" +
                   std::to_string(request.arrival.since_epoch / millisecond) + "}"};
}

/// Its server SDK reads the body and not the status: "1" is success, whatever stands above it.
Answer mixpanel_taken(const SdkRequest& request, const Taking& taking) {
  if (request.path.find("/import") != std::string_view::npos)
    return {200, "{\"code\":200,\"num_records_imported\":" + std::to_string(taking.events) +
                     ",\"status\":\"OK\"}"};
  if (has(request, "verbose=1")) return {200, "{\"status\":1,\"error\":null}"};
  return {200, "1", text_type};
}

Answer no_content_taken(const SdkRequest&, const Taking&) { return {204, ""}; }

Answer text_refused(const SdkRequest&, const Refusal& refusal) {
  return {refusal.status, refusal.what, text_type};
}

Answer posthog_v1_refused(const SdkRequest&, const Refusal& refusal) {
  return {refusal.status, "{\"error\":" + json::quoted(refusal.what) + ",\"error_description\":" +
                              json::quoted(refusal.details) + ",\"error_uri\":null}"};
}

Answer message_refused(const SdkRequest&, const Refusal& refusal) {
  return {refusal.status, "{\"success\":false,\"message\":" + json::quoted(refusal.what) + "}"};
}

Answer amplitude_refused(const SdkRequest&, const Refusal& refusal) {
  return {refusal.status, "{\"code\":" + std::to_string(refusal.status) +
                              ",\"error\":" + json::quoted(refusal.what) + refusal.details + "}"};
}

Answer mixpanel_refused(const SdkRequest& request, const Refusal& refusal) {
  const bool terse =
      request.path.find("/import") == std::string_view::npos && !has(request, "verbose=1");
  if (terse) return {refusal.status, "0", text_type};
  return {refusal.status, "{\"code\":" + std::to_string(refusal.status) +
                              ",\"status\":0,\"error\":" + json::quoted(refusal.what) + "}"};
}

/// Its validation server says what is wrong; the other one nothing, unless the pipeline itself
/// failed.
Answer ga4_refused(const SdkRequest&, const Refusal& refusal) {
  if (refusal.status == 204) return {204, ""};
  if (refusal.status != 200) return {refusal.status, refusal.what, text_type};
  return {200, "{\"validationMessages\":[" + refusal.details + "]}"};
}

}  // namespace parallax::pipeline
