// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/json.h"

#include <algorithm>
#include <charconv>

namespace parallax {

Json Json::of(Kind kind, std::string_view text) {
  Json value;
  value.kind = kind;
  value.text = text;
  return value;
}

Json Json::of_flag(bool truth) {
  Json value;
  value.kind = Kind::boolean;
  value.truth = truth;
  return value;
}

const Json* Json::find(std::string_view name) const {
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? nullptr : &items[static_cast<std::size_t>(at - names.begin())];
}

Json* Json::find(std::string_view name) {
  return const_cast<Json*>(static_cast<const Json*>(this)->find(name));
}

Json& Json::put(std::string_view name, Json value) {
  if (Json* held = find(name)) {
    *held = std::move(value);
  } else {
    names.emplace_back(name);
    items.push_back(std::move(value));
  }
  return *this;
}

Json& Json::push(Json value) {
  items.push_back(std::move(value));
  return *this;
}

void Json::remove(std::string_view name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return;
  items.erase(items.begin() + (at - names.begin()));
  names.erase(at);
}

void merge_patch(Json& target, const Json& patch) {
  if (patch.kind != Json::Kind::object) {
    target = patch;
    return;
  }
  if (target.kind != Json::Kind::object) {
    target = Json::object();
    target.file = patch.file;
  }
  for (std::size_t i = 0; i < patch.names.size(); ++i) {
    const std::string& name = patch.names[i];
    if (patch.items[i].kind == Json::Kind::null) {
      target.remove(name);
    } else if (Json* held = target.find(name)) {
      merge_patch(*held, patch.items[i]);
    } else {
      Json fresh = patch.items[i];
      strip_nulls(fresh);
      target.put(name, std::move(fresh));
    }
  }
}

void strip_nulls(Json& value) {
  if (value.kind != Json::Kind::object) return;
  for (std::size_t i = value.names.size(); i-- > 0;) {
    if (value.items[i].kind == Json::Kind::null) {
      value.remove(value.names[i]);
    } else {
      strip_nulls(value.items[i]);
    }
  }
}

std::string pointer_segment(std::string_view name) {
  std::string out = "/";
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

namespace {

Error illegal(std::string what) { return {Error::Kind::invalid_input, std::move(what), ""}; }

Result<std::vector<std::string>> split_pointer(std::string_view pointer) {
  std::vector<std::string> segments;
  if (pointer.empty()) return segments;
  if (pointer.front() != '/') return illegal("a JSON pointer that starts with /");
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    const char c = pointer[i];
    if (c == '/') {
      segments.emplace_back();
    } else if (c == '~') {
      const char next = i + 1 < pointer.size() ? pointer[++i] : '\0';
      if (next != '0' && next != '1') return illegal("~0 or ~1 after each ~ of a JSON pointer");
      segments.back() += next == '0' ? '~' : '/';
    } else {
      segments.back() += c;
    }
  }
  return segments;
}

Result<Json*> step_into_list(Json& list, const std::string& segment) {
  if (segment == "-") {
    list.items.emplace_back();
    return &list.items.back();
  }
  std::size_t index = 0;
  const char* end = segment.data() + segment.size();
  const auto [rest, failed] = std::from_chars(segment.data(), end, index);
  const bool is_number = failed == std::errc() && rest == end && !segment.empty() &&
                         (segment.size() == 1 || segment.front() != '0');
  if (!is_number || index >= list.items.size())
    return illegal("an element 0 .. " + std::to_string(list.items.size()) +
                   " (exclusive) or - to append");
  return &list.items[index];
}

Result<Json*> step_into(Json& value, const std::string& segment) {
  if (value.kind == Json::Kind::list) return step_into_list(value, segment);
  if (value.kind == Json::Kind::null) value = Json::object();
  if (value.kind != Json::Kind::object)
    return illegal("an object or a list before \"" + segment + "\"");
  if (value.find(segment) == nullptr) value.put(segment, Json{});
  return value.find(segment);
}

}  // namespace

Result<void> put_at(Json& target, std::string_view pointer, Json value) {
  auto segments = split_pointer(pointer);
  if (!segments) return segments.error();
  Json* at = &target;
  for (const std::string& segment : segments.value()) {
    auto next = step_into(*at, segment);
    if (!next) return next.error();
    at = next.value();
  }
  *at = std::move(value);
  return {};
}

}  // namespace parallax
