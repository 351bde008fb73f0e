// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "sim/wire/format.h"
#include "sim/wire/shared.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

struct KnownFormat {
  std::string_view name;
  std::unique_ptr<WireFormat> (*make)(const TrackingPlan& plan, std::string_view run_id,
                                      const FormatOptions& options);
};

std::unique_ptr<WireFormat> make_shared(const TrackingPlan& plan, std::string_view run_id,
                                        const FormatOptions&) {
  return make_shared_format(plan, run_id);
}

constexpr std::array known_formats{KnownFormat{"shared", make_shared},
                                   KnownFormat{"posthog", make_posthog_format},
                                   KnownFormat{"segment", make_segment_format},
                                   KnownFormat{"rudderstack", make_rudderstack_format},
                                   KnownFormat{"snowplow", make_snowplow_format},
                                   KnownFormat{"amplitude", make_amplitude_format},
                                   KnownFormat{"mixpanel", make_mixpanel_format},
                                   KnownFormat{"cloudevents", make_cloudevents_format}};

}  // namespace

void WireFormat::batch(std::span<const Emission* const> emissions, SimTime sent_at,
                       std::string& out) const {
  TextBuffer body;
  (void)body.room(emissions.size() * event_room());  // grows once
  begin_batch(body);
  for (const Emission* emission : emissions) add_event(*emission, body);
  end_batch(sent_at, body);
  out = body.text();
}

void WireFormat::event(const Emission& emission, std::string& out) const {
  const std::size_t at = out.size();
  out.resize(at + event_room());
  const char* const end = write_event(emission, out.data() + at);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

std::vector<std::string_view> wire_format_names() {
  std::vector<std::string_view> names;
  for (const KnownFormat& format : known_formats) names.push_back(format.name);
  return names;
}

Result<std::unique_ptr<WireFormat>> make_wire_format(std::string_view name,
                                                     const TrackingPlan& plan,
                                                     std::string_view run_id,
                                                     const FormatOptions& options) {
  if (options.key.size() > FormatOptions::key_longest)
    return Error{Error::Kind::invalid_input, "a key of more than 256 bytes", "key"};
  std::string names;
  for (const KnownFormat& format : known_formats) {
    if (format.name == name) return format.make(plan, run_id, options);
    names += names.empty() ? "" : ", ";
    names += format.name;
  }
  return Error{Error::Kind::invalid_input, "unknown wire format; there are: " + names,
               std::string(name)};
}

}  // namespace parallax
