// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/policies.h"

#include <algorithm>
#include <array>

#include "sim/pipeline/models.h"

namespace parallax {
namespace {

constexpr std::array<PolicyKind, 8> kinds{{
    {reference_policy, "event_id, else place in the session, else content within 60 s", "for ever",
     "each field from the side that owns it", "at once", "not in the key", "DESIGN section 6"},
    {"posthog", "UTC day, event, distinct_id, uuid", "same day", "last", "after merges",
     "after correction", "PostHog/posthog sql.py, timestamp.rs, #17211, #30692"},
    {"segment", "messageId", "24 h, 99 % of copies", "first", "at once", "not in the key",
     "segment-docs spec/common, duplicate data"},
    {"rudderstack", "messageId", "1 h (open source: off)", "first", "at once", "not in the key",
     "rudder-server services/dedup"},
    {"snowplow", "event_id, fingerprint of the payload", "for ever", "first", "at once",
     "before correction, in the fingerprint", "Snowplow documents: deduplication"},
    {"amplitude", "insert_id, device_id; else counter, time, device", "7 days", "first", "at once",
     "before correction, without an id", "Amplitude documents: HTTP V2"},
    {"mixpanel", "event, distinct_id, second, $insert_id", "for ever", "last", "at query time",
     "not corrected", "mixpanel/docs track-event-deduplication.md"},
    {"ga4", "transaction_id of a purchase", "for ever", "first (assumed)", "at once",
     "not in the key", "support.google.com 12313109, 9267744"},
}};

}  // namespace

std::vector<PolicyKind> policy_kinds() { return {kinds.begin(), kinds.end()}; }

Result<PolicyKind> find_policy(std::string_view name) {
  const auto* kind = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const PolicyKind& each) { return each.name == name; });
  if (kind != kinds.end()) return *kind;
  std::vector<std::string_view> names;
  for (const PolicyKind& each : kinds) names.push_back(each.name);
  return Error{Error::Kind::invalid_input,
               "unknown policy; did you mean " + std::string(pipeline::nearest_of(name, names)) +
                   "? `parallax policies` lists them",
               std::string(name)};
}

}  // namespace parallax
