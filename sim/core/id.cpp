// SPDX-License-Identifier: Apache-2.0
#include "sim/core/id.h"

#include <bit>
#include <cstring>

#include "sim/core/digits.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

constexpr std::uint64_t hash_seed = 0x9e3779b97f4a7c15U;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool dash_before(std::size_t digit) {
  return digit == 8 || digit == 12 || digit == 16 || digit == 20;
}

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

void Uuid::write(char* out) const {
  std::array<char, 32> digits;
  write_hex16(low, write_hex16(high, digits.data()));
  std::memcpy(out, digits.data(), 8);
  std::memcpy(out + 9, digits.data() + 8, 4);
  std::memcpy(out + 14, digits.data() + 12, 4);
  std::memcpy(out + 19, digits.data() + 16, 4);
  std::memcpy(out + 24, digits.data() + 20, 12);
  out[8] = out[13] = out[18] = out[23] = '-';
}

std::string Uuid::text() const {
  std::string out(36, '\0');
  write(out.data());
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  const bool dashed = text.size() == 36;
  if (!dashed && text.size() != 32) return std::nullopt;
  std::array<std::uint64_t, 2> halves{};
  std::size_t at = 0;
  for (std::size_t digit = 0; digit < 32; ++digit) {
    if (dashed && dash_before(digit) && text[at++] != '-') return std::nullopt;
    const int value = hex_digit(text[at++]);
    if (value < 0) return std::nullopt;
    std::uint64_t& half = halves[digit / 16];
    half = half << 4 | static_cast<std::uint64_t>(value);
  }
  return Uuid{halves[0], halves[1]};
}

Uuid Uuid::from_bits(std::uint64_t high, std::uint64_t low) {
  constexpr std::uint64_t version_mask = 0xf000, version_4 = 0x4000;
  constexpr std::uint64_t variant_mask = 0xc000'0000'0000'0000, variant_rfc = 0x8000'0000'0000'0000;
  return {(high & ~version_mask) | version_4, (low & ~variant_mask) | variant_rfc};
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
