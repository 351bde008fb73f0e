// SPDX-License-Identifier: Apache-2.0
// PostHog's capture endpoint, version 1, as posthog-node 5.70 speaks to it where
// POSTHOG_CAPTURE_MODE is v1.
#include "sim/core/prng.h"
#include "sim/wire/json_tree.h"
#include "sim/wire/vendor_format.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

void header(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

class PosthogV1Format final : public VendorFormat {
 public:
  PosthogV1Format(const TrackingPlan& plan, std::string_view run_id, std::string_view key)
      : VendorFormat(plan, run_id), key_(key), run_(hash_text(run_id)) {}

  std::string_view path() const override { return "/i/v1/analytics/events"; }
  std::vector<std::pair<std::string, std::string>> headers() const override {
    return {{"Authorization", "Bearer " + key_}, {"PostHog-Sdk-Info", "parallax/1.0.0"}};
  }
  void write_headers(const RequestFacts& facts, std::string& out) const override {
    std::string at(rfc3339_length, ' ');
    write_rfc3339(facts.sent_at, at.data());
    header("PostHog-Attempt", std::to_string(facts.number), out);
    header("PostHog-Request-Id", Uuid::from_bits(run_, mix64(run_ + facts.batch)).text(), out);
    header("PostHog-Request-Timestamp", at, out);
  }
  void begin_batch(TextBuffer& body) const override { body.append("{\"batch\":["); }
  /// The time of making is required, and means nothing.
  void end_batch(SimTime sent_at, TextBuffer& body) const override {
    end_with_time(sent_at == no_time ? SimTime{} : sent_at, "created_at", body);
  }

  bool answers_by_event() const override { return true; }
  Result<void> read_results(std::string& answer, std::span<const Emission* const> events,
                            std::vector<EventResult>& results) const override {
    thread_local JsonTree tree;
    results.clear();
    if (!tree.parse(answer) || !tree.root()["results"].is(TokenKind::object))
      return Error{Error::Kind::protocol, "an answer without results of single events", ""};
    const JsonValue named = tree.root()["results"];
    bool all_taken = true;
    for (const Emission* event : events) {
      const std::string_view word = named[event->event_id.text()]["result"].text();
      results.push_back(word == "retry"  ? EventResult::again
                        : word == "drop" ? EventResult::dropped
                                         : EventResult::taken);
      all_taken &= results.back() == EventResult::taken;
    }
    if (all_taken) results.clear();
    return {};
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
        .member("session_id", parts.at(session_id))
        .raw(",\"properties\":{")
        .member("$device_id", parts.at(device_id))
        .plan(parts, sequence_id, context)
        .raw("}}")
        .end();
  }

 private:
  std::string key_;
  std::uint64_t run_;
};

}  // namespace

std::unique_ptr<WireFormat> make_posthog_v1_format(const TrackingPlan& plan,
                                                   std::string_view run_id,
                                                   const FormatOptions& options) {
  return std::make_unique<PosthogV1Format>(plan, run_id, options.key);
}

}  // namespace parallax
