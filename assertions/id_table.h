// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/core/id.h"
#include "sim/core/prng.h"

namespace parallax {

/// Who carries the event ids that rows want: open addressing, half full at most, 24 bytes a place.
class IdTable {
 public:
  static constexpr std::uint32_t nobody = 0xffff'ffff;
  static constexpr std::uint32_t several = 0xffff'fffe;

  /// Room for `ids` wanted ids.
  explicit IdTable(std::size_t ids) : places_(std::bit_ceil(ids * 2 + 2)) {}

  void add_wanted(Uuid id) { places_[find(id)] = {id, nobody, true}; }
  /// An action carries the id; forgotten where no row wants it.
  void offer(Uuid id, std::uint32_t action) {
    Place& place = places_[find(id)];
    if (!place.used || place.owner == action) return;
    place.owner = place.owner == nobody ? action : several;
  }
  /// The only action that carries it, `several` or `nobody`.
  std::uint32_t owner_of(Uuid id) const {
    const Place& place = places_[find(id)];
    return place.used ? place.owner : nobody;
  }

 private:
  struct Place {
    Uuid id;
    std::uint32_t owner = nobody;
    bool used = false;
  };
  /// Where the id stands, or would.
  std::size_t find(Uuid id) const {
    std::size_t at = mix64(id.high ^ id.low) & (places_.size() - 1);
    while (places_[at].used && places_[at].id != id) at = (at + 1) & (places_.size() - 1);
    return at;
  }
  std::vector<Place> places_;
};

}  // namespace parallax
