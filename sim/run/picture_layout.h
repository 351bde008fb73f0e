// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

#include "sim/run/picture.h"

namespace parallax {

/// Where everything of one journey's diagram stands: layers from left to right, so that all ways
/// but those back lead to the right (Sugiyama, Tagawa, Toda 1981). Units: pixels, y downwards, the
/// upper left corner of the diagram is 0, 0.
struct JourneyLayout {
  static constexpr double box_width = 190, box_height = 66;
  static constexpr double layer_gap = 96;  ///< Between the boxes of two layers.
  static constexpr double lane_gap = 20;   ///< Between two ways back, which run above the boxes.

  struct Point {
    double x = 0, y = 0;
  };
  struct Way {
    std::size_t from = 0, to = 0;
    double share = 0;
    bool back = false;  ///< To an earlier layer, or to its own state.
    /// From the right side of `from` to the left side of `to`; a way that passes layers has points
    /// in their gaps, one that leads back its corners. Empty for a loop of one state.
    std::vector<Point> points;
  };

  std::vector<Point> boxes;  ///< Upper left corner, by state.
  std::vector<Way> ways;
  double width = 0, height = 0;
};

JourneyLayout lay_out(const JourneyPicture& journey);

}  // namespace parallax
