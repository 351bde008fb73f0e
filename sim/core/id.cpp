// SPDX-License-Identifier: Apache-2.0
#include "sim/core/id.h"

#include <bit>
#include <cstring>

#include "sim/core/digits.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

constexpr std::uint64_t hash_seed = 0x9e3779b97f4a7c15U;

constexpr std::uint8_t no_digit = 0xf0;

/// Value of each character as a hex digit, or no_digit.
constexpr std::array<std::uint8_t, 256> make_digit_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::uint8_t digit = 0; digit < 10; ++digit) values['0' + digit] = digit;
  for (std::uint8_t digit = 10; digit < 16; ++digit)
    values['a' + digit - 10] = values['A' + digit - 10] = digit;
  return values;
}
constexpr std::array<std::uint8_t, 256> digit_values = make_digit_values();

/// Where the bytes of an id stand in its text of 36 characters.
constexpr std::array<std::uint8_t, 16> byte_places{0,  2,  4,  6,  9,  11, 14, 16,
                                                   19, 21, 24, 26, 28, 30, 32, 34};

std::uint64_t little_endian_word(const char* bytes, std::size_t count) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes, count);
  } else {
    for (std::size_t i = 0; i < count; ++i)
      word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return word;
}

}  // namespace

void Uuid::write(char* out) const { write_uuid(high, low, out); }

std::string Uuid::text() const {
  std::string out(36, '\0');
  write(out.data());
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  const bool dashed = text.size() == 36;
  if (!dashed && text.size() != 32) return std::nullopt;
  if (dashed && (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-'))
    return std::nullopt;
  std::array<std::uint64_t, 2> halves{};
  unsigned seen = 0;
  for (std::size_t byte = 0; byte < 16; ++byte) {
    const std::size_t at = dashed ? byte_places[byte] : 2 * byte;
    const unsigned high_digit = digit_values[static_cast<unsigned char>(text[at])];
    const unsigned low_digit = digit_values[static_cast<unsigned char>(text[at + 1])];
    seen |= high_digit | low_digit;
    std::uint64_t& half = halves[byte / 8];
    half = half << 8 | (high_digit << 4 | low_digit);
  }
  if (seen >= no_digit) return std::nullopt;
  return Uuid{halves[0], halves[1]};
}

std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = hash_seed ^ mix64(text.size() + 1);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) hash = mix64(hash ^ little_endian_word(at, 8));
  if (left > 0) hash = mix64(hash ^ little_endian_word(at, left));
  return hash != 0 ? hash : hash_seed;  // 0 stands for an absent text in rows.
}

}  // namespace parallax
