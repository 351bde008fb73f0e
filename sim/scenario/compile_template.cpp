// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/compile_template.h"

#include <algorithm>
#include <optional>

namespace parallax {
namespace {

using Form = Placeholder::Form;
using Kind = TemplatePart::Kind;

constexpr std::string_view opening = "${";
constexpr std::array<std::string_view, 2> body_names{"events", "sent_at"};
constexpr std::array<std::string_view, 3> time_names{"client_ts", "server_ts", "time"};

bool is_among(std::string_view word, std::span<const std::string_view> known) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

/// One JSON value with placeholders, as parts.
class Compiler {
 public:
  /// `names`: what may stand in a placeholder.
  Compiler(std::span<const std::string_view> names, const std::string& file, Problems& problems)
      : names_(names), file_(file), problems_(problems) {}

  void value(const Node& node) { add(node, "", false); }
  std::vector<TemplatePart> take() { return std::move(parts_); }
  bool names(std::string_view name) const {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const TemplatePart& part) { return part.place.name == name; });
  }

 private:
  /// A value with what stands before it: a member's name, or nothing.
  void add(const Node& node, const std::string& key, bool separated) {
    switch (node.json().kind) {
      case Json::Kind::object:
        return object(node, key, separated);
      case Json::Kind::list:
        bytes(key + "[", separated);
        for (std::size_t i = 0; i < node.size(); ++i) add(node.at(i), "", true);
        return bytes("]", false);
      case Json::Kind::text:
        return text(node, key, separated);
      default:
        return bytes(key + write_json_line(node.json()), separated);
    }
  }

  void object(const Node& node, const std::string& key, bool separated) {
    bytes(key + "{", separated);
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string& name = node.name(i);
      if (name.find(opening) != std::string::npos)
        problems_.error(node.at(i), "a placeholder in a name", "placeholders in values alone", "");
      add(node.at(i), quoted(name) + ":", true);
    }
    bytes("}", false);
  }

  void text(const Node& node, const std::string& key, bool separated) {
    const std::string_view all = node.word();
    if (all.find(opening) == all.npos) return bytes(key + quoted(all), separated);
    const bool alone = all.starts_with(opening) && all.find('}') == all.size() - 1;
    if (alone) {
      if (auto place = place_of(node, all.substr(2, all.size() - 3)))
        parts_.push_back({Kind::value, separated, key, std::move(*place)});
      return;
    }
    bytes(key + "\"", separated);
    pieces(node, all);
    bytes("\"", false);
  }

  void pieces(const Node& node, std::string_view rest) {
    for (auto at = rest.find(opening); at != rest.npos; at = rest.find(opening)) {
      escaped(rest.substr(0, at));
      const auto end = rest.find('}', at);
      if (end == rest.npos)
        return problems_.error(node, "a \"${\" without its \"}\"", "a placeholder ${NAME}", "");
      if (auto place = place_of(node, rest.substr(at + 2, end - at - 2))) {
        const bool holds_others = place->member.empty() && has_members(place->name);
        if (holds_others || place->name == "events")
          problems_.error(node, "\"${" + place->name + "}\" inside a text",
                          "a placeholder of one value, or a text of it alone", "");
        parts_.push_back({Kind::piece, false, "", std::move(*place)});
      }
      rest.remove_prefix(end + 1);
    }
    escaped(rest);
  }

  /// "properties.sku", "client_ts:unix_ms".
  std::optional<Placeholder> place_of(const Node& node, std::string_view inside) {
    Placeholder place;
    place.pointer = file_ + ": " + node.pointer();
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    const std::size_t dot = std::min(inside.find('.'), colon);
    place.name = inside.substr(0, dot);
    if (dot < colon) place.member = inside.substr(dot + 1, colon - dot - 1);
    if (!is_among(place.name, names_)) {
      problems_.unknown(node, place.name, "a placeholder", names_);
      return std::nullopt;
    }
    if (dot < colon && (!has_members(place.name) || place.member.empty())) {
      problems_.error(node, "\"" + std::string(inside) + "\"",
                      "a member of properties or context, such as ${properties.sku}", "");
      return std::nullopt;
    }
    if (colon < inside.size() && !read_form(node, inside.substr(colon + 1), place))
      return std::nullopt;
    return place;
  }

  bool read_form(const Node& node, std::string_view word, Placeholder& place) {
    const bool is_time = is_among(place.name, time_names) || place.name == "sent_at";
    const std::span<const std::string_view> forms =
        std::span(placeholder_forms).subspan(1, is_time ? 4 : 1);
    const auto at = std::find(forms.begin(), forms.end(), word);
    if (at == forms.end()) {
      problems_.unknown(node, word, "a form of ${" + place.name + "}", forms);
      return false;
    }
    place.form = static_cast<Form>(at - forms.begin() + 1);
    return true;
  }

  static bool has_members(std::string_view name) {
    return name == "properties" || name == "context";
  }
  static std::string quoted(std::string_view text) { return write_json_line(Json::of_text(text)); }
  void escaped(std::string_view text) {
    const std::string written = quoted(text);
    bytes(written.substr(1, written.size() - 2), false);
  }
  /// Joined with the constant text before it, unless a comma may have to stand between.
  void bytes(const std::string& text, bool separated) {
    const bool joins = !separated && !parts_.empty() && parts_.back().kind == Kind::bytes;
    if (joins) {
      parts_.back().bytes += text;
    } else if (!text.empty()) {
      parts_.push_back({Kind::bytes, separated, text, {}});
    }
  }

  std::span<const std::string_view> names_;
  const std::string& file_;
  Problems& problems_;
  std::vector<TemplatePart> parts_;
};

