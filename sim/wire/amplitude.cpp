// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/vendor_format.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

class AmplitudeFormat final : public VendorFormat {
 public:
  AmplitudeFormat(const TrackingPlan& plan, std::string_view run_id, std::string_view key)
      : VendorFormat(plan, run_id),
        // Ids of fewer than five characters are refused unless the request allows them.
        open_("{\"api_key\":" + json::quoted(key) +
              ",\"options\":{\"min_id_length\":1},\"events\":[") {}

  std::string_view path() const override { return "/2/httpapi"; }
  void begin_batch(TextBuffer& body) const override { body.append(open_); }
  void end_batch(SimTime sent_at, TextBuffer& body) const override {
    end_with_time(sent_at, "client_upload_time", body);
  }

 protected:
  char* write(const SharedParts& parts, const Emission& emission, char* out) const override {
    using enum SharedKey;
    JsonOut json(out);
    json.raw("{")
        .member("event_type", parts.at(event_name))
        .member("insert_id", parts.at(event_id))
        .member("user_id", parts.at(user_id))
        .member("device_id", parts.at(device_id));
    if (!own_time(parts, emission).empty()) json.number("time", own_milliseconds(emission));
    return json.raw(",\"event_properties\":{").plan(parts, session_id, context).raw("}}").end();
  }

 private:
  std::string open_;
};

}  // namespace

std::unique_ptr<WireFormat> make_amplitude_format(const TrackingPlan& plan, std::string_view run_id,
                                                  const FormatOptions& options) {
  return std::make_unique<AmplitudeFormat>(plan, run_id, options.key);
}

}  // namespace parallax
