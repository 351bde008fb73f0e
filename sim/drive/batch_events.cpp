// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/batch_events.h"

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

/// Position of the comma or bracket that ends the array element at `at`, or npos.
std::size_t end_of_element(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at + 1);
      continue;
    }
    if (depth == 0 && (c == ',' || c == ']')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return std::string_view::npos;
      --depth;
    }
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
    if (end == std::string_view::npos || end == at) return std::nullopt;
    events.push_back(body.substr(at, end - at));
    if (body[end] == ']') return events;
    at = end + 1;
  }
}

}  // namespace parallax
