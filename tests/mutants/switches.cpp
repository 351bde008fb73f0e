// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/switches.h"

namespace mutant {

State state;

}  // namespace mutant
