// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "sim/run/cli_parts.h"
#include "sim/run/starter.h"

namespace parallax {

void add_target_commands(CLI::App& app, TargetLine& line, std::function<int()>& action) {
  CLI::App* init = app.add_subcommand(
      "init", "Write a starter that passes at once: scenario, target file, CI snippets");
  init->add_option("folder", line.init.folder, "Where it is written")->required();
  init->add_option("--target", line.init.target,
                   fmt::format("Kind of the target file: {}; default {}",
                               fmt::join(starter_targets, ", "), line.init.target));
  init->footer("Example:\n  parallax init --target postgres parallax-tests");
  init->callback([&line, &action] { action = [&line] { return command_init(line.init); }; });
  CLI::App* check = app.add_subcommand(
      "check", "Try a target: reach, credentials, write, read back one event, clock");
  check->add_option("target", line.check.target, "Target file, or URL of a parallax pipeline")
      ->required();
  check->add_option("--allow-host", line.check.allow_hosts,
                    "A host besides this machine that traffic may go to (repeatable)");
  check->footer("Example:\n  parallax check staging.target.json --allow-host staging.example");
  check->callback([&line, &action] { action = [&line] { return command_check(line.check); }; });
  CLI::App* clean =
      app.add_subcommand("clean", "Print what removes a run's rows from its target; --run does it");
  clean->add_option("folder", line.clean.folder, "Run folder")->required();
  clean->add_flag("--run", line.clean.run, "Run it");
  clean->add_option("--target", line.clean.target, "Target file instead of the folder's");
  clean->add_option("--allow-host", line.clean.allow_hosts,
                    "A host besides this machine that traffic may go to (repeatable)");
  clean->footer(
      "Example:\n  parallax clean parallax-runs/shop-7 --target staging.target.json --run");
  clean->callback([&line, &action] { action = [&line] { return command_clean(line.clean); }; });
}

}  // namespace parallax
