// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/codes.h"
#include "sim/wire/vendor_format.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

class MixpanelFormat final : public VendorFormat {
 public:
  MixpanelFormat(const TrackingPlan& plan, std::string_view run_id, std::string_view key)
      : VendorFormat(plan, run_id), key_(key) {}

  std::string_view path() const override { return "/import?strict=1"; }
  std::vector<std::pair<std::string, std::string>> headers() const override {
    return {basic_authorization(key_)};
  }
  void begin_batch(TextBuffer& body) const override { body.append("["); }
  void end_batch(SimTime, TextBuffer& body) const override { end_events(body); }

 protected:
  char* write(const SharedParts& parts, const Emission& emission, char* out) const override {
    using enum SharedKey;
    JsonOut json(out);
    json.raw("{")
        .member("event", parts.at(event_name))
        .raw(",\"properties\":{")
        .member("distinct_id", parts.at(user_id))
        .member("$device_id", parts.at(device_id))
        .member("$insert_id", parts.at(event_id));
    if (!own_time(parts, emission).empty()) json.number("time", own_milliseconds(emission));
    return json.plan(parts, session_id, context).raw("}}").end();
  }

 private:
  std::string key_;
};

}  // namespace

std::unique_ptr<WireFormat> make_mixpanel_format(const TrackingPlan& plan, std::string_view run_id,
                                                 const FormatOptions& options) {
  return std::make_unique<MixpanelFormat>(plan, run_id, options.key);
}

}  // namespace parallax
