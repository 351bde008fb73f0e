// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/prng.h"

namespace parallax {

/// Who carries the event ids that rows want: each id has a number, from 0. Open addressing, two
/// thirds full at most, so that the places of a lane of a large run stay near a core's cache: 12 to
/// 24 bytes of places for an id, and 20 for the id itself and its owner.
class IdTable {
 public:
  static constexpr std::uint32_t nobody = 0xffff'ffff;
  static constexpr std::uint32_t several = 0xffff'fffe;

  /// Room for `ids` wanted ids.
  explicit IdTable(std::size_t ids) : places_(std::bit_ceil(ids * 3 / 2 + 2)) {
    ids_.reserve(ids);
    owners_.reserve(ids);
  }

  /// Starts to fetch what the next three need of an id.
  void prefetch(Uuid id) const { __builtin_prefetch(&places_[first_place(hash_of(id))]); }
  /// The number of an id that a row wants: a new one, or the one that it has.
  std::uint32_t add_wanted(Uuid id) {
    std::uint64_t& place = places_[find(id)];
    if (place == 0) {
      ids_.push_back(id);
      owners_.push_back(nobody);
      place = (hash_of(id) & tag_mask) | ids_.size();
    }
    return static_cast<std::uint32_t>(place) - 1;
  }
  /// An action carries the id; forgotten where no row wants it.
  void offer(Uuid id, std::uint32_t action) {
    const std::uint64_t place = places_[find(id)];
    if (place == 0) return;
    std::uint32_t& owner = owners_[static_cast<std::uint32_t>(place) - 1];
    if (owner != action) owner = owner == nobody ? action : several;
  }
  /// Whether several actions carry an id, wanted or not.
  bool is_shared(Uuid id) const {
    const std::uint64_t place = places_[find(id)];
    return place != 0 && owner_of(static_cast<std::uint32_t>(place) - 1) == several;
  }
  /// The only action that carries the id of this number, `several` or `nobody`.
  std::uint32_t owner_of(std::uint32_t number) const { return owners_[number]; }

 private:
  /// A place holds a number plus 1 and, above it, the upper half of the id's hash; 0 where empty.
  static constexpr std::uint64_t tag_mask = 0xffff'ffff'0000'0000;
  static std::uint64_t hash_of(Uuid id) { return mix64(id.high ^ id.low); }
  std::size_t first_place(std::uint64_t hash) const { return hash & (places_.size() - 1); }
  /// Where the id stands, or would.
  std::size_t find(Uuid id) const {
    const std::uint64_t hash = hash_of(id);
    std::size_t at = first_place(hash);
    while (places_[at] != 0 && !holds(places_[at], hash, id)) at = (at + 1) & (places_.size() - 1);
    return at;
  }
  bool holds(std::uint64_t place, std::uint64_t hash, Uuid id) const {
    return ((place ^ hash) & tag_mask) == 0 && ids_[static_cast<std::uint32_t>(place) - 1] == id;
  }
  std::vector<std::uint64_t> places_;
  std::vector<Uuid> ids_;              ///< By number.
  std::vector<std::uint32_t> owners_;  ///< By number.
};

}  // namespace parallax
