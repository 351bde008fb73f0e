// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/proxy/names.h"
#include "sim/wire/json_tree.h"
#include "sim/wire/sdk_formats.h"
#include "sim/wire/shared_decode.h"

namespace parallax::proxy {

/// An event that went by, as the ledger will hold it. The emission has no action id and no copy
/// yet: the book gives them.
struct Sighted {
  Emission emission;
  Uuid identity;              ///< What tells it from other events, the same on both sides.
  std::uint64_t content = 0;  ///< Hash of what it says; a retry says the same.
};

/// The events of one request.
struct Sightings {
  std::vector<Sighted> events;
  std::string run_id;     ///< Of the first event that states one.
  std::size_t total = 0;  ///< Those of the request; of actions without a plan too.
};

/// Turns requests into events of the scenario's plan. Keeps its buffers; not thread-safe.
///
/// What real traffic leaves open: an event's true time is the one it states; the device's and the
/// session's numbers are made of their texts; a value outside the plan gets a number of its own
/// (names.h). Times that a vendor's collector would correct by its own clock are left out: that
/// collector's "now" is not ours, and no row can be held against them.
class EventReader {
 public:
  /// Both must outlive it; `scenario` is opened.
  EventReader(const Scenario& scenario, Names& names) : plan_(scenario.plan), names_(names) {}

  /// Reads a request's body, unpacked; it may be changed. `format` null: the shared format.
  /// False where nothing in it is an event of the plan, or it cannot be read: unknown traffic.
  bool read(const SdkFormat* format, const SdkRequest& request, Sightings& out);

 private:
  std::optional<Sighted> sight(const SharedEvent& event, SimTime arrival, bool exact_times);
  void read_identity(const SharedEvent& event, Emission& out) const;
  void read_who(const SharedEvent& event, Emission& out);
  void read_times(const SharedEvent& event, SimTime arrival, bool exact, Emission& out) const;
  void read_context(const SharedEvent& event, Action& out);
  void read_fields(const SharedEvent& event, Emission& out);
  FieldForm read_value(std::size_t field, const Token& token, const Emission& emission,
                       std::int64_t& value);

  const TrackingPlan& plan_;
  Names& names_;
  DecodeSpace space_;
  SharedDecoder decoder_;
  JsonTree tree_;
  std::string text_;
};

}  // namespace parallax::proxy
