// SPDX-License-Identifier: Apache-2.0
// The user's own JSON: the values of an event set into a template that was compiled with the target
// file. It cannot be read back: no decoder stands beside it.
#include <algorithm>
#include <cassert>

#include "sim/wire/vendor_format.h"
#include "sim/wire/vendor_formats.h"

namespace parallax {
namespace {

using Form = Placeholder::Form;
using Kind = TemplatePart::Kind;

/// A part with its place looked up.
struct Part {
  Kind kind = Kind::bytes;
  bool separated = false;
  bool in_list = false;  ///< A value without a name: null where an event has none.
  std::string bytes;
  SharedKey key = SharedKey::event_name;
  std::string member;  ///< "sku": with its quotes and colon; empty: the whole value.
  Form form = Form::as_is;
  bool own_time = false;  ///< ${time}.
};

bool is_time(const Part& part) {
  return part.own_time || part.key == SharedKey::client_ts || part.key == SharedKey::server_ts;
}

Micros unit_of(Form form) {
  switch (form) {
    case Form::unix_s:
      return second;
    case Form::unix_ms:
      return millisecond;
    default:
      return 1;
  }
}

bool is_number(Form form) { return form >= Form::unix_s; }

/// Money that stands beside the properties, though a template may look for it among them.
std::optional<SharedKey> key_beside(std::string_view name, const TrackingPlan& plan) {
  if (name != "revenue" && name != "tax") return std::nullopt;
  for (const ActionPlan& action : plan.actions)
    if (const auto i = action.field_index(name); i && action.fields[*i].type == FieldType::money)
      return shared_key_of(name);
  return std::nullopt;
}

std::vector<std::string> members_of(SharedKey object, const TrackingPlan& plan) {
  std::vector<std::string> names;
  if (object == SharedKey::context) {
    names.emplace_back("page");
    for (const TraitPlan& trait : plan.traits) names.push_back(trait.name);
    return names;
  }
  for (const ActionPlan& action : plan.actions)
    for (const FieldPlan& field : action.fields)
      if (std::find(names.begin(), names.end(), field.name) == names.end())
        names.push_back(field.name);
  return names;
}

Result<void> check_member(const Placeholder& place, SharedKey object, const TrackingPlan& plan) {
  const std::vector<std::string> known = members_of(object, plan);
  if (std::find(known.begin(), known.end(), place.member) != known.end()) return {};
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  return Error{
      Error::Kind::invalid_input,
      "\"${" + place.name + "." + place.member +
          "}\": the tracking plan has no such name; it has: " + (list.empty() ? "none" : list),
      place.pointer};
}

Result<Part> look_up(const TemplatePart& from, const TrackingPlan& plan) {
  Part part{from.kind,       from.separated, from.bytes.empty(), from.bytes, {}, {},
            from.place.form, false};
  if (from.kind == Kind::bytes) return part;
  part.own_time = from.place.name == "time";
  if (part.own_time) return part;
  const auto key = shared_key_of(from.place.name);
  assert(key);  // The target file's reader knows no other names.
  part.key = *key;
  if (from.place.member.empty()) return part;
  if (const auto fine = check_member(from.place, *key, plan); !fine) return fine.error();
  const auto beside = key_beside(from.place.member, plan);
  if (beside && *key == SharedKey::properties) {
    part.key = *beside;
  } else {
    part.member = json::quoted(from.place.member) + ":";
  }
  return part;
}

class TemplateFormat final : public VendorFormat {
 public:
  TemplateFormat(const TrackingPlan& plan, std::string_view run_id, const EventTemplate& pattern,
                 std::vector<Part> parts)
      : VendorFormat(plan, run_id, EventTemplate::bytes_max + sizeof_numbers, parts.size()),
        pattern_(pattern),
        parts_(std::move(parts)) {}

