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

/// Reads eight hex digits of either case; false where one of them is none.
inline bool read_hex8(const char* digits, std::uint32_t& out) {
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101U;
  std::uint64_t text = 0;
  std::memcpy(&text, digits, sizeof text);
  if constexpr (std::endian::native == std::endian::little) text = __builtin_bswap64(text);
  const std::uint64_t lower = text | 0x20 * ones;
  const std::uint64_t letters = lower >> 6U & ones;
  std::uint64_t value = (lower & 0x0f * ones) + 9 * letters;
  // A byte at a time: the digit that the value is spelled with must be the one that stands there.
  const std::uint64_t above_nine = (value + 0x76 * ones) >> 7U & ones;
  const std::uint64_t wrong = (lower ^ (value + 0x30 * ones + 0x27 * letters)) |
                              (above_nine ^ letters) | (value & 0xf0 * ones) |
                              ((text ^ lower) & ~(letters << 5U));
  value = (value | value >> 4U) & 0x00ff'00ff'00ff'00ffU;
  value = (value | value >> 8U) & 0x0000'ffff'0000'ffffU;
  out = static_cast<std::uint32_t>(value | value >> 16U);
  return wrong == 0;
}

}  // namespace parallax
