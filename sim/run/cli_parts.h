// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

namespace CLI {
class App;
}

/// Groups of commands that cli.cpp puts together. Each adds its commands to the parser; the one
/// that is chosen leaves what to do in `action`. The parser outlives the call of `action`.
namespace parallax {

/// diff.
void add_diff(CLI::App& app, std::function<int()>& action);
/// help, doctor, completion, man.
void add_about_commands(CLI::App& app, std::function<int()>& action);

}  // namespace parallax
