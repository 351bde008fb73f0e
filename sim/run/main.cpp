// SPDX-License-Identifier: Apache-2.0
#include "sim/run/cli.h"

int main(int argc, char** argv) { return parallax::run_command_line(argc, argv); }
