// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/vendor_format.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

class PosthogFormat final : public VendorFormat {
 public:
  PosthogFormat(const TrackingPlan& plan, std::string_view run_id, std::string_view key)
      : VendorFormat(plan, run_id), open_("{\"api_key\":" + json::quoted(key) + ",\"batch\":[") {}

  std::string_view path() const override { return "/batch/"; }
  void begin_batch(TextBuffer& body) const override { body.append(open_); }
  void end_batch(SimTime sent_at, TextBuffer& body) const override {
    end_with_time(sent_at, "sent_at", body);
  }

 protected:
  char* write(const SharedParts& parts, const Emission& emission, char* out) const override {
    using enum SharedKey;
    return JsonOut(out)
        .raw("{")
        .member("event", parts.at(event_name))
        .member("uuid", parts.at(event_id))
        .member("distinct_id", parts.at(user_id))
        .member("timestamp", own_time(parts, emission))
        .raw(",\"properties\":{")
        .member("$device_id", parts.at(device_id))
        .member("$session_id", parts.at(session_id))
        .plan(parts, sequence_id, context)
        .raw("}}")
        .end();
  }

 private:
  std::string open_;
};

}  // namespace

std::unique_ptr<WireFormat> make_posthog_format(const TrackingPlan& plan, std::string_view run_id,
                                                const FormatOptions& options) {
  return std::make_unique<PosthogFormat>(plan, run_id, options.key);
}

}  // namespace parallax
