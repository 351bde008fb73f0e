// SPDX-License-Identifier: Apache-2.0
// Parameters are texts and numbers, so the context is laid flat: the page is page_location, and
// each trait a parameter of its own name. GA4's own session_id has to be a number; ours is
// `session`.
#include "sim/wire/ga4.h"

#include <array>

#include "sim/wire/vendor_format.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

using enum SharedKey;

/// What every event has beside traits and business fields: those of `write` up to page_location.
constexpr std::size_t own_params = 14;
/// GA4 counts nobody as active who was not engaged for some time.
constexpr std::int64_t engagement_ms = 1;
constexpr std::array<SharedKey, 7> envelope{sequence_id,       client_ts,      server_ts,
                                            SharedKey::source, schema_version, consent_state,
                                            retry_count};
/// The one event that GA4 has a key for.
constexpr std::string_view purchase = "\"purchase\"";

class Ga4Format final : public VendorFormat {
 public:
  Ga4Format(const TrackingPlan& plan, std::string_view run_id) : VendorFormat(plan, run_id) {}

  std::string_view path() const override {
    return "/mp/collect?measurement_id=G-PARALLAX&api_secret=parallax";
  }
  BatchLimits limits() const override { return {ga4::events_max, true}; }
  void begin_batch(TextBuffer& body) const override { body.append("{"); }
  void add_event(const Emission& emission, TextBuffer& body) const override {
    if (body.text().back() == '{') begin_request(emission, body);
    VendorFormat::add_event(emission, body);
  }
  void end_batch(SimTime, TextBuffer& body) const override {
    end_events(body);
    body.append("}");
  }

 protected:
  char* write(const SharedParts& parts, const Emission& emission, char* out) const override {
    const bool is_purchase = parts.at(event_name) == purchase;
    JsonOut json(out);
    json.raw("{").member("name", parts.at(event_name));
    if (!own_time(parts, emission).empty())
      json.number("timestamp_micros", own_milliseconds(emission) * millisecond);
    const std::string_view user = parts.at(user_id);
    json.raw(",\"params\":{")
        .member(is_purchase ? "transaction_id" : "event_id", parts.at(event_id))
        .member("user_id", user.empty() ? "null" : user)
        .member("session", parts.at(session_id))
        .number("session_id", static_cast<std::int64_t>(emission.seen.session >> 1U), true)
        .number("engagement_time_msec", engagement_ms);
    for (const SharedKey key : envelope) json.member(name_of(key), parts.at(key));
    return json.member("run_id", parts.at(SharedKey::run_id))
        .member("page_location", member_of(parts.at(context), "\"page\":"))
        .members(after_first(parts.at(context)))
        .member("currency", parts.at(currency))
        .member(is_purchase ? "value" : "revenue", parts.at(revenue))
        .member("tax", parts.at(tax))
        .members(parts.properties())
        .raw("}}")
        .end();
  }

 private:
  /// A request is of the device and the user of its first event; who the others are they say.
  static void begin_request(const Emission& first, TextBuffer& body) {
    body.append("\"client_id\":\"" + device_id_text(first.seen.device) + "\",");
    const std::string user = sent_user_id(first);
    if (!user.empty()) body.append("\"user_id\":\"" + user + "\",");
    body.append("\"events\":[");
  }

  /// The members of the context behind the page, which comes first.
  static std::string_view after_first(std::string_view object) {
    const std::string_view first = member_of(object, "\"page\":");
    const char* const end = first.data() + first.size();
    const auto rest = static_cast<std::size_t>(object.data() + object.size() - 1 - end);
    return rest == 0 ? std::string_view() : std::string_view(end + 1, rest - 1);
  }
};

Error refused(const std::string& what, const std::string& where) {
  return {Error::Kind::invalid_input, "GA4 takes " + what, where};
}

Result<void> check_name(const std::string& name, const std::string& where) {
  if (ga4::is_name(name)) return {};
  return refused(
      "names of 1 to 40 letters, digits and _, a letter first; found " + json::quoted(name), where);
}

Result<void> check_texts(const TextForm& form, const std::string& where) {
  if (form.longest() <= ga4::text_length_max) return {};
  return refused("texts of up to 100 bytes; found one of " + std::to_string(form.longest()), where);
}

Result<void> check_action(const ActionPlan& action, const TrackingPlan& plan) {
  const std::string where = "/actions/" + action.name;
  if (auto fine = check_name(action.name, where); !fine) return fine;
  bool has_money = false;
  for (const FieldPlan& field : action.fields) {
    has_money |= field.type == FieldType::money;
    const std::string at = where + "/fields/" + field.name;
    if (auto fine = check_name(field.name, at); !fine) return fine;
    if (auto fine = check_texts(field.form, at); !fine) return fine;
  }
  const std::size_t params =
      own_params + plan.traits.size() + action.fields.size() + (has_money ? 1 : 0);
  if (params <= ga4::params_max) return {};
  return refused("up to 25 parameters an event; found " + std::to_string(params) + ", " +
                     std::to_string(own_params) + " of them Parallax's own",
                 where);
}

}  // namespace

bool ga4::is_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  if (name.empty() || name.size() > name_length_max || !is_letter(name.front())) return false;
  for (const char c : name)
    if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_') return false;
  return true;
}

Result<std::unique_ptr<WireFormat>> make_ga4_format(const TrackingPlan& plan,
                                                    std::string_view run_id, const FormatOptions&) {
  for (const TraitPlan& trait : plan.traits)
    if (auto fine = check_name(trait.name, "/population/traits/" + trait.name); !fine)
      return fine.error();
  for (const ActionPlan& action : plan.actions)
    if (auto fine = check_action(action, plan); !fine) return fine.error();
  return std::unique_ptr<WireFormat>(std::make_unique<Ga4Format>(plan, run_id));
}

}  // namespace parallax
