// SPDX-License-Identifier: Apache-2.0
#include "sim/run/command_prove.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "sim/run/command_parts.h"

namespace parallax {
namespace {

constexpr std::size_t width = 110;
constexpr unsigned seeds_max = 1'000;
constexpr std::uint64_t actions_max = 10'000'000;

}  // namespace

int command_prove(const ProofOptions& options, bool markdown) {
  const bool on_terminal = ::isatty(STDERR_FILENO) == 1;
  const Result<Matrix> matrix = prove(options, [&](const std::string& now) {
    if (on_terminal) fmt::print(stderr, "\r\x1b[K{}", now);
  });
  if (on_terminal) fmt::print(stderr, "\r\x1b[K");
  if (!matrix) return complain(exit_for(matrix.error()), matrix.error().text());
  fmt::print("{}",
             markdown ? matrix_markdown(*matrix, options) : matrix_text(*matrix, options, width));
  return matrix->holds() ? exit_pass : exit_fail;
}

void add_prove(CLI::App& bugs, std::function<int()>& action) {
  const auto options = std::make_shared<ProofOptions>();
  const auto markdown = std::make_shared<bool>(false);
  CLI::App* prove = bugs.add_subcommand(
      "prove", "Play each bug under the scenario that shows it: is it found, and by its name?");
  prove->add_option("bugs", options->bugs, "Only these")->type_name("BUG");
  prove->add_option("--scenarios", options->scenarios, "Their folder (default: scenarios)");
  CLI::Option* actions =
      prove
          ->add_option("--actions", options->actions,
                       "Also compute the least share that is found in 95 % of runs of so many")
          ->check(CLI::Range(std::uint64_t{100}, actions_max));
  CLI::Option* check =
      prove
          ->add_option("--check", options->check,
                       "Play that share over so many seeds, and a tenth of it over half of them")
          ->type_name("SEEDS")
          ->check(CLI::Range(1U, seeds_max));
  prove->add_flag("--markdown", *markdown, "As a table for a page");
  check->needs(actions);
  prove->footer(
      "Examples:\n  parallax bugs prove\n"
      "  parallax bugs prove no_dedupe client_wins --actions 10000 --check 20\n"
      "  parallax bugs prove --actions 1000000\n"
      "Exit code: 1 where a bug survives or is given another name, a clean pipeline is accused,\n"
      "or a share is found too seldom");
  prove->callback([&action, options, markdown] {
    action = [options, markdown] { return command_prove(*options, *markdown); };
  });
}

}  // namespace parallax
