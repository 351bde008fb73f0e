// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/batch_events.h"

#include <string>

namespace parallax {
namespace {

constexpr std::string_view opening = "{\"batch\":[";

/// Position after the closing quote of the string that opened just before `at`, or npos.
std::size_t after_string(std::string_view text, std::size_t at) {
  while (true) {
    at = text.find_first_of("\"\\", at);
    if (at == std::string_view::npos) return at;
    if (text[at] == '"') return at + 1;
    at += 2;  // the escaped character cannot end the string
  }
}

/// Position of the comma or bracket that ends the element at `at` of an array or an object, or
/// npos.
std::size_t end_of_element(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at + 1);
      continue;
    }
    if (depth == 0 && (c == ',' || c == ']' || c == '}')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<std::vector<std::string_view>> split_batch(std::string_view body) {
  if (!body.starts_with(opening)) return std::nullopt;
  std::vector<std::string_view> events;
  std::size_t at = opening.size();
  if (at < body.size() && body[at] == ']') return events;
  while (true) {
    const std::size_t end = end_of_element(body, at);
    if (end == std::string_view::npos || end == at || body[end] == '}') return std::nullopt;
    events.push_back(body.substr(at, end - at));
    if (body[end] == ']') return events;
    at = end + 1;
  }
}

std::optional<std::string_view> event_member(std::string_view event, std::string_view name) {
  const std::string quoted = '"' + std::string(name) + "\":";
  std::size_t at = event.starts_with('{') ? 1 : event.size();
  while (at < event.size()) {
    const std::size_t end = end_of_element(event, at);
    if (end == std::string_view::npos) break;
    std::string_view member = event.substr(at, end - at);
    at = end + 1;
    if (!member.starts_with(quoted)) continue;
    member.remove_prefix(quoted.size());
    if (member == "null") return std::nullopt;
    const bool text = member.size() > 1 && member.starts_with('"') && member.ends_with('"');
    return text ? member.substr(1, member.size() - 2) : member;
  }
  return std::nullopt;
}

}  // namespace parallax
