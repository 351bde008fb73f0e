// SPDX-License-Identifier: Apache-2.0
#include "sim/sdk/sdk_answer.h"

namespace parallax {
namespace {

bool is_redirect(std::uint16_t status) { return status >= 301 && status <= 303; }
bool took_it(std::uint16_t status) { return status >= 200 && status < 300; }

}  // namespace

Reading read_answer(const SdkPlan& plan, const SdkAnswer& answer) {
  if (answer.status == 0) {
    const bool gives_up = answer.failure == SdkAnswer::Failure::unreachable &&
                          plan.unreachable == SdkPlan::Unreachable::drop;
    return gives_up ? Reading::refused : Reading::retry;
  }
  // The GET without a body that follows is answered 200 by whoever is there.
  if (plan.redirects == SdkPlan::Redirects::followed && is_redirect(answer.status))
    return Reading::misread;
  if (plan.success.has(answer.status)) {
    if (plan.success_by == SdkPlan::SuccessBy::body && answer.other_body) return Reading::retry;
    return took_it(answer.status) ? Reading::delivered : Reading::misread;
  }
  if (answer.status == 413 && plan.too_large == SdkPlan::TooLarge::halve) return Reading::too_large;
  return plan.retry_on.has(answer.status) ? Reading::retry : Reading::refused;
}

}  // namespace parallax
