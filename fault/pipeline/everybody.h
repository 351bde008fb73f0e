// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "fault/params.h"

namespace parallax::faults {

/// A pipeline is away or slow for everybody who sends to it: `where` and `side` may say which of
/// its doors is meant, but none is struck by chance. Errors name the selector's key.
inline Result<void> strikes_everybody(const SelectorPlan& selector) {
  using Choice = SelectorPlan::Choice;
  switch (selector.choice) {
    case Choice::all:
      return {};
    case Choice::rate:
      return unusable("rate", "none: a pipeline's fault strikes whoever sends");
    case Choice::burst:
      return unusable("burst", "none: a pipeline's fault strikes whoever sends");
    case Choice::nth:
      return unusable("nth", "none: a pipeline's fault strikes whoever sends");
    case Choice::ids:
      break;
  }
  return unusable("ids", "none: a pipeline's fault strikes whoever sends");
}

}  // namespace parallax::faults
