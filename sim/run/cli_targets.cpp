// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "sim/run/cli_parts.h"
#include "sim/run/starter.h"

namespace parallax {
namespace {

void add_pipeline(CLI::App& app, PipelineCommand& command, std::function<int()>& action) {
  CLI::App* pipeline =
      app.add_subcommand("pipeline", "Serve the reference pipeline alone, until Ctrl-C");
  pipeline->add_option("--listen", command.listen, "HOST:PORT (default 127.0.0.1:8100)");
  pipeline->add_option("--data", command.data, "Folder of its log and warehouse");
  pipeline->add_option("--bug", command.bugs, "Switch a bug on: NAME[:share] (repeatable)")
      ->type_name("BUG");
  add_policy(*pipeline, command.policy);
  pipeline->add_option("--scenario", command.scenario,
                       "Take the data contract from this scenario's tracking plan");
  pipeline->add_flag("--allow-remote", command.allow_remote,
                     "Allow an address that is not loopback");
  pipeline->add_option("--from-kafka", command.from_kafka,
                       "Consume events: HOST:PORT[,HOST:PORT]/TOPIC, or a target file (.json)");
  pipeline->add_option("--group", command.group,
                       "Consumer group whose offsets it keeps (default parallax-pipeline)");
  pipeline->add_option("--allow-host", command.allow_hosts,
                       "A broker besides this machine that may be consumed from (repeatable)");
  pipeline->footer(
      "Example:\n  parallax pipeline --listen 127.0.0.1:8100 --data /tmp/p "
      "--bug no_dedupe\n  parallax run scenarios/examples/shop.json "
      "--target http://127.0.0.1:8100");
  pipeline->callback(
      [&command, &action] { action = [&command] { return command_pipeline(command); }; });
}

void add_serve(CLI::App& app, ServeCommand& command, std::function<int()>& action) {
  CLI::App* serve = app.add_subcommand(
      "serve", "Judge what other tests declare over HTTP (Playwright, pytest, k6, Cypress)");
  serve->add_option("--target", command.target, "Target file, or URL of a parallax pipeline")
      ->required();
  serve->add_option("--listen", command.listen, "HOST:PORT (default 127.0.0.1:8300)");
  serve->add_option("--out", command.out, "Folder of the runs (default parallax-runs/serve)");
  serve->add_option("--scenario", command.scenario,
                    "Its tracking plan is that of runs that bring none");
  serve->add_option("--allow-host", command.allow_hosts,
                    "A host besides this machine that rows may be read from (repeatable)");
  serve->add_flag("--allow-remote", command.allow_remote, "Allow an address that is not loopback");
  serve->footer(
      "Example:\n  parallax serve --target http://127.0.0.1:8100\n"
      "How a test uses it: parallax help serve");
  serve->callback([&command, &action] { action = [&command] { return command_serve(command); }; });
}

}  // namespace

void add_target_commands(CLI::App& app, TargetLine& line, std::function<int()>& action) {
  add_pipeline(app, line.pipeline, action);
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
  add_serve(app, line.serve, action);
}

}  // namespace parallax
