// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/json_text.h"

#include "sim/core/digits.h"

namespace parallax::json {
namespace {

constexpr std::uint64_t million = 1'000'000;
constexpr int decimals = 6;

std::uint64_t magnitude(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

void append_escape(char c, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(c);
  out += "\\u00";
  out += digits[code >> 4];
  out += digits[code & 15U];
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20;
    if (control || c == '"' || c == '\\') {
      append_escape(c, out);
    } else {
      out += c;
    }
  }
  return out;
}

std::string quoted(std::string_view text) { return '"' + escaped(text) + '"'; }

char* write_integer(std::int64_t value, char* out) {
  if (value < 0) *out++ = '-';
  return write_decimal(magnitude(value), out);
}

char* write_millionths(std::int64_t value, char* out) {
  const std::uint64_t size = magnitude(value);
  if (value < 0) *out++ = '-';
  out = write_decimal(size / million, out);
  std::uint64_t rest = size % million;
  if (rest == 0) return out;
  *out++ = '.';
  char* end = out;
  for (int place = decimals - 1; place >= 0; --place) {
    out[place] = static_cast<char>('0' + rest % 10);
    if (end == out && out[place] != '0') end = out + place + 1;
    rest /= 10;
  }
  return end;
}

}  // namespace parallax::json
