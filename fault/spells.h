// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "fault/fault.h"
#include "fault/params.h"

namespace parallax::faults {

/// Spells of an entity, one in each period: it begins anywhere in it and lasts as drawn, at most a
/// period. A function of the entity's draw and the time alone, so that nothing is kept between two
/// questions.
class Spells {
 public:
  /// `every`: the length of a period, from `start` on. Preconditions: every > 0.
  Spells(SimTime start, Micros every, ParamValue lasts);

  /// Whether one covers `at`.
  bool cover(SimTime at, Prng draw) const;

 private:
  bool covers(std::int64_t period, SimTime at, Prng draw) const;
  SimTime start_;
  Micros every_;
  ParamValue lasts_;
};

}  // namespace parallax::faults
