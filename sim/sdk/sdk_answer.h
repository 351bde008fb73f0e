// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

#include "sim/core/event_result.h"
#include "sim/core/time.h"
#include "sim/scenario/sdk_plan.h"

namespace parallax {

/// What an SDK's HTTP layer saw of one request. Refers to `events`.
struct SdkAnswer {
  /// Why there is no status.
  enum class Failure : std::uint8_t {
    none,
    unreachable,  ///< No connection came about.
    broken,       ///< The connection broke, or no answer came in time.
  };
  std::uint16_t status = 0;  ///< 0: no answer was read.
  Failure failure = Failure::none;
  bool other_body = false;              ///< The body is not what the SDK's own collector answers.
  Micros retry_after = 0;               ///< As told by Retry-After; 0: it was not.
  std::span<const EventResult> events;  ///< Parallel to the batch; empty: the status holds for all.

  static SdkAnswer of(std::uint16_t status) {
    SdkAnswer answer;
    answer.status = status;
    return answer;
  }
  static SdkAnswer none(Failure failure) {
    SdkAnswer answer;
    answer.failure = failure;
    return answer;
  }
  /// What every SDK takes for a success.
  bool plain() const { return status == 200 && !other_body && events.empty(); }
};

/// What the SDK makes of it.
enum class Reading : std::uint8_t {
  delivered,
  misread,  ///< Taken for delivered, but no collector took it: a followed redirect, a 3xx.
  retry,
  too_large,  ///< To be halved.
  refused,    ///< Dropped.
};
Reading read_answer(const SdkPlan& plan, const SdkAnswer& answer);

}  // namespace parallax
