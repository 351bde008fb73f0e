// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include "sim/core/ledger_layout.h"

/// Finds the parts of packed records: private to the codec's reading side. Whatever is asked for
/// lies between `at` and `end`; null, or empty, where the record is cut short or cannot be one.
namespace parallax::ledger_codec {

/// By bits: four for each that is set.
constexpr auto fours = [] {
  std::array<std::uint8_t, 256> sizes{};
  for (unsigned bits = 0; bits < sizes.size(); ++bits)
    sizes[bits] = static_cast<std::uint8_t>(4 * std::popcount(bits));
  return sizes;
}();

/// The status of a near receipt, behind its kind.
inline std::uint16_t status_at(const char* at) {
  std::uint16_t status = 0;
  std::memcpy(&status, at, sizeof status);
  return status;
}

/// Bytes of the words that two bytes of widths name.
inline std::size_t words_size(const char* widths) {
  const auto there = static_cast<std::uint8_t>(widths[0]);
  const auto wide = static_cast<std::uint8_t>(widths[1]);
  return std::size_t{fours[there]} + fours[there & wide];
}

/// Which words may be there: `n` of them.
inline bool has_only(const char* widths, std::size_t n) {
  return static_cast<std::uint8_t>(widths[0]) >> n == 0;
}

/// Takes the words; returns their end. Each is read in 8 bytes, as if it had them.
template <std::size_t n>
const char* take_words(const char* at, const char* end, const char* widths, Words<n>& out) {
  static_assert(n <= 8);
  const std::size_t size = words_size(widths);
  if (!has_only(widths, n) || static_cast<std::size_t>(end - at) < size) return nullptr;
  std::array<char, 8 * n + 4> copy;
  const char* from = at;
  if (static_cast<std::size_t>(end - at) < copy.size()) {
    copy.fill(0);
    std::memcpy(copy.data(), at, size);
    from = copy.data();
  }
  out = {};
  const auto wide = static_cast<std::uint8_t>(widths[1]);
  for (unsigned left = static_cast<std::uint8_t>(widths[0]); left != 0; left &= left - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(left));
    const std::uint64_t word = load_word(from);
    const bool is_wide = (wide >> i & 1U) != 0;
    out[i] = is_wide ? word : narrow(word);
    from += is_wide ? 8 : 4;
  }
  return at + size;
}

/// Takes widths and the words they name.
template <std::size_t n>
const char* take_record(const char* at, const char* end, Words<n>& out) {
  if (static_cast<std::size_t>(end - at) < widths_size) return nullptr;
  return take_words(at + widths_size, end, at, out);
}

inline ReceiptRecord receipt_of(const Words<4>& words) {
  return {{words[0]},
          time_of(words[1]),
          static_cast<Receipt>(words[2] & 0xff),
          static_cast<std::uint16_t>(words[2] >> 16),
          (words[2] >> 8 & 1) != 0};
}

/// A packed action without its kind, as it stands at `at`.
inline std::string_view find_action(const char* at, const char* end) {
  if (at == end) return {};
  const auto shape = static_cast<std::uint8_t>(*at);
  if ((shape & ~wide_traits) > max_fields) return {};
  const std::size_t size = packed_action_size(shape);
  if (static_cast<std::size_t>(end - at) < size) return {};
  return {at, size};
}

/// Where the parts of an emission are. The words follow the body.
struct EmissionPlaces {
  const char* fate = nullptr;
  const char* widths = nullptr;
  std::string_view seen;       ///< The packed action of an `own_emission`.
  const char* body = nullptr;  ///< Null where the record cannot be one.
};

/// `at` is behind the record's kind.
inline EmissionPlaces find_emission(bool own, const char* at, const char* end) {
  if (static_cast<std::size_t>(end - at) < 1 + widths_size) return {};
  EmissionPlaces places{at, at + 1, {}, nullptr};
  const char* body = at + 1 + widths_size;
  if (own) {
    places.seen = find_action(body, end);
    if (places.seen.empty()) return {};
    body += places.seen.size();
  }
  if (static_cast<std::size_t>(end - body) >= body_size) places.body = body;
  return places;
}

}  // namespace parallax::ledger_codec
