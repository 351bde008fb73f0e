// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace parallax {

/// The command line: words in, exit code out. Never throws.
int run_command_line(int argc, char** argv);

}  // namespace parallax
