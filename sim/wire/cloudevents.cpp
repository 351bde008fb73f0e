// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/vendor_format.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

class CloudEventsFormat final : public VendorFormat {
 public:
  CloudEventsFormat(const TrackingPlan& plan, std::string_view run_id)
      : VendorFormat(plan, run_id) {}

  std::string_view path() const override { return "/cloudevents"; }
  std::string_view content_type() const override { return "application/cloudevents-batch+json"; }
  void begin_batch(TextBuffer& body) const override { body.append("["); }
  void end_batch(SimTime, TextBuffer& body) const override { end_events(body); }

 protected:
  char* write(const SharedParts& parts, const Emission& emission, char* out) const override {
    using enum SharedKey;
    const bool client = emission.source == Source::client;
    return JsonOut(out)
        .raw("{")
        .member("specversion", "\"1.0\"")
        .member("id", parts.at(event_id))
        .member("type", parts.at(event_name))
        .member("source", client ? "\"/parallax/client\"" : "\"/parallax/server\"")
        .member("subject", parts.at(user_id))
        .member("time", own_time(parts, emission))
        .member("datacontenttype", "\"application/json\"")
        .raw(",\"data\":{")
        .plan(parts, device_id, context)
        .raw("}}")
        .end();
  }
};

}  // namespace

std::unique_ptr<WireFormat> make_cloudevents_format(const TrackingPlan& plan,
                                                    std::string_view run_id, const FormatOptions&) {
  return std::make_unique<CloudEventsFormat>(plan, run_id);
}

}  // namespace parallax
