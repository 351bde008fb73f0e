// SPDX-License-Identifier: Apache-2.0
#include "sim/core/id.h"

#include <bit>
#include <cstring>

#include "sim/core/digits.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

constexpr std::uint64_t hash_seed = 0x9e3779b97f4a7c15U;

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
  std::array<char, 32> digits;
  if (dashed) {
    if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
      return std::nullopt;
    std::memcpy(digits.data(), text.data(), 8);
    std::memcpy(digits.data() + 8, text.data() + 9, 4);
    std::memcpy(digits.data() + 12, text.data() + 14, 4);
    std::memcpy(digits.data() + 16, text.data() + 19, 4);
    std::memcpy(digits.data() + 20, text.data() + 24, 12);
  } else {
    std::memcpy(digits.data(), text.data(), digits.size());
  }
  const Hex16 high = read_hex16(digits.data()), low = read_hex16(digits.data() + 16);
  if (!high.valid || !low.valid) return std::nullopt;
  return Uuid{high.value, low.value};
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
