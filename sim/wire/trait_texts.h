// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>
#include <cstddef>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/tracking_plan.h"
#include "sim/wire/piece.h"

namespace parallax {

/// Neighbouring traits of the plan with a ready text for every combination of their values, so that
/// an event's traits are written by one copy: ,"country":"US","platform":"web".
struct TraitTexts {
  static constexpr std::size_t texts_max = 1'024;
  std::size_t first = 0;           ///< Trait.
  std::vector<std::size_t> sizes;  ///< By trait from there on: its values.
  std::vector<Piece> texts;        ///< The last trait's value counts fastest.

  const Piece& text_of(const Action& seen) const {
    std::size_t which = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      assert(seen.traits[first + i] < sizes[i]);
      which = which * sizes[i] + seen.traits[first + i];
    }
    return texts[which];
  }
};

/// All traits in the plan's order, in as few parts as have no more than `texts_max` texts each. A
/// trait with more values than that stands alone.
std::vector<TraitTexts> trait_texts(const TrackingPlan& plan);

}  // namespace parallax
