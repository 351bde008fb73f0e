// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/batch_cut.h"

#include "sim/wire/json_tree.h"

namespace parallax::proxy {
namespace {

std::size_t count_of(JsonValue list) {
  std::size_t count = 0;
  for (JsonValue element = list.first(); element; element = element.next()) ++count;
  return count;
}

bool holds(JsonValue value, std::size_t events) {
  return value.is(TokenKind::array) && count_of(value) == events;
}

/// The list of the events, or nothing.
JsonValue list_of(JsonValue root, std::size_t events) {
  if (holds(root, events)) return root;
  for (const std::string_view name : {"batch", "events", "data"})
    if (const JsonValue list = root[name]; list && holds(list, events)) return list;
  return {};
}

std::size_t end_of(std::string_view part, const std::string& whole) {
  return static_cast<std::size_t>(part.data() + part.size() - whole.data());
}

}  // namespace

std::optional<std::string> without_last(std::string_view body, std::size_t events,
                                        std::size_t left_out) {
  std::string text(body);
  JsonTree tree;
  if (!tree.parse(text)) return std::nullopt;
  const JsonValue list = list_of(tree.root(), events);
  if (!list) return std::nullopt;
  JsonValue last_kept = list.first();
  for (std::size_t i = 1; i < events - left_out; ++i) last_kept = last_kept.next();
  const std::size_t from = end_of(last_kept.raw(), text), to = end_of(list.raw(), text) - 1;
  return text.erase(from, to - from);
}

}  // namespace parallax::proxy
