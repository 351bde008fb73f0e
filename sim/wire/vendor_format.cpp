// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/vendor_format.h"

#include <cassert>

#include "sim/wire/shared.h"

namespace parallax {
namespace {

/// One past the value that begins at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      for (++at; text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    } else if (c == '{') {
      ++depth;
    } else if (c == ',' && depth == 0) {
      break;
    } else if (c == '}') {
      if (depth == 0) break;
      --depth;
    }
  }
  return at;
}

}  // namespace

SharedParts::SharedParts(std::string_view event) {
  std::size_t key = 0;
  for (std::size_t at = 1; at < event.size();) {
    const std::size_t colon = event.find("\":", at);
    const std::string_view name = event.substr(at + 1, colon - at - 1);
    while (key < shared_key_count && name_of(static_cast<SharedKey>(key)) != name) ++key;
    assert(key < shared_key_count);  // the shared format's own order
    const std::size_t end = end_of_value(event, colon + 2);
    values_[key] = event.substr(colon + 2, end - colon - 2);
    at = end + 1;
  }
}

std::string_view SharedParts::text(SharedKey key) const {
  const std::string_view value = at(key);
  return value.size() < 2 ? std::string_view() : value.substr(1, value.size() - 2);
}

std::string_view SharedParts::properties() const { return text(SharedKey::properties); }

void JsonOut::separate() {
  const char before = at_[-1];
  if (before != '{' && before != '[') *at_++ = ',';
}

JsonOut& JsonOut::member(std::string_view key, std::string_view value) {
  if (value.empty()) return *this;
  separate();
  *at_++ = '"';
  return raw(key).raw("\":").raw(value);
}

JsonOut& JsonOut::number(std::string_view key, std::int64_t value, bool quoted) {
  std::array<char, json::longest_number + 2> text;
  char* end = text.data();
  if (quoted) *end++ = '"';
  end = json::write_integer(value, end);
  if (quoted) *end++ = '"';
  return member(key, {text.data(), static_cast<std::size_t>(end - text.data())});
}

JsonOut& JsonOut::members(std::string_view ready) {
  if (ready.empty()) return *this;
  separate();
  return raw(ready);
}

JsonOut& JsonOut::plan(const SharedParts& parts, SharedKey first, SharedKey last) {
  const auto keys = [&](SharedKey from, SharedKey to) {
    for (auto i = static_cast<std::size_t>(from); i <= static_cast<std::size_t>(to); ++i) {
      const auto key = static_cast<SharedKey>(i);
      member(name_of(key), parts.at(key));
    }
  };
  keys(first, last);
  keys(SharedKey::currency, SharedKey::tax);
  return members(parts.properties());
}

std::string_view member_of(std::string_view object, std::string_view name) {
  for (std::size_t at = 1; at + 1 < object.size();) {
    std::size_t value = at + 1;
    while (object[value] != '"') value += object[value] == '\\' ? 2U : 1U;
    value += 2;
    const std::size_t end = end_of_value(object, value);
    if (object.substr(at, value - at) == name) return object.substr(value, end - value);
    at = end + 1;
  }
  return {};
}

VendorFormat::VendorFormat(const TrackingPlan& plan, std::string_view run_id, std::size_t words_max,
                           std::size_t uses_max)
    : shared_(make_shared_format(plan, run_id)),
      written_max_(words_max + uses_max * shared_->event_room()) {}

std::size_t VendorFormat::parts_longest() const { return shared_->event_room(); }

/// The shared event is written at the far end of the room, where nothing of the vendor's reaches.
std::size_t VendorFormat::event_room() const { return written_max_ + shared_->event_room(); }

char* VendorFormat::write_event(const Emission& emission, char* out) const {
  char* const scratch = out + written_max_;
  const char* const end = shared_->write_event(emission, scratch);
  const SharedParts parts({scratch, static_cast<std::size_t>(end - scratch)});
  char* const written = write(parts, emission, out);
  assert(written <= scratch);
  return written;
}

void VendorFormat::end_events(TextBuffer& body) {
  if (body.text().back() == ',') body.drop_last();
  body.append("]");
}

void VendorFormat::end_with_time(SimTime sent_at, std::string_view key, TextBuffer& body) {
  end_events(body);
  if (sent_at != no_time) {
    body.append(",\"");
    body.append(key);
    body.append("\":\"");
    char* const at = body.room(rfc3339_length);
    write_rfc3339(sent_at, at);
    body.end_at(at + rfc3339_length);
    body.append("\"");
  }
  body.append("}");
}

void VendorFormat::add_event(const Emission& emission, TextBuffer& body) const {
  char* const end = write_event(emission, body.room(event_room() + 1));
  *end = ',';
  body.end_at(end + 1);
}

}  // namespace parallax
