// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parallax {

/// Integer that cannot be mixed up with another id. `Tag` is never defined.
template <class Tag>
struct Id {
  std::uint64_t value = 0;
  friend auto operator<=>(Id, Id) = default;
};

/// One thing a user really did; the unit of the ledger. See `make_action_id`.
using ActionId = Id<struct ActionTag>;
/// One try to deliver a batch over the wire. Same layout as ActionId.
using AttemptId = Id<struct AttemptTag>;

/// Users are split over a fixed number of lanes. A lane is the unit of parallel
/// work: it owns its users' journeys, their client SDKs and one server host, and is simulated
/// sequentially. Threads and shards own whole lanes, so no result depends on their number.
constexpr std::uint32_t lane_count = 64;
using LaneIndex = std::uint32_t;  ///< 0 .. lane_count-1

/// User numbers carry no meaning (traits are drawn by hash), so the remainder spreads them evenly,
/// and a lane can name its users without a table.
constexpr LaneIndex lane_of_user(std::uint32_t user) { return user % lane_count; }

/// A part of the population: the lanes whose number leaves `index` when divided by `of`. The union
/// of all `of` shards is the whole. Written as "I/N", I from 1.
struct Shard {
  std::uint32_t index = 0;  ///< 0 .. of-1.
  std::uint32_t of = 1;     ///< 1 .. lane_count.
  friend bool operator==(Shard, Shard) = default;
};

constexpr unsigned lane_shift = 48;  ///< Ids: lane in the top 16 bits, ordinal in the lane below.
constexpr std::uint64_t make_lane_id(LaneIndex lane, std::uint64_t ordinal) {
  return (static_cast<std::uint64_t>(lane) << lane_shift) | ordinal;
}
constexpr LaneIndex lane_of(std::uint64_t id) { return static_cast<LaneIndex>(id >> lane_shift); }

/// 128-bit identifier in RFC 4122 byte order. All zero is `Uuid{}`: never a valid event id.
struct Uuid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(Uuid, Uuid) = default;

  /// Writes exactly 36 characters, lower case, with dashes; no terminator.
  void write(char* out) const;
  std::string text() const;
  /// Accepts 36 characters with dashes or 32 without, in either case; nothing else.
  static std::optional<Uuid> parse(std::string_view text);
  /// The version-4 shaped id of 128 hashed bits.
  static constexpr Uuid from_bits(std::uint64_t high, std::uint64_t low) {
    constexpr std::uint64_t version = 0xf000, version_4 = 0x4000;
    constexpr std::uint64_t variant = std::uint64_t{3} << 62, variant_rfc = std::uint64_t{2} << 62;
    return {(high & ~version) | version_4, (low & ~variant) | variant_rfc};
  }
};

/// 64-bit hash of bytes, the same on every machine (wyhash-like mixing, not keyed): used to compare
/// texts without keeping them. Not for untrusted keys in hash tables.
std::uint64_t hash_text(std::string_view text);

}  // namespace parallax
