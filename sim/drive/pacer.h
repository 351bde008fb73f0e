// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <thread>

#include "sim/core/time.h"

namespace parallax {

/// Maps simulated time to the wall: as fast as possible (pace 0), real time (1) or `pace` times
/// real time. The plan is fixed at the start, so that being late once is caught up, not carried
/// along.
class Pacer {
 public:
  Pacer(std::uint32_t pace, SimTime start)
      : pace_(pace), start_(start), wall_start_(std::chrono::steady_clock::now()) {}

  bool due(SimTime t) const { return pace_ == 0 || std::chrono::steady_clock::now() >= at(t); }
  /// Sleeps until `t` is due, at most `limit_us`, so that the caller can look at other things.
  void wait(SimTime t, Micros limit_us = 50 * millisecond) const {
    if (pace_ == 0) return;
    const auto limit = std::chrono::steady_clock::now() + std::chrono::microseconds(limit_us);
    std::this_thread::sleep_until(at(t) < limit ? at(t) : limit);
  }

 private:
  std::chrono::steady_clock::time_point at(SimTime t) const {
    return wall_start_ + std::chrono::microseconds((t - start_) / pace_);
  }
  std::uint32_t pace_;
  SimTime start_;
  std::chrono::steady_clock::time_point wall_start_;
};

/// Sleeps for `d` of the wall clock.
inline void pause(Micros d) { Pacer(1, SimTime{}).wait(SimTime{d}, d); }

}  // namespace parallax
