// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "sim/pipeline/collector.h"
#include "sim/pipeline/sdk_routes.h"
#include "sim/wire/dialects.h"

/// What the collectors of vendors answer: the words that their SDKs look at.
namespace parallax::pipeline {

using Taken = Answer(const SdkRequest& request, const Taking& taking);
using Refused = Answer(const SdkRequest& request, const Refusal& refusal);

Taken posthog_taken, posthog_v1_taken, segment_taken, rudderstack_taken, snowplow_taken,
    amplitude_taken, mixpanel_taken, no_content_taken;
/// `text_refused`: the reason as text. `message_refused`: {"success":false,"message":..}.
/// `posthog_v1_refused`: {"error":tag,"error_description":..}.
Refused text_refused, posthog_v1_refused, message_refused, amplitude_refused, mixpanel_refused,
    ga4_refused;

}  // namespace parallax::pipeline
