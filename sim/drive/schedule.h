// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/time.h"

namespace parallax {

/// Wall time in nanoseconds since the start of a load.
using Nanos = std::int64_t;

/// Events a second: "20k", "2.5k/s", "50/1s", "3000/1m", "1M". Nothing unless above zero and at
/// most 1e9 a second.
std::optional<double> parse_rate(std::string_view text);
/// "20k", "2.5k", "50": what `parse_rate` reads back, three digits.
std::string format_rate(double events_per_second);

/// A stretch of a load. The rate moves in a straight line from where the stage before ended to
/// `rate` (as k6's stages do); to hold a rate, give two stages the same one. A stage without length
/// jumps.
struct Stage {
  Micros length = 0;
  double rate = 0;  ///< Events a second at its end.
};
/// "30s:20k". Nothing where either half cannot be read; the rate may be 0 here.
std::optional<Stage> parse_stage(std::string_view text);

/// When which event of a load is to leave: the integral of the rate, inverted. A pure function of
/// its stages, so that being late never moves the plan.
class Schedule {
 public:
  /// `rate`: events a second at the start, 0 for a ramp from nothing.
  Schedule(double rate, const std::vector<Stage>& stages);

  Micros length() const;
  /// Events that are planned in all, and before `at`.
  double events() const;
  double events_before(Nanos at) const;
  /// When event `n` (0, 1, ...) is to leave; `n` may lie between two. Precondition: n < events().
  Nanos time_of(double n) const;

 private:
  struct Piece {
    double start_s, length_s;
    double events_before;  ///< Of this piece.
    double rate, slope;    ///< At its start, and change a second.
  };
  std::vector<Piece> pieces_;
  double events_ = 0;
  Micros length_ = 0;
};

/// The planned times of one engine's requests: of the requests 0, 1, 2, ... of a schedule, each of
/// `batch` events, those with the numbers part, part + parts, ...
class RequestPlan {
 public:
  /// `schedule`: null for no plan at all. It must outlive the plan.
  RequestPlan(const Schedule* schedule, std::uint32_t batch, std::uint32_t part,
              std::uint32_t parts);

  /// When the next one is to leave; nothing behind the last.
  const std::optional<Nanos>& next() const { return next_; }
  void advance();
  std::uint64_t requests() const;  ///< In all.

 private:
  std::optional<Nanos> time_of(std::uint64_t request) const;

  const Schedule* schedule_;
  std::uint32_t batch_, part_, parts_;
  std::uint64_t number_ = 0;
  std::optional<Nanos> next_;
};

}  // namespace parallax