  /// The user's own endpoint alone takes it.
  std::string_view path() const override { return "/"; }
  std::string_view content_type() const override { return pattern_.content_type; }
  BatchLimits limits() const override {
    return pattern_.batches ? BatchLimits{} : BatchLimits{1, false};
  }
  void begin_batch(TextBuffer& body) const override { body.append(pattern_.before); }
  void end_batch(SimTime sent_at, TextBuffer& body) const override {
    if (body.text().ends_with(',')) body.drop_last();
    for (const TemplatePart& part : pattern_.after) append_after(part, sent_at, body);
  }

 protected:
  char* write(const SharedParts& parts, const Emission& emission, char* out) const override {
    for (const Part& part : parts_) out = write_part(part, parts, emission, out);
    return out;
  }

 private:
  static constexpr std::size_t sizeof_numbers =
      EventTemplate::places_max * (json::longest_number + 8);

  static void append_after(const TemplatePart& part, SimTime sent_at, TextBuffer& body) {
    const bool absent = part.kind != Kind::bytes && sent_at == no_time;
    const bool in_list = part.kind == Kind::value && part.bytes.empty();
    if (absent && !in_list) return;
    const char before = body.text().back();
    if (part.separated && before != '{' && before != '[') body.append(",");
    body.append(absent ? "null" : part.bytes);
    if (part.kind == Kind::bytes || absent) return;
    std::array<char, 2 * rfc3339_length> text;
    char* const end = write_time(sent_at, part.place.form, part.kind == Kind::value, text.data());
    body.append({text.data(), static_cast<std::size_t>(end - text.data())});
  }

  static char* write_part(const Part& part, const SharedParts& parts, const Emission& emission,
                          char* out) {
    if (part.kind == Kind::bytes) return put(part, part.bytes, out);
    const std::string_view value = value_of(part, parts, emission);
    const SimTime at = is_time(part) ? time_of(part, emission) : no_time;
    if (value.empty())
      return part.kind == Kind::value && part.in_list ? put(part, "null", out) : out;
    if (part.kind == Kind::piece) {
      if (at != no_time) return write_time(at, part.form, false, out);
      if (value == "null") return out;
      return json::copy(value.front() == '"' ? value.substr(1, value.size() - 2) : value, out);
    }
    out = put(part, part.bytes, out);
    if (at != no_time) return write_time(at, part.form, true, out);
    const bool quotes = part.form == Form::text && value.front() != '"' && value != "null";
    if (quotes) *out++ = '"';
    out = json::copy(value, out);
    if (quotes) *out++ = '"';
    return out;
  }

  /// As JSON; empty where the event has none.
  static std::string_view value_of(const Part& part, const SharedParts& parts,
                                   const Emission& emission) {
    if (part.own_time) return own_time(parts, emission);
    const std::string_view all = parts.at(part.key);
    return part.member.empty() ? all : member_of(all, part.member);
  }

  static SimTime time_of(const Part& part, const Emission& emission) {
    const bool of_client =
        part.own_time ? emission.source == Source::client : part.key == SharedKey::client_ts;
    return of_client ? emission.client_ts : emission.server_ts;
  }

  static char* write_time(SimTime at, Form form, bool quotes, char* out) {
    if (is_number(form)) return json::write_integer(at.since_epoch / unit_of(form), out);
    if (quotes) *out++ = '"';
    write_rfc3339(at, out);
    out += rfc3339_length;
    if (quotes) *out++ = '"';
    return out;
  }

  /// With the comma that it needs. What stands before is in the same body.
  static char* put(const Part& part, std::string_view text, char* out) {
    if (part.separated && out[-1] != '{' && out[-1] != '[') *out++ = ',';
    return json::copy(text, out);
  }

  const EventTemplate pattern_;
  std::vector<Part> parts_;
};

}  // namespace

Result<std::unique_ptr<WireFormat>> make_template_format(const TrackingPlan& plan,
                                                         std::string_view run_id,
                                                         const EventTemplate& pattern) {
  std::vector<Part> parts;
  for (const TemplatePart& from : pattern.event) {
    auto part = look_up(from, plan);
    if (!part) return part.error();
    parts.push_back(std::move(*part));
  }
  return std::unique_ptr<WireFormat>(
      std::make_unique<TemplateFormat>(plan, run_id, pattern, std::move(parts)));
}

}  // namespace parallax
