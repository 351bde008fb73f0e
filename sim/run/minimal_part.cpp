// SPDX-License-Identifier: Apache-2.0
#include "sim/run/minimal_part.h"

#include <algorithm>
#include <numeric>

namespace parallax {
namespace {

/// The i-th of so many pieces, nearly equally long.
Positions piece(const Positions& part, std::size_t i, std::size_t pieces) {
  const auto from = static_cast<std::ptrdiff_t>(part.size() * i / pieces);
  const auto until = static_cast<std::ptrdiff_t>(part.size() * (i + 1) / pieces);
  return {part.begin() + from, part.begin() + until};
}

Positions without(const Positions& part, const Positions& gone) {
  Positions left;
  std::set_difference(part.begin(), part.end(), gone.begin(), gone.end(), std::back_inserter(left));
  return left;
}

}  // namespace

Positions minimal_part(std::size_t count, const std::function<bool(const Positions&)>& holds) {
  if (holds({})) return {};
  Positions part(count);
  std::iota(part.begin(), part.end(), std::size_t{0});
  std::size_t pieces = 2;
  while (part.size() >= 2) {
    Positions smaller;
    std::size_t next = 2;
    for (std::size_t i = 0; i < pieces && smaller.empty(); ++i)
      if (Positions one = piece(part, i, pieces); holds(one)) smaller = std::move(one);
    // Of two pieces, each is the other's rest.
    for (std::size_t i = 0; i < pieces && pieces > 2 && smaller.empty(); ++i)
      if (Positions rest = without(part, piece(part, i, pieces)); holds(rest)) {
        smaller = std::move(rest);
        next = pieces - 1;
      }
    if (!smaller.empty()) {
      part = std::move(smaller);
      pieces = std::min(next, part.size());
    } else if (pieces < part.size()) {
      pieces = std::min(2 * pieces, part.size());
    } else {
      break;
    }
  }
  return part;
}

}  // namespace parallax
