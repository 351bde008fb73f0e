// SPDX-License-Identifier: Apache-2.0
// Segment's HTTP tracking API, and RudderStack's, which is the same but for a few words.
#include "sim/wire/codes.h"
#include "sim/wire/vendor_format.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

/// The words in which the two differ.
enum class Vendor : std::uint8_t { segment, rudderstack };

class MessageFormat final : public VendorFormat {
 public:
  MessageFormat(const TrackingPlan& plan, std::string_view run_id, std::string_view key,
                Vendor vendor)
      : VendorFormat(plan, run_id),
        key_(key),
        open_(vendor == Vendor::segment ? "{\"writeKey\":" + json::quoted(key) + ",\"batch\":["
                                        : "{\"batch\":["),
        vendor_(vendor) {}

  std::string_view path() const override { return "/v1/batch"; }
  std::vector<std::pair<std::string, std::string>> headers() const override {
    return {basic_authorization(key_)};
  }
  void begin_batch(TextBuffer& body) const override { body.append(open_); }
  void end_batch(SimTime sent_at, TextBuffer& body) const override {
    end_with_time(sent_at, "sentAt", body);
  }

 protected:
  char* write(const SharedParts& parts, const Emission& emission, char* out) const override {
    using enum SharedKey;
    JsonOut json(out);
    json.raw("{").member("type", "\"track\"");
    if (vendor_ == Vendor::rudderstack)
      json.member("channel", emission.source == Source::client ? "\"web\"" : "\"server\"");
    return json.member("event", parts.at(event_name))
        .member("messageId", parts.at(event_id))
        .member("userId", parts.at(user_id))
        .member("anonymousId", parts.at(device_id))
        .member(vendor_ == Vendor::segment ? "timestamp" : "originalTimestamp",
                own_time(parts, emission))
        .member("context", parts.at(context))
        .raw(",\"properties\":{")
        .plan(parts, session_id, SharedKey::run_id)
        .raw("}}")
        .end();
  }

 private:
  std::string key_;
  std::string open_;
  Vendor vendor_;
};

}  // namespace

std::unique_ptr<WireFormat> make_segment_format(const TrackingPlan& plan, std::string_view run_id,
                                                const FormatOptions& options) {
  return std::make_unique<MessageFormat>(plan, run_id, options.key, Vendor::segment);
}

std::unique_ptr<WireFormat> make_rudderstack_format(const TrackingPlan& plan,
                                                    std::string_view run_id,
                                                    const FormatOptions& options) {
  return std::make_unique<MessageFormat>(plan, run_id, options.key, Vendor::rudderstack);
}

}  // namespace parallax
