// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "sim/core/ledger_codec.h"

/// Which word of a packed record is what: private to the codec's two sides.
namespace parallax::ledger_codec {

static_assert(std::endian::native == std::endian::little, "journals are little-endian files");
// No padding: the bytes of equal values are equal, and all of them are initialised.
static_assert(std::has_unique_object_representations_v<Action>);
static_assert(std::has_unique_object_representations_v<Emission>);
static_assert(std::has_unique_object_representations_v<AttemptRecord>);
static_assert(std::is_trivially_copyable_v<Emission> && std::is_trivially_copyable_v<Action>);

enum class Kind : std::uint8_t { action = 1, emission, attempt, delivery, receipt, abandon };

template <std::size_t n>
using Words = std::array<std::uint64_t, n>;
using ActionWords = Words<sizeof(Action) / 8>;
using BodyWords = Words<sizeof(Emission) / 8>;
using EmissionWords = Words<BodyWords{}.size() + 1>;  // and the fate
using AttemptWords = Words<sizeof(AttemptRecord) / 8>;

constexpr std::size_t seen_words = sizeof(Action) / 8;
static_assert(offsetof(Emission, seen) == 0);

constexpr std::size_t presence_bytes(std::size_t words) { return (words + 7) / 8; }
static_assert(1 + presence_bytes(EmissionWords{}.size()) + sizeof(EmissionWords) <=
              record_size_max);

inline std::uint64_t word_of(const EmissionKey& key) {
  return static_cast<std::uint64_t>(key.source) | static_cast<std::uint64_t>(key.copy) << 8;
}
inline EmissionKey key_of(std::uint64_t action, std::uint64_t word) {
  return {{action}, static_cast<Source>(word & 1), static_cast<std::uint8_t>(word >> 8)};
}
inline std::uint64_t word_of(SimTime t) { return std::bit_cast<std::uint64_t>(t); }
inline SimTime time_of(std::uint64_t word) { return std::bit_cast<SimTime>(word); }

}  // namespace parallax::ledger_codec
