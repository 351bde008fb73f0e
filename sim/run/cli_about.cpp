// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <memory>

#include "sim/run/cli_parts.h"
#include "sim/run/command_tree.h"
#include "sim/run/commands.h"

namespace parallax {

void add_diff(CLI::App& app, std::function<int()>& action) {
  const auto command = std::make_shared<DiffCommand>();
  CLI::App* diff = app.add_subcommand("diff", "What changed from one run to another");
  diff->add_option("a", command->a, "Run folder")->required()->type_name("DIR");
  diff->add_option("b", command->b, "Run folder to compare with it")->required()->type_name("DIR");
  diff->add_flag("--json", command->json, "As JSON (sim/run/diff.schema.json)");
  diff->add_flag("--quiet,-q", command->quiet, "Only the last line");
  diff->footer(
      "Example:\n  parallax diff parallax-runs/shop-7 parallax-runs/shop-8\n"
      "Exit code: 1 where something that held has failed since, 2 where it cannot be told any "
      "more");
  diff->callback([&action, command] { action = [command] { return command_diff(*command); }; });
}

void add_about_commands(CLI::App& app, std::function<int()>& action) {
  // The words live as long as the parser's callbacks, which read them.
  const auto word = std::make_shared<std::string>();
  CLI::App* help = app.add_subcommand("help", "Explain a topic or a command; alone: list both");
  help->add_option("topic", *word, "A topic, or a command")->type_name("TOPIC");
  help->footer("Examples:\n  parallax help scenario\n  parallax help run");
  help->callback([&app, &action, word] {
    action = [&app, word] { return command_help(describe(app), *word); };
  });
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Look at this machine: what is there, what is optional, what to do");
  const auto runs = std::make_shared<std::string>("parallax-runs");
  doctor->add_option("--runs", *runs, "Where run folders will go (default parallax-runs)")
      ->type_name("DIR");
  doctor->footer("Example:\n  parallax doctor");
  doctor->callback([&action, runs] { action = [runs] { return command_doctor(*runs); }; });
  CLI::App* completion = app.add_subcommand("completion", "Print the completion script of a shell");
  completion->add_option("shell", *word, "bash, zsh or fish")->required()->type_name("SHELL");
  completion->footer(
      "Examples:\n  source <(parallax completion bash)\n"
      "  parallax completion zsh > ~/.zfunc/_parallax\n"
      "  parallax completion fish > ~/.config/fish/completions/parallax.fish");
  completion->callback([&app, &action, word] {
    action = [&app, word] { return command_completion(describe(app), *word); };
  });
  app.add_subcommand("man", "Print the man page")
      ->footer("Example:\n  parallax man | man -l -")
      ->callback([&app, &action] { action = [&app] { return command_man(describe(app)); }; });
}

}  // namespace parallax
