// SPDX-License-Identifier: Apache-2.0
#include "sim/core/canonical_row.h"

#include <bit>
#include <cassert>
#include <charconv>

#include "sim/core/digits.h"

namespace parallax {
namespace {

/// The number of "d-0123456789abcdef", by its tag; nothing for any other spelling.
std::optional<std::uint64_t> tagged_number(char tag, std::string_view text) {
  if (text.size() != 18 || text[0] != tag || text[1] != '-') return std::nullopt;
  const Hex16 digits = read_hex16(text.data() + 2);
  if (!digits.valid || digits.capitals) return std::nullopt;
  return digits.value;
}

/// The number of "u-17"; nothing for any other spelling.
std::optional<std::uint32_t> user_number(std::string_view text) {
  std::uint32_t user = 0;
  const char* const end = text.data() + text.size();
  if (text.size() < 3 || text[0] != 'u' || text[1] != '-') return std::nullopt;
  if (text[2] == '0' && text.size() > 3) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data() + 2, end, user);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return user;
}

}  // namespace

std::uint64_t user_key_of(std::string_view text) {
  const auto number = user_number(text);
  return number ? user_key(*number) : hash_text(text);
}

std::uint64_t device_key_of(std::string_view text) {
  const auto number = tagged_number('d', text);
  return number ? device_key(*number) : hash_text(text);
}

std::uint64_t session_key_of(std::string_view text) {
  const auto number = tagged_number('s', text);
  return number ? session_key(*number) : hash_text(text);
}

std::int64_t comparable(const FieldPlan& field, std::int64_t value) {
  if (field.type != FieldType::string) return value;
  const TextForm& form = field.form;
  if (form.kind == TextForm::Kind::list) {  // No copy, and no walk over the list for its longest.
    assert(value >= 0 && static_cast<std::size_t>(value) < form.texts.size());
    return std::bit_cast<std::int64_t>(hash_text(form.texts[static_cast<std::size_t>(value)]));
  }
  std::array<char, 128> buffer;
  if (form.longest() > buffer.size())
    return std::bit_cast<std::int64_t>(hash_text(form.text(value)));
  const char* const end = form.write(value, buffer.data());
  return std::bit_cast<std::int64_t>(hash_text({buffer.data(), end}));
}

}  // namespace parallax
