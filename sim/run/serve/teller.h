// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "assertions/trial.h"
#include "sim/run/serve/declared_rows.h"
#include "sim/run/serve/oracle.h"

namespace parallax::serve {

/// Fills in what `judged` tells of single actions: their rows as texts (one more read of the
/// target), in what they differ, what came near an action without a row, the message, and the
/// report's examples. `trial` has concluded on `part`.
void tell(const Declared& declared, const Stage& stage, const Trial& trial, const Part& part,
          DeclaredRows& rows, Judged& judged);

}  // namespace parallax::serve
