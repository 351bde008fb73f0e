// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cassert>

#include "sim/wire/format.h"
#include "sim/wire/shared.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

struct KnownFormat {
  std::string_view name;
  Result<std::unique_ptr<WireFormat>> (*make)(const TrackingPlan& plan, std::string_view run_id,
                                              const FormatOptions& options);
};

std::unique_ptr<WireFormat> make_shared(const TrackingPlan& plan, std::string_view run_id,
                                        const FormatOptions&) {
  return make_shared_format(plan, run_id);
}

/// Of a maker that cannot fail.
template <auto make>
Result<std::unique_ptr<WireFormat>> made(const TrackingPlan& plan, std::string_view run_id,
                                         const FormatOptions& options) {
  return make(plan, run_id, options);
}

constexpr std::array known_formats{KnownFormat{"shared", made<make_shared>},
                                   KnownFormat{"posthog", made<make_posthog_format>},
                                   KnownFormat{"posthog-v1", made<make_posthog_v1_format>},
                                   KnownFormat{"segment", made<make_segment_format>},
                                   KnownFormat{"rudderstack", made<make_rudderstack_format>},
                                   KnownFormat{"snowplow", made<make_snowplow_format>},
                                   KnownFormat{"amplitude", made<make_amplitude_format>},
                                   KnownFormat{"mixpanel", made<make_mixpanel_format>},
                                   KnownFormat{"ga4", make_ga4_format},
                                   KnownFormat{"cloudevents", made<make_cloudevents_format>}};

}  // namespace

Result<void> WireFormat::read_results(std::string&, std::span<const Emission* const>,
                                      std::vector<EventResult>& results) const {
  assert(!answers_by_event());
  results.clear();
  return {};
}

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
  if (name == "template") return make_template_format(plan, run_id, options.pattern);
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