/// Cuts the body where the events stand.
void split_body(const Node& body, std::vector<TemplatePart> parts, EventTemplate& out,
                Problems& problems) {
  const auto is_events = [](const TemplatePart& part) { return part.place.name == "events"; };
  const auto events = std::find_if(parts.begin(), parts.end(), is_events);
  if (events == parts.end() || std::count_if(parts.begin(), parts.end(), is_events) > 1)
    return problems.error(body, "a body whose events stand nowhere, or twice", "one \"${events}\"",
                          "");
  for (auto part = parts.begin(); part != events; ++part) {
    if (part->kind != Kind::bytes)
      return problems.error(body, "\"${sent_at}\" before \"${events}\"",
                            "the time of sending behind the events, as it is known last", "");
    if (part->separated && !out.before.ends_with('{') && !out.before.ends_with('['))
      out.before += ',';
    out.before += part->bytes;
  }
  if (events->separated && !out.before.ends_with('{') && !out.before.ends_with('['))
    out.before += ',';
  out.before += events->bytes + "[";
  out.after.push_back({Kind::bytes, false, "]", {}});
  out.after.insert(out.after.end(), events + 1, parts.end());
}

void check_size(const Node& format, const EventTemplate& made, Problems& problems) {
  std::size_t bytes = made.before.size(), places = 0;
  for (const auto* parts : {&made.event, &made.after})
    for (const TemplatePart& part : *parts) {
      bytes += part.bytes.size() + 1;
      if (part.kind != Kind::bytes) ++places;
    }
  if (bytes > EventTemplate::bytes_max || places > EventTemplate::places_max)
    problems.error(
        format, std::to_string(bytes) + " bytes with " + std::to_string(places) + " placeholders",
        "at most " + std::to_string(EventTemplate::bytes_max) + " bytes with " +
            std::to_string(EventTemplate::places_max) + " placeholders",
        "");
}

}  // namespace

EventTemplate compile_template(const Node& format, const std::string& file, Problems& problems) {
  EventTemplate made;
  Compiler event(placeholder_names, file, problems);
  event.value(format["template"]);
  if (!event.names("event_id"))
    problems.warn(format["template"], "no ${event_id}",
                  "it somewhere: without it no row can be told from its repetition");
  made.event = event.take();
  if (const Node body = format["body"]) {
    made.batches = true;
    Compiler around(body_names, file, problems);
    around.value(body);
    split_body(body, around.take(), made, problems);
  }
  read_text(format["content_type"], made.content_type);
  check_size(format, made, problems);
  return made;
}

}  // namespace parallax
