// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>

#include "sim/wire/codes.h"
#include "sim/wire/vendor_format.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

constexpr std::string_view open =
    R"({"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[)";
/// The time of sending is the last member of every event, and known when the batch is: digits are
/// filled in then, or blanks put over the member.
constexpr std::string_view sent_key = ",\"stm\":\"";
constexpr std::string_view sent_gap = "?????????????\"}";

class SnowplowFormat final : public VendorFormat {
 public:
  SnowplowFormat(const TrackingPlan& plan, std::string_view run_id, std::string_view key)
      : VendorFormat(plan, run_id),
        from_client_(R"({"e":"ue","p":"web","tv":"parallax","tna":"parallax","aid":)" +
                     json::quoted(key)),
        from_server_(R"({"e":"ue","p":"srv","tv":"parallax","tna":"parallax","aid":)" +
                     json::quoted(key)) {}

  std::string_view path() const override { return "/com.snowplowanalytics.snowplow/tp2"; }
  void begin_batch(TextBuffer& body) const override { body.append(open); }

  void end_batch(SimTime sent_at, TextBuffer& body) const override {
    if (body.text().back() == ',') body.drop_last();
    std::string stated(sent_key);
    stated += std::to_string(sent_at.since_epoch / millisecond) + "\"}";
    if (stated.size() != sent_key.size() + sent_gap.size() || sent_at == no_time)
      stated = std::string(sent_key.size() + sent_gap.size() - 1, ' ') + "}";
    const std::string gap = std::string(sent_key) + std::string(sent_gap);
    char* const text = body.room(0) - body.size();
    for (std::size_t at = body.text().find(gap); at != std::string_view::npos;
         at = body.text().find(gap, at + gap.size()))
      std::copy(stated.begin(), stated.end(), text + at);
    body.append("]}");
  }

 protected:
  char* write(const SharedParts& parts, const Emission& emission, char* out) const override {
    using enum SharedKey;
    JsonOut json(out);
    json.raw(emission.source == Source::client ? from_client_ : from_server_)
        .member("eid", parts.at(event_id))
        .member("uid", parts.at(user_id))
        .member("duid", parts.at(device_id))
        .member("sid", parts.at(session_id));
    if (!own_time(parts, emission).empty()) json.number("dtm", own_milliseconds(emission), true);
    json.raw(",\"ue_px\":\"");
    // The event itself is written behind, where its code does not reach, and then coded.
    char* const behind = json.end() + 2 * parts_longest();
    const char* const end =
        JsonOut(behind)
            .raw(R"({"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/)"
                 R"(1-0-0","data":{"schema":"iglu:parallax/)")
            .raw(parts.text(event_name))
            .raw(R"(/jsonschema/1-0-0","data":{)")
            .plan(parts, sequence_id, context)
            .raw("}}}")
            .end();
    char* const coded =
        write_base64url({behind, static_cast<std::size_t>(end - behind)}, json.end());
    assert(coded <= behind);
    return JsonOut(coded).raw("\"").raw(sent_key).raw(sent_gap).end();
  }

 private:
  std::string from_client_;
  std::string from_server_;
};

}  // namespace

std::unique_ptr<WireFormat> make_snowplow_format(const TrackingPlan& plan, std::string_view run_id,
                                                 const FormatOptions& options) {
  return std::make_unique<SnowplowFormat>(plan, run_id, options.key);
}

}  // namespace parallax
