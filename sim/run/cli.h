// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/run/command_tree.h"

namespace parallax {

/// The command line: words in, exit code out. Never throws.
int run_command_line(int argc, char** argv);

/// All commands with their options, as the parser has them.
CommandNode command_line_tree();

}  // namespace parallax
