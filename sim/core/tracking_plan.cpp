// SPDX-License-Identifier: Apache-2.0
#include "sim/core/tracking_plan.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

#include "sim/core/digits.h"

namespace parallax {
namespace {

constexpr std::size_t decimal_digits_max = 20;  // of a 64-bit integer, sign included
constexpr std::size_t hex_digits = 16;

char* write_text(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// Index of the first element whose name this is.
template <class Named>
std::optional<std::size_t> index_of(const std::vector<Named>& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [name](const Named& element) { return element.name == name; });
  if (found == list.end()) return std::nullopt;
  return static_cast<std::size_t>(found - list.begin());
}

/// A decimal written as `write` writes it: no plus, no needless zeros.
std::optional<std::int64_t> parse_decimal(std::string_view text) {
  const std::size_t sign = !text.empty() && text.front() == '-' ? 1 : 0;
  const bool leading_zero = text.size() > sign && text[sign] == '0';
  if (leading_zero && text != "0") return std::nullopt;
  std::int64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_hex(std::string_view text) {
  const auto is_lower_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (text.size() != hex_digits || !std::all_of(text.begin(), text.end(), is_lower_hex))
    return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return static_cast<std::int64_t>(value);
}

}  // namespace

std::string_view name_of(FieldType t) {
  switch (t) {
    case FieldType::string:
      return "string";
    case FieldType::integer:
      return "integer";
    case FieldType::number:
      return "number";
    case FieldType::money:
      return "money";
    case FieldType::boolean:
      return "boolean";
  }
  assert(false);
  return {};
}

std::size_t TextForm::longest() const {
  if (kind == Kind::numbered) return prefix.size() + decimal_digits_max;
  if (kind == Kind::hex) return prefix.size() + hex_digits;
  std::size_t size = 0;
  for (const std::string& text : texts) size = std::max(size, text.size());
  return size;
}

char* TextForm::write(std::int64_t code, char* out) const {
  if (kind == Kind::list) {
    assert(code >= 0 && static_cast<std::size_t>(code) < texts.size());
    return write_text(texts[static_cast<std::size_t>(code)], out);
  }
  out = write_text(prefix, out);
  if (kind == Kind::hex) return write_hex16(static_cast<std::uint64_t>(code), out);
  return std::to_chars(out, out + decimal_digits_max, code).ptr;
}

std::string TextForm::text(std::int64_t code) const {
  std::string out(longest(), '\0');
  out.resize(static_cast<std::size_t>(write(code, out.data()) - out.data()));
  return out;
}

std::optional<std::int64_t> TextForm::code_of(std::string_view text) const {
  if (kind == Kind::list) {
    const auto found = std::find(texts.begin(), texts.end(), text);
    if (found == texts.end()) return std::nullopt;
    return found - texts.begin();
  }
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  return kind == Kind::hex ? parse_hex(text) : parse_decimal(text);
}

std::optional<std::size_t> ActionPlan::field_index(std::string_view field) const {
  return index_of(fields, field);
}

std::optional<std::uint16_t> TrackingPlan::action_index(std::string_view name) const {
  const std::optional<std::size_t> index = index_of(actions, name);
  if (!index) return std::nullopt;
  return static_cast<std::uint16_t>(*index);
}

std::optional<std::uint16_t> TrackingPlan::action_named(std::string_view name) const {
  if (const auto own = action_index(name)) return own;
  for (std::size_t i = 0; i < actions.size(); ++i)
    if (!name.empty() && actions[i].other_name == name) return static_cast<std::uint16_t>(i);
  return std::nullopt;
}

std::optional<std::size_t> TrackingPlan::trait_index(std::string_view name) const {
  return index_of(traits, name);
}

}  // namespace parallax
