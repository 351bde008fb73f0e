// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>

#include "sim/core/time.h"

/// The time of the people who wait, never that of the simulation: what a run takes, and when it
/// was.
namespace parallax {

/// Never goes back: for spans and deadlines.
using Clock = std::chrono::steady_clock;

inline Micros since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
}

/// The calendar's time.
inline SimTime wall_now() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace parallax
