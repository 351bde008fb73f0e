// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/tracking_plan.h"
#include "sim/wire/piece.h"

namespace parallax {

/// Neighbouring traits of the plan, or the pages and the first traits, with a ready text for every
/// combination of their values, so that what is around an event is written by one copy:
/// "home","country":"US","platform":"web".
struct ContextTexts {
  static constexpr std::size_t texts_max = 1'024;
  bool has_page = false;             ///< Begins with the page.
  std::size_t first = 0;             ///< Trait.
  std::vector<std::uint32_t> sizes;  ///< By trait from there on: its values.
  /// The last trait's value counts fastest; each text in `room` bytes, a multiple of Piece::slack,
  /// so that there is nothing to guess in copying it.
  std::string texts;
  std::size_t room = 0;
  std::vector<std::uint32_t> lengths;

  /// Writes the text and returns its end. Precondition: `room` bytes at `out`.
  char* put(const Action& seen, char* out) const {
    std::size_t which = has_page ? seen.page : 0;
    for (std::size_t i = 0; i < sizes.size(); ++i)
      which = which * sizes[i] + seen.traits[first + i];
    assert(which < lengths.size());
    const char* const from = texts.data() + which * room;
    for (std::size_t at = 0; at < room; at += Piece::slack)
      std::memcpy(out + at, from + at, Piece::slack);
    return out + lengths[which];
  }
};

/// The page and all traits in the plan's order, in as few parts as have no more than `texts_max`
/// texts each. A trait with more values than that stands alone, as do so many pages.
std::vector<ContextTexts> context_texts(const TrackingPlan& plan);

}  // namespace parallax
