// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string_view>

#include "sim/wire/format.h"

namespace parallax {

/// "posthog": what posthog-node posts to /batch/.
/// {"api_key":key,"batch":[{"event","uuid","distinct_id","timestamp","properties":{..}}],"sent_at"}
/// The properties hold $device_id, $session_id, then what the tracking plan says beyond
/// PostHog's own fields, under our names: sequence_id .. context, money, business fields.
std::unique_ptr<WireFormat> make_posthog_format(const TrackingPlan& plan, std::string_view run_id,
                                                const FormatOptions& options);

}  // namespace parallax
