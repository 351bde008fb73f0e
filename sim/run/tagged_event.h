// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "sim/core/canonical_row.h"
#include "sim/core/event.h"
#include "sim/core/result.h"
#include "sim/core/tracking_plan.h"
#include "sim/drive/target.h"
#include "sim/scenario/target.h"
#include "sim/wire/format.h"

namespace parallax {

/// One server event of its own kind, run, user and session, that any pipeline should keep: what
/// `parallax check` looks for again, and the watermark that comes after a run's last event.
class TaggedEvent {
 public:
  /// The same `run_id` makes the same event id.
  TaggedEvent(std::string event_name, std::string of_run, SimTime at);

  /// The wire format that `send` names, for this event; the event must outlive it.
  /// Errors (invalid_input): no such wire format.
  Result<std::unique_ptr<WireFormat>> format(const TargetPlan::Send& send) const;
  SendResult send(Target& target, const WireFormat& format) const;
  bool is_row(const CanonicalRow& row) const {
    return identifies(row.id_form) && row.event_id == emission.event_id;
  }

  std::string run_id;
  TrackingPlan plan;  ///< Of this event alone.
  Emission emission;
};

/// The watermark of a run, sent at the end of its simulated time.
TaggedEvent watermark_of(const std::string& run_id, SimTime at);

}  // namespace parallax
