// SPDX-License-Identifier: Apache-2.0
#include "fault/spells.h"

#include <algorithm>
#include <cassert>

namespace parallax::faults {

Spells::Spells(SimTime start, Micros every, ParamValue lasts)
    : start_(start), every_(every), lasts_(std::move(lasts)) {
  assert(every > 0);
}

bool Spells::cover(SimTime at, Prng draw) const {
  const std::int64_t period = (at - start_) / every_;
  return covers(period, at, draw) || (period > 0 && covers(period - 1, at, draw));
}

bool Spells::covers(std::int64_t period, SimTime at, Prng draw) const {
  Prng own = draw.keyed(static_cast<std::uint64_t>(period));
  const SimTime from = start_ + period * every_ + own.between(0, every_ - 1);
  const Micros length = std::clamp<Micros>(draw_param(lasts_, own), 0, every_);
  return at >= from && at < from + length;
}

}  // namespace parallax::faults
