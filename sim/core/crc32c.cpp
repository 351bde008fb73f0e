// SPDX-License-Identifier: Apache-2.0
#include "sim/core/crc32c.h"

#include <array>
#include <cstring>

namespace parallax {
namespace {

using Table = std::array<std::uint32_t, 256>;

/// tables[k][b]: what byte b does to the checksum k bytes later.
constexpr std::array<Table, 8> make_tables() {
  constexpr std::uint32_t polynomial = 0x82f63b78;  // reversed bits
  std::array<Table, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1) * polynomial;
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = before >> 8 ^ tables[0][before & 0xff];
    }
  return tables;
}
constexpr std::array<Table, 8> tables = make_tables();

std::uint32_t one_byte(std::uint32_t crc, char byte) {
  return crc >> 8 ^ tables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xff];
}

#if defined(__x86_64__)
/// Bytes that one of three interleaved sums takes: the instruction gives its result after three
/// cycles, but can begin anew at each.
constexpr std::size_t stripe = 512;

/// stripe_tables[k][b]: what byte k of a checksum, b, is after `stripe` bytes of zeros.
constexpr std::array<Table, 4> make_stripe_tables() {
  std::array<std::uint32_t, 32> after{};  // By bit: a checksum is the sum of its bits'.
  for (std::size_t bit = 0; bit < 32; ++bit) {
    std::uint32_t crc = std::uint32_t{1} << bit;
    for (std::size_t i = 0; i < stripe; ++i) crc = crc >> 8 ^ tables[0][crc & 0xff];
    after[bit] = crc;
  }
  std::array<Table, 4> made{};
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t byte = 0; byte < 256; ++byte)
      for (std::size_t bit = 0; bit < 8; ++bit)
        if ((byte >> bit & 1) != 0) made[k][byte] ^= after[8 * k + bit];
  return made;
}
constexpr std::array<Table, 4> stripe_tables = make_stripe_tables();

std::uint64_t past_stripe(std::uint64_t crc) {
  return stripe_tables[0][crc & 0xff] ^ stripe_tables[1][crc >> 8 & 0xff] ^
         stripe_tables[2][crc >> 16 & 0xff] ^ stripe_tables[3][crc >> 24 & 0xff];
}

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return word;
}

[[gnu::target("sse4.2")]] std::uint32_t by_instruction(std::string_view bytes) {
  std::uint64_t crc = 0xffff'ffff;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 3 * stripe; at += 3 * stripe, left -= 3 * stripe) {
    std::uint64_t second = 0, third = 0;
    for (std::size_t i = 0; i < stripe; i += 8) {
      crc = __builtin_ia32_crc32di(crc, word_at(at + i));
      second = __builtin_ia32_crc32di(second, word_at(at + stripe + i));
      third = __builtin_ia32_crc32di(third, word_at(at + 2 * stripe + i));
    }
    crc = past_stripe(past_stripe(crc) ^ second) ^ third;
  }
  for (; left >= 8; at += 8, left -= 8) crc = __builtin_ia32_crc32di(crc, word_at(at));
  auto rest = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++at, --left) rest = one_byte(rest, *at);
  return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32c_by_tables(std::string_view bytes) {
  std::uint32_t crc = 0xffff'ffff;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::array<unsigned char, 8> word;
    std::memcpy(word.data(), at, 8);
    for (std::size_t i = 0; i < 4; ++i) word[i] ^= static_cast<unsigned char>(crc >> (8 * i));
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) crc ^= tables[7 - i][word[i]];
  }
  for (; left > 0; ++at, --left) crc = one_byte(crc, static_cast<char>(*at));
  return ~crc;
}

std::uint32_t crc32c(std::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return by_instruction(bytes);
#endif
  return crc32c_by_tables(bytes);
}

}  // namespace parallax
