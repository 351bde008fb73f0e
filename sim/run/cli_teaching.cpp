// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "sim/run/cli_parts.h"

namespace parallax {

void add_teaching_commands(CLI::App& app, TeachingLine& line, std::function<int()>& action) {
  CLI::App* dataset = app.add_subcommand("dataset", "Data sets to learn with, and their tasks");
  dataset->require_subcommand(1);
  dataset->footer(
      "Examples:\n  parallax dataset list\n  parallax dataset make webshop --out webshop");
  dataset->add_subcommand("list", "The data sets and their tasks, one line each")
      ->footer("Example:\n  parallax dataset list")
      ->callback([&action] { action = command_dataset_list; });
  CLI::App* make = dataset->add_subcommand(
      "make", "Write a bundle: data, schema, tasks; answers and truth apart");
  make->add_option("name", line.dataset.name, "Of `parallax dataset list`")->required();
  make->add_option("--out", line.dataset.out, "Folder of the bundle")->required();
  make->add_option("--size", line.dataset.size, "small (default), medium or large");
  make->add_option("--seed", line.seed, "Instead of the scenario's seed");
  make->footer(
      "Examples:\n  parallax dataset make webshop --out webshop\n"
      "  parallax dataset make netbank --out exam --size medium --seed 2026");
  make->callback([&line, &action, make] {
    if (make->count("--seed") > 0) line.dataset.seed = line.seed;
    action = [&line] { return command_dataset_make(line.dataset); };
  });
  CLI::App* grade = app.add_subcommand("grade", "Grade an answer to a task of a data set");
  grade->add_option("task", line.grade.task, "Of `parallax dataset list`")->required();
  grade->add_option("answer", line.grade.answer, "Query (.sql), or its rows (.csv)")->required();
  grade->add_option("--size", line.grade.size, "Of the bundle: small (default), medium or large");
  grade->add_option("--seed", line.seed, "Of the bundle, where it was made with one");
  grade->add_option("--hidden-seed", line.grade.hidden_seeds,
                    "Seed of the hidden data, instead of one that follows from the bundle's "
                    "(repeatable)");
  grade->footer(
      "Examples:\n  parallax grade dedupe dedupe.sql\n"
      "  parallax grade dedupe dedupe.sql --hidden-seed 99 --hidden-seed 100");
  grade->callback([&line, &action, grade] {
    if (grade->count("--seed") > 0) line.grade.seed = line.seed;
    action = [&line] { return command_grade(line.grade); };
  });
}

}  // namespace parallax
