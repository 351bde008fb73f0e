// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "fault/fault.h"
#include "sim/core/ledger.h"
#include "sim/sdk/sdk_answer.h"

namespace parallax {

/// What the sender's HTTP layer makes of an outcome. The target's own 2xx are all one to our wire
/// formats: none of them is a vendor's.
inline SdkAnswer seen_of(Receipt receipt, std::uint16_t status, const WireFate& fate,
                         Micros retry_after) {
  if (receipt == Receipt::accepted) {
    SdkAnswer answer = SdkAnswer::of(fate.odd_status != 0 ? fate.odd_status : 200);
    answer.other_body = fate.odd_body;
    answer.retry_after = fate.retry_after;
    return answer;
  }
  if (status != 0) {
    SdkAnswer answer = SdkAnswer::of(status);
    answer.retry_after = fate.strike == Strike::answered ? fate.retry_after : retry_after;
    return answer;
  }
  const bool never_left = receipt == Receipt::rejected && !fate.silent;
  return SdkAnswer::none(never_left ? SdkAnswer::Failure::unreachable : SdkAnswer::Failure::broken);
}

}  // namespace parallax
