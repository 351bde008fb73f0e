// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/event_result.h"
#include "sim/core/event_template.h"
#include "sim/core/result.h"
#include "sim/core/text_buffer.h"
#include "sim/core/tracking_plan.h"

namespace parallax {

/// What one request of a format can hold, beyond what a sender's SDK has as its own limit.
struct BatchLimits {
  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t events = unlimited;
  bool one_device = false;  ///< A request is of one device: a server's has one event.
};

/// What a format may state in the headers of one request.
struct RequestFacts {
  std::uint64_t batch = 0;   ///< Names the batch, through all its tries.
  std::uint16_t number = 1;  ///< Of the try; 1 = first.
  SimTime sent_at;           ///< The sender's clock.
};

/// Turns emissions into the bytes of a wire format. Immutable after it was made: templates are
/// compiled from the tracking plan once, then only ids, times and numbers are patched in.
/// To add one: sim/wire/NAME.cpp defining make_NAME_format, and its line in formats.cpp.
class WireFormat {
 public:
  virtual ~WireFormat() = default;
  /// The body of one request in the making, appended to `body`: its beginning, each of its events,
  /// and its end with what the batch states as its time of sending, or `no_time` to state nothing.
  virtual void begin_batch(TextBuffer& body) const = 0;
  virtual void add_event(const Emission& emission, TextBuffer& body) const = 0;
  virtual void end_batch(SimTime sent_at, TextBuffer& body) const = 0;
  /// Writes one event, without a line end, and returns its end: NDJSON for files. Precondition:
  /// room for `event_room()` bytes at `out`.
  virtual char* write_event(const Emission& emission, char* out) const = 0;
  /// Most bytes that `write_event` touches.
  virtual std::size_t event_room() const = 0;
  virtual std::string_view content_type() const = 0;
  /// Where the embedded pipeline takes it, as the vendor's collector does.
  virtual std::string_view path() const = 0;
  /// Headers that the vendor wants beside the content type: its way of naming the project.
  virtual std::vector<std::pair<std::string, std::string>> headers() const { return {}; }

  /// Appends header lines of one request, each with its line end.
  virtual void write_headers(const RequestFacts&, std::string&) const {}
  virtual BatchLimits limits() const { return {}; }
  /// Whether a 2xx says of each event what became of it.
  virtual bool answers_by_event() const { return false; }
  /// Replaces `results` by what such an answer says, parallel to `events`; nothing where every
  /// event was taken. Errors (protocol): it is no such answer. Only where answers_by_event().
  virtual Result<void> read_results(std::string& answer, std::span<const Emission* const> events,
                                    std::vector<EventResult>& results) const;

  /// Replaces `out` by the body of one request.
  void batch(std::span<const Emission* const> emissions, SimTime sent_at, std::string& out) const;
  /// Appends one event to a text.
  void event(const Emission& emission, std::string& out) const;
};

/// What a target file says of the format it names.
struct FormatOptions {
  static constexpr std::size_t key_longest = 256;
  std::string key = "parallax";  ///< The project's key or token, where the vendor's format has one.
  EventTemplate pattern;         ///< Of the format "template".
};

/// Names of formats that `make_wire_format` knows, but for "template", which is the user's own.
std::vector<std::string_view> wire_format_names();
/// `plan` must outlive the format. Errors: an unknown name, a key that is too long, a plan that
/// breaks the vendor's rules or lacks what a template names.
Result<std::unique_ptr<WireFormat>> make_wire_format(std::string_view name,
                                                     const TrackingPlan& plan,
                                                     std::string_view run_id,
                                                     const FormatOptions& options = {});

}  // namespace parallax
