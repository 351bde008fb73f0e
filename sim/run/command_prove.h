// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "sim/run/kill_matrix.h"

namespace CLI {
class App;
}

namespace parallax {

/// Plays each bug and prints the kill matrix: exit_fail where a bug survives, is given another
/// name, or a clean pipeline is accused.
/// `markdown`: as a page holds it.
int command_prove(const ProofOptions& options, bool markdown);
/// `bugs prove`, below `bugs`.
void add_prove(CLI::App& bugs, std::function<int()>& action);

}  // namespace parallax
