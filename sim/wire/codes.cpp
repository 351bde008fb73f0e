// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/codes.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace parallax {
namespace {

constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int nothing = -1;

constexpr std::uint8_t no_sextet = 0xff;

constexpr std::array<std::uint8_t, 256> make_sextets() {
  std::array<std::uint8_t, 256> table{};
  for (auto& entry : table) entry = no_sextet;
  for (std::size_t i = 0; i < url_alphabet.size(); ++i)
    table[static_cast<unsigned char>(url_alphabet[i])] = static_cast<std::uint8_t>(i);
  table['+'] = table[' '] = 62;
  table['/'] = 63;
  return table;
}
constexpr std::array<std::uint8_t, 256> sextets = make_sextets();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : nothing;
}

}  // namespace

std::string percent_decoded(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool code = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                      hex_value(text[i + 2]) >= 0;
    if (code) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += form && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<std::string_view> form_value(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const std::string_view pair = form.substr(0, form.find('&'));
    if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
    form.remove_prefix(pair.size() < form.size() ? pair.size() + 1 : pair.size());
  }
  return std::nullopt;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  while (!text.empty() && (text.back() == '=' || text.back() == '\n' || text.back() == '\r'))
    text.remove_suffix(1);
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    const std::uint8_t sextet = sextets[static_cast<unsigned char>(c)];
    if (sextet == no_sextet) return std::nullopt;
    bits = bits << 6U | sextet;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(held) & 0xffU);
  }
  if (held == 6) return std::nullopt;  // A single character says nothing.
  return out;
}

std::string base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4, '=');
  char* const end = write_base64url(text, out.data());
  std::replace(out.data(), end, '-', '+');
  std::replace(out.data(), end, '_', '/');
  return out;
}

char* write_base64url(std::string_view text, char* out) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::uint32_t bits = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    const std::size_t left = text.size() - i;
    *out++ = url_alphabet[bits >> 18U];
    *out++ = url_alphabet[bits >> 12U & 63U];
    if (left > 1) *out++ = url_alphabet[bits >> 6U & 63U];
    if (left > 2) *out++ = url_alphabet[bits & 63U];
  }
  return out;
}

std::pair<std::string, std::string> basic_authorization(std::string_view key) {
  return {"Authorization", "Basic " + base64(std::string(key) + ":")};
}

}  // namespace parallax
