// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string_view>

#include "sim/wire/format.h"

namespace parallax {

/// "shared": the generic HTTP ingest format of DESIGN sections 6 and 8.
/// Event: {"event_name","event_id","user_id","device_id","session_id","sequence_id","client_ts",
/// "server_ts","source","schema_version","consent_state","retry_count","delivery_status","run_id",
/// "context":{"page",<trait>..},"currency","revenue","tax","properties":{..}}, in this order.
/// - A time that is `no_time` has no key; neither has an id whose form is `absent`.
/// - `currency` stands where the action type has a money field. Money named `revenue` or `tax`
///   stands beside it; every other business field is in `properties`, in the plan's order.
/// - A side carries only the fields that the plan puts on it, in the form the emission says. What a
///   fault made of it beyond that (Emission::is_plain) is in shared_odd.h.
/// Batch: {"batch":[event,..],"sent_at":time}.
/// Preconditions: `plan` outlives the format; its names and `run_id` are UTF-8.
std::unique_ptr<WireFormat> make_shared_format(const TrackingPlan& plan, std::string_view run_id);

}  // namespace parallax
