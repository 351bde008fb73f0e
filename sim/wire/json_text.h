// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Pieces of JSON written straight into a buffer. Every writer returns the end of what it wrote;
/// the caller guarantees room.
namespace parallax::json {

/// `text` with quotes, backslashes and control characters escaped; without quotes around it.
std::string escaped(std::string_view text);
/// `text` as a JSON string, quotes included.
std::string quoted(std::string_view text);

/// Most characters `write_integer` and `write_millionths` write.
constexpr std::size_t longest_number = 24;
char* write_integer(std::int64_t value, char* out);
/// `value` / 1'000'000 as the shortest decimal: 1'500'000 is 1.5, 2'000'000 is 2.
char* write_millionths(std::int64_t value, char* out);

/// What stands before blanks and control characters at the end: `raw_json` goes up to the next
/// token.
inline std::string_view without_end_blanks(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

inline char* copy(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace parallax::json
