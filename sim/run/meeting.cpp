// SPDX-License-Identifier: Apache-2.0
#include "sim/run/meeting.h"

namespace parallax {

void Meeting::hold_if_complete() {
  if (waiting_ == 0 || waiting_ < members_) return;
  act_();
  waiting_ = 0;
  ++meetings_;
  held_.notify_all();
}

void Meeting::meet() {
  std::unique_lock lock(mutex_);
  const unsigned this_one = meetings_;
  ++waiting_;
  hold_if_complete();
  held_.wait(lock, [&] { return meetings_ != this_one; });
}

void Meeting::leave() {
  const std::lock_guard lock(mutex_);
  --members_;
  hold_if_complete();
}

}  // namespace parallax
