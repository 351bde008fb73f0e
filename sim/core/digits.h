// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

/// Numbers as text, written straight into a buffer: what every event needs several of. Every writer
/// returns the end of what it wrote; the caller guarantees room.
namespace parallax {

namespace digits_detail {
constexpr std::array<char, 200> make_pairs() {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}
inline constexpr std::array<char, 200> pairs = make_pairs();

using Bytes [[gnu::vector_size(16)]] = std::uint8_t;
using SignedBytes [[gnu::vector_size(16)]] = std::int8_t;
using Words [[gnu::vector_size(16)]] = std::uint64_t;

/// The bytes of two numbers, most significant first.
inline Bytes bytes_of(std::uint64_t first, std::uint64_t second) {
  if constexpr (std::endian::native == std::endian::little) {
    first = __builtin_bswap64(first);
    second = __builtin_bswap64(second);
  }
  return reinterpret_cast<Bytes>(Words{first, second});
}
/// 0 .. 15 as 0 .. f.
inline Bytes hex_digits(Bytes nibbles) {
  const auto letters = reinterpret_cast<Bytes>(reinterpret_cast<SignedBytes>(nibbles) > 9);
  return nibbles + '0' + (letters & ('a' - '0' - 10));
}
inline Bytes first_hex(Bytes bytes) {
  return hex_digits(__builtin_shufflevector(bytes >> 4, bytes & 15, 0, 16, 1, 17, 2, 18, 3, 19, 4,
                                            20, 5, 21, 6, 22, 7, 23));
}
inline Bytes last_hex(Bytes bytes) {
  return hex_digits(__builtin_shufflevector(bytes >> 4, bytes & 15, 8, 24, 9, 25, 10, 26, 11, 27,
                                            12, 28, 13, 29, 14, 30, 15, 31));
}
}  // namespace digits_detail

/// Exactly two digits. Precondition: value < 100.
inline char* write_pair(std::uint32_t value, char* out) {
  std::memcpy(out, &digits_detail::pairs[std::size_t{2} * value], 2);
  return out + 2;
}

/// Exactly four digits. Precondition: value < 10'000.
inline char* write_four(std::uint32_t value, char* out) {
  return write_pair(value % 100, write_pair(value / 100, out));
}

/// Without leading zeros: 1 to 20 digits.
inline char* write_decimal(std::uint64_t value, char* out) {
  if (value < 10) {
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  if (value < 100) return write_pair(static_cast<std::uint32_t>(value), out);
  if (value >= 10'000) {
    out = write_decimal(value / 10'000, out);
    return write_four(static_cast<std::uint32_t>(value % 10'000), out);
  }
  const auto four = static_cast<std::uint32_t>(value);
  if (four >= 1'000) return write_four(four, out);
  *out = static_cast<char>('0' + four / 100);
  return write_pair(four % 100, out + 1);
}

/// As `write_decimal` up to 99'999'999, and without a branch that guesses how many digits there
/// are. May touch 8 bytes whatever it writes. Two, four and eight digits at a time in one word:
/// Mula, "SSE: conversion integers to decimal representation", 2011, without the vectors.
inline char* write_usual_decimal(std::uint64_t value, char* out) {
  if (value > 99'999'999 || value == 0) return write_decimal(value, out);
  std::uint64_t word = value / 10'000 | value % 10'000 << 32U;
  const std::uint64_t hundreds = (word * 10'486 >> 20U) & 0x7f'0000'007fU;
  word = hundreds | (word - hundreds * 100) << 16U;
  const std::uint64_t tens = (word * 103 >> 10U) & 0x000f'000f'000f'000fU;
  word = tens | (word - tens * 10) << 8U;
  // The first digit lies in the lowest byte.
  const auto blanks = static_cast<unsigned>(std::countr_zero(word)) / 8U;
  word = (word >> 8U * blanks) + 0x3030'3030'3030'3030U;
  if constexpr (std::endian::native != std::endian::little) word = __builtin_bswap64(word);
  std::memcpy(out, &word, sizeof word);
  return out + 8 - blanks;
}

/// Exactly 16 lower-case hex digits, most significant first. On vectors of the compiler, which are
/// SSE2 or NEON where the machine has them.
inline char* write_hex16(std::uint64_t value, char* out) {
  const digits_detail::Bytes text = digits_detail::first_hex(digits_detail::bytes_of(value, 0));
  std::memcpy(out, &text, sizeof text);
  return out + sizeof text;
}

/// Exactly 36 characters: 32 hex digits in groups of 8, 4, 4, 4 and 12, with dashes in between.
inline char* write_uuid(std::uint64_t high, std::uint64_t low, char* out) {
  const digits_detail::Bytes bytes = digits_detail::bytes_of(high, low);
  const digits_detail::Bytes front = digits_detail::first_hex(bytes);
  const digits_detail::Bytes back = digits_detail::last_hex(bytes);
  // Whole vectors, which put the outer groups in their places; then the inner ones.
  std::memcpy(out, &front, 16);
  std::memcpy(out + 20, &back, 16);
  using Groups [[gnu::vector_size(16)]] = std::uint32_t;
  const std::uint32_t group_2 = reinterpret_cast<Groups>(front)[2];
  const std::uint32_t group_3 = reinterpret_cast<Groups>(front)[3];
  const std::uint32_t group_4 = reinterpret_cast<Groups>(back)[0];
  std::memcpy(out + 9, &group_2, 4);
  std::memcpy(out + 14, &group_3, 4);
  std::memcpy(out + 19, &group_4, 4);
  out[8] = out[13] = out[18] = out[23] = '-';
  return out + 36;
}

/// What sixteen hex digits of either case say, most significant first.
struct Hex16 {
  std::uint64_t value;
  bool valid;     ///< False where one of them is none.
  bool capitals;  ///< Some are capital letters.
};

inline Hex16 read_hex16(const char* digits) {
  using digits_detail::Bytes;
  using digits_detail::Words;
  using Pairs [[gnu::vector_size(16)]] = std::uint16_t;
  using Packed [[gnu::vector_size(8)]] = std::uint8_t;
  Bytes text;
  std::memcpy(&text, digits, sizeof text);
  const Bytes decimal = text - '0', letter = (text | 0x20) - 'a';
  const auto is_decimal = reinterpret_cast<Bytes>(decimal < 10);
  const auto is_letter = reinterpret_cast<Bytes>(letter < 6);
  const auto known = reinterpret_cast<Words>(is_decimal | is_letter);
  const auto capitals = reinterpret_cast<Words>(is_letter & ~text & 0x20);
  auto pairs = reinterpret_cast<Pairs>((is_decimal & decimal) | (is_letter & (letter + 10)));
  if constexpr (std::endian::native == std::endian::little) {
    pairs = (pairs << 4 | pairs >> 8) & 0xff;
  } else {
    pairs = (pairs >> 4 | pairs) & 0xff;
  }
  const Packed bytes = __builtin_convertvector(pairs, Packed);
  auto value = std::bit_cast<std::uint64_t>(bytes);
  if constexpr (std::endian::native == std::endian::little) value = __builtin_bswap64(value);
  return {value, (known[0] & known[1]) == ~std::uint64_t{0}, (capitals[0] | capitals[1]) != 0};
}

}  // namespace parallax
