// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "sim/run/commands.h"

namespace CLI {
class App;
}

namespace parallax {

/// What the words of the commands that explain can fill.
struct ExplainLine {
  ExplainCommand explain;
  ShrinkCommand shrink;
  BlameCommand blame;
  ChallengeCommand challenge;
  MonitorCommand monitor;
  std::uint64_t seed = 0;
};

/// Adds `explain`, `shrink`, `blame`, `challenge` and `monitor`; the chosen one leaves what to do
/// in `action`. Both must outlive the parsing.
void add_explain_commands(CLI::App& app, ExplainLine& line, std::function<int()>& action);

}  // namespace parallax
